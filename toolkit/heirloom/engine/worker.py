"""A worker process: claims queued executions and runs them until its reactor lets it go."""

from __future__ import annotations

import logging
import os
import signal
import threading
from types import FrameType

from heirloom.catalog import Catalog
from heirloom.engine.claims import Claims

__all__ = ["serve"]

_log = logging.getLogger("heirloom")
_LOOK = 0.05
"""Seconds between two looks at whether somebody has died; new work is seen at once."""


def serve(catalog: Catalog, claims: Claims) -> None:
    """Run what is queued until standard input ends or SIGTERM comes; drains what it runs.

    Standard input is a pipe from the reactor: when the reactor dies, it ends. Bodies get an
    empty one.
    """
    stopping = threading.Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(_pipe(), stopping), daemon=True).start()
    while not stopping.is_set():
        position = catalog.position()
        ran = claims.run_next()
        if ran is None:
            catalog.wait(position, _LOOK)
        else:
            _log.info("%s %s %s", ran.state, ran.name, ran.id)


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
