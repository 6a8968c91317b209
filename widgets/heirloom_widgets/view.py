"""A widget drawn by a script beside it: traits go to the page, numbered messages come back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from heirloom.errors import HeirloomError

__all__ = ["Message", "View", "attempt", "complaint"]

# Callbacks come on the main thread, on a subshell's thread and on the pulse's, and panels
# call each other: one lock for all of them cannot deadlock.
_one_at_a_time = threading.RLock()

Message = Mapping[str, Any]


def complaint(error: Exception) -> str:
    """An error as the one line that a panel shows; what is not ours is logged as well."""
    if isinstance(error, HeirloomError):
        return str(error)
    logging.getLogger("heirloom").warning("A panel's callback failed", exc_info=error)
    return f"{type(error).__name__}: {error}"


def attempt(work: Callable[[], None]) -> str:
    """Do `work`, alone among the panels' callbacks; what went wrong as one line, or empty."""
    with _one_at_a_time:
        try:
            work()
        except Exception as error:  # a panel outlives whatever a callback meets
            return complaint(error)
    return ""


class View(anywidget.AnyWidget):
    """What the views have in common.

    `answer` is the number of the last message dealt with; `trouble` the one line that says
    what went wrong with it, or empty.
    """

    answer = traitlets.Int(0).tag(sync=True)
    trouble = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._handlers: dict[str, Callable[[Message], None]] = {}
        self.on_msg(lambda _widget, content, _buffers: self.hear(content))

    def answers(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Give messages of `kind` to `handler`."""
        self._handlers[kind] = handler

    def hear(self, message: Message) -> None:
        """Deal with one message from the page; an error becomes the view's `trouble`."""
        self.attempt(lambda: self._handlers[message["kind"]](message))
        self.answer = max(self.answer, message.get("seq", 0))

    def attempt(self, work: Callable[[], None]) -> None:
        """Do `work`, alone among the panels' callbacks; an error becomes `trouble`."""
        self.trouble = attempt(work)
