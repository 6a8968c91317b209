"""Callbacks of the page and of the pulse: one at a time, and none of them waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar

from heirloom_widgets.trouble import complaint

__all__ = ["alone", "attempt", "called", "is_called"]

alone = threading.RLock()
"""Callbacks come on the main thread, on a subshell's, on the pulse's and on those beside the
kernel, and panels call each other: one lock for all of them cannot deadlock. Nothing slow is done
under it."""

_called: ContextVar[bool] = ContextVar("called", default=False)


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


def is_called() -> bool:
    """Whether a callback asks for what is done here, and not a line of somebody's code."""
    return _called.get()
