"""Hear when anyone has written to the catalog, or a reactor came or went: one quiet thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from heirloom_widgets.turns import called

__all__ = ["PERIOD", "watch"]

PERIOD = 1.0
_pulses: WeakKeyDictionary[Any, _Pulse] = WeakKeyDictionary()
_guard = threading.Lock()


def watch(session: Any, heard: Callable[[], None]) -> Callable[[], None]:
    """Call `heard`, on a thread of its own, within about a second of any such thing.

    `heard` says itself what goes wrong in it.

    Returns:
        What ends it; the thread ends with its last listener.
    """
    with _guard:
        pulse = _pulses.get(session)
        if pulse is None or not pulse.listeners:
            pulse = _pulses[session] = _Pulse(session)
            pulse.listeners.append(heard)
            threading.Thread(target=pulse.beat, name="heirloom-pulse", daemon=True).start()
        else:
            pulse.listeners.append(heard)
    return lambda: _leave(pulse, heard)


def _leave(pulse: _Pulse, heard: Callable[[], None]) -> None:
    with _guard:
        if heard in pulse.listeners:
            pulse.listeners.remove(heard)
        if not pulse.listeners:
            pulse.ended.set()


class _Pulse:
    """Asks for the catalog's position, and whether a reactor lives, again and again."""

    def __init__(self, session: Any) -> None:
        self.listeners: list[Callable[[], None]] = []
        self.ended = threading.Event()
        self._position = session.catalog.position
        self._reacts = session.reactor.runs_anywhere
        self._seen = self._now()

    def beat(self) -> None:
        """Until the last listener has left."""
        while not self.ended.wait(PERIOD):
            now = self._now()
            if now == self._seen:
                continue
            self._seen = now
            for heard in tuple(self.listeners):
                called(heard)

    def _now(self) -> tuple[int, bool] | None:
        """Both, or `None` while the catalog cannot be read (listeners then say so)."""
        try:
            return int(self._position()), bool(self._reacts())
        except Exception:  # a catalog that is closed or gone raises whatever its engine does
            return None
