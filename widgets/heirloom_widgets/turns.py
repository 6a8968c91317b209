"""Callbacks of the page and of the pulse: one at a time, and none of them waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar

from heirloom_widgets.trouble import complaint

__all__ = ["Troubles", "alone", "attempt", "called", "is_called", "is_renewal", "renewed"]

alone = threading.RLock()
"""Callbacks come on the main thread, on a subshell's, on the pulse's and on those beside the
kernel, and panels call each other: one lock for all of them cannot deadlock. Nothing slow is done
under it."""

_called: ContextVar[bool] = ContextVar("called", default=False)
_renewal: ContextVar[bool] = ContextVar("renewal", default=False)


class Troubles:
    """What went wrong with what somebody asked for, and with showing anew what is shown.

    They are kept apart: what is shown anew at anybody's next write wipes away no answer.
    """

    def __init__(self) -> None:
        self._asked = self._renewed = ""

    def take(self, trouble: str) -> str:
        """Take what went wrong with what is done here, or nothing; what there is to say."""
        if is_renewal():
            self._renewed = trouble
        else:
            self._asked = trouble
        return self._asked or self._renewed


def attempt(work: Callable[[], None]) -> str:
    """Do `work`, alone among the panels' callbacks; what went wrong as one line, or empty."""
    with alone:
        try:
            work()
        except Exception as error:  # a panel outlives whatever a callback meets
            return complaint(error)
    return ""


def called(work: Callable[[], None]) -> None:
    """Do `work` as a callback: what may take long in it goes on beside the kernel."""
    token = _called.set(True)
    try:
        work()
    finally:
        _called.reset(token)


def renewed(work: Callable[[], None], on: bool = True) -> None:
    """Do `work`, which shows anew what is shown; with `on` false, what somebody asked for."""
    token = _renewal.set(on)
    try:
        work()
    finally:
        _renewal.reset(token)


def is_renewal() -> bool:
    """Whether what is done here shows anew what is shown, and is not what somebody asked for."""
    return _renewal.get()


def is_called() -> bool:
    """Whether a callback asks for what is done here, and not a line of somebody's code."""
    return _called.get()
