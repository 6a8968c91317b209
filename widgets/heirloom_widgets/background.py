"""Work that must not hold the kernel up: what was asked last is done, beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from heirloom_widgets.trouble import complaint

__all__ = ["Newest"]

_MOST = 3
"""So many threads: one that hangs on a store that does not answer holds up no other."""


class Newest:
    """Does the newest of what it is asked, on threads that end by themselves.

    What was asked before and has not begun is dropped; what has begun ends unheard.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._number = self._alive = 0
        self._next: tuple[int, Callable[[], Any], Callable[[Any], None]] | None = None

    def ask(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do `work`, which says itself what goes wrong, and give what it returns to `then`.

        What either raises nevertheless is logged, and the next is done all the same.
        """
        with self._lock:
            self._number += 1
            self._next = self._number, work, then
            if self._alive >= _MOST:
                return
            self._alive += 1
        threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def drop(self) -> None:
        """What was asked so far is not wanted any more."""
        with self._lock:
            self._number += 1
            self._next = None

    def _work(self) -> None:
        while task := self._taken():
            try:
                self._do(*task)
            except Exception as error:  # a thread that died would be counted as alive for ever
                complaint(error)

    def _do(self, number: int, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        answer = work()
        with self._lock:
            wanted = number == self._number
        if wanted:
            then(answer)

    def _taken(self) -> tuple[int, Callable[[], Any], Callable[[Any], None]] | None:
        with self._lock:
            task, self._next = self._next, None
            self._alive -= task is None
            return task
