"""A worker process: claims queued executions and runs them until its reactor lets it go."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType

from heirloom.catalog import Catalog
from heirloom.engine.claims import Claims

__all__ = ["serve"]

_log = logging.getLogger("heirloom")


def serve(catalog: Catalog, claims: Claims) -> None:
    """Run what is queued until standard input ends or SIGTERM comes; drains what it runs.

    Standard input is a pipe from the reactor: when the reactor dies, it ends.
    """
    stopping = threading.Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(stopping,), daemon=True).start()
    while not stopping.is_set():
        position = catalog.position()
        ran = claims.run_next()
        if ran is None:
            catalog.wait(position, 0.25)
        else:
            _log.info("%s %s %s", ran.state, ran.name, ran.id)


def _watch(stopping: threading.Event) -> None:
    sys.stdin.buffer.read()
    stopping.set()
