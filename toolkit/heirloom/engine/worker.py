"""A worker process: claims queued executions and runs them until its reactor lets it go."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from heirloom.catalog.protocol import Catalog, View
from heirloom.engine.claims import Claims
from heirloom.errors import CatalogError
from heirloom.records.executions import Execution

__all__ = ["serve"]

_log = logging.getLogger("heirloom")
_LOOK = 0.05
"""Seconds between two looks at whether somebody has died; new work is seen at once."""
_CANCELLED = 1.0
_LONG_LOOK = 0.02
_LONGEST_REST = 0.25


def serve(catalog: Catalog, claims: Claims, prepare: Callable[[View], None]) -> None:
    """Run what is queued until standard input ends or SIGTERM comes; drains what it runs.

    When there is nothing to run, and something was recorded since, it may `prepare` for what
    comes. Standard input is a pipe from the reactor: when the reactor dies, it ends. Bodies get an
    empty one.
    """
    stopping = threading.Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(_pipe(), stopping), daemon=True).start()
    _be_cancelled(catalog, claims)
    prepared: object = None
    while not stopping.is_set():
        position, began = catalog.position(), time.monotonic()
        try:
            ran = claims.run_next()
        except KeyboardInterrupt:
            continue
        if ran is None:
            if (took := time.monotonic() - began) > _LONG_LOOK:
                stopping.wait(min(took, _LONGEST_REST))  # thousands wait: half a core is enough
            if position != prepared:
                prepare(catalog.view())
                prepared = position
            claims.wait(position, _LOOK)
        else:
            _log.info("%s %s %s", ran.state, ran.name, ran.id)


def _be_cancelled(catalog: Catalog, claims: Claims) -> None:
    """Interrupt what runs here, once, if it is cancelled: when SIGUSR1 comes, or soon after.

    Who sent the signal saw that this process ran the execution; by now it may run another, so
    the catalog is asked, which a handler must not do. A signal that comes right before a call
    that waits is handled after it: so one that has to end a call is sent until it is handled,
    and the catalog is asked every second without one.
    """
    asked = threading.Semaphore(0)
    main = threading.get_ident()
    cancelled: set[str | None] = set()
    told: set[tuple[str, int]] = set()

    def on_asked(number: int, _: FrameType | None) -> None:
        asked.release()

    def on_cancelled(number: int, _: FrameType | None) -> None:
        if claims.running in cancelled:
            cancelled.clear()
            raise KeyboardInterrupt

    def look() -> None:
        while True:
            asked.acquire(timeout=_CANCELLED)
            with suppress(CatalogError):  # asked again a second later
                if (found := _cancelled(catalog, claims.running)) is not None:
                    interrupt(found)

    def interrupt(found: Execution) -> None:
        if (found.id, found.attempt) in told:
            return
        told.add((found.id, found.attempt))
        cancelled.add(found.id)
        while found.id in cancelled and claims.running == found.id:
            signal.pthread_kill(main, signal.SIGUSR2)
            time.sleep(_LOOK)
        cancelled.clear()

    signal.signal(signal.SIGUSR1, on_asked)
    signal.signal(signal.SIGUSR2, on_cancelled)
    threading.Thread(target=look, daemon=True).start()


def _cancelled(catalog: Catalog, running: str | None) -> Execution | None:
    """What runs, if it is cancelled."""
    found = catalog.view().execution(running) if running else None
    return found if found is not None and found.state == "cancelled" else None


def _pipe() -> int:
    """The pipe from the reactor, out of reach of what runs here."""
    pipe = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return pipe


def _watch(pipe: int, stopping: threading.Event) -> None:
    while os.read(pipe, 4096):
        pass
    stopping.set()
