"""A body's time limit."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from types import FrameType
from typing import Generic, TypeVar

from heirloom.errors import TaskTimeout

__all__ = ["in_time"]

T = TypeVar("T")


_GRACE = 2.0
"""Seconds that a body has to end in once it was told to."""


def in_time(seconds: float | None, name: str, body: Callable[[], T]) -> T:
    """What `body` gives; `seconds` is `None` for no limit.

    In a process's main thread a blocking call is interrupted. Elsewhere the body runs in a thread
    of its own, in a copy of this context: it is told at the next line of Python, and left behind
    where it does not come to one within two seconds more.

    Raises:
        TaskTimeout: It took longer.
    """
    if seconds is None:
        return body()
    if _alarm_is_free():
        with _alarm(seconds, name):
            return body()
    return _Apart(body).result(seconds, name)


def _over(seconds: float, name: str, end: str = "was stopped.") -> TaskTimeout:
    return TaskTimeout(f"{name!r} ran longer than its timeout of {seconds:g} s and {end}")


def _alarm_is_free() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
        and not signal.getitimer(signal.ITIMER_REAL)[0]
    )


@contextmanager
def _alarm(seconds: float, name: str) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise _over(seconds, name)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Thrown(BaseException):
    """What is thrown into a thread: a class only, it can carry nothing."""


class _Apart(threading.Thread, Generic[T]):
    """A body in a thread of its own, which can be waited for no longer."""

    def __init__(self, body: Callable[[], T]) -> None:
        super().__init__(name="heirloom-body", daemon=True)
        self._body = body
        self._context = copy_context()
        self._gave: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        with suppress(_Thrown):  # it may come right after the end
            try:
                self._gave.append(self._context.run(self._body))
            except BaseException as error:
                self._error = error

    def result(self, seconds: float, name: str) -> T:
        """What the body gives within its time; an interrupt of who waits stops it, too."""
        self.start()
        try:
            self.join(seconds)
        except BaseException:
            self._stop_soon()
            raise
        if self.is_alive():
            end = "was stopped." if self._stop_soon() else _LEFT
            raise _over(seconds, name, end)
        if self._error is not None:
            raise self._error
        return self._gave[0]

    def _stop_soon(self) -> bool:
        """Whether it ended after it was told to."""
        assert self.ident is not None
        what = ctypes.py_object(_Thrown)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), what)
        self.join(_GRACE)
        return not self.is_alive()


_LEFT = "did not stop: its thread goes on in vain until the call that it waits in returns."
