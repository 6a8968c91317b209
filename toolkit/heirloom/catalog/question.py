"""Questions to the index: what SQLite cannot read is broken, and none is under way in a fork.

A child has the memory of its parent but one thread alone. What another thread held of SQLite when
it was born, a mutex or its note of a lock, is held in the child for ever; SQLite has nothing to
call after a fork. So forks wait until no other thread asks, and questions until the fork is over.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from threading import get_ident
from types import TracebackType
from typing import TypeVar

__all__ = ["IndexBroken", "each_a_question", "question"]

T = TypeVar("T")

_LONGEST = 1.0
"""Seconds that a fork waits: one question may be longer, a fork that never comes is worse."""


class IndexBroken(Exception):
    """The index is not what it should be; made anew from the journal, it will be."""


class _Question:
    """A class and no generator: it stands around every question."""

    def __init__(self) -> None:
        self._under_way: dict[int, int] = {}
        self._turn = threading.Lock()
        self._forking = False
        self._over = threading.Event()

    def __enter__(self) -> None:
        own = get_ident()
        self._under_way[own] = self._under_way.get(own, 0) + 1
        if self._forking and self._under_way[own] == 1:
            self._stand_back(own)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        own = get_ident()
        left = self._under_way.get(own, 1) - 1
        if left:
            self._under_way[own] = left
        else:
            self._under_way.pop(own, None)
        if isinstance(error, sqlite3.Error | UnicodeDecodeError):
            raise IndexBroken(str(error)) from error

    def _stand_back(self, own: int) -> None:
        """Let the fork go first."""
        while self._forking:
            self._under_way.pop(own, None)
            self._over.wait(_LONGEST)
            self._under_way[own] = 1

    def await_other(self, thread: int | None) -> bool:
        """Wait, for as long as a fork would, for that thread's question; whether it is over."""
        until = time.monotonic() + _LONGEST
        while thread != get_ident() and thread in self._under_way:
            if time.monotonic() > until:
                return False
            time.sleep(0.0002)
        return True

    def before_fork(self) -> None:
        """Wait for the questions of other threads, and hold back new ones."""
        self._turn.acquire()
        self._over.clear()
        self._forking = True
        own, until = get_ident(), time.monotonic() + _LONGEST
        while set(self._under_way) - {own} and time.monotonic() < until:
            time.sleep(0.0002)

    def after_fork(self) -> None:
        """Let questions through again."""
        self._forking = False
        self._over.set()
        self._turn.release()

    def after_fork_in_child(self) -> None:
        """Forget the questions of threads that are not here."""
        own = get_ident()
        self._under_way = {own: self._under_way[own]} if own in self._under_way else {}
        self._turn = threading.Lock()
        self._over = threading.Event()
        self._forking = False


_QUESTION = _Question()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_QUESTION.before_fork,
        after_in_parent=_QUESTION.after_fork,
        after_in_child=_QUESTION.after_fork_in_child,
    )


def question() -> _Question:
    """What stands around whatever SQLite is asked or told; its errors become `IndexBroken`."""
    return _QUESTION


def each_a_question(items: Iterable[T]) -> Iterator[T]:
    """The items; while the caller works on one, a question is under way."""
    for item in items:
        with _QUESTION:
            yield item
