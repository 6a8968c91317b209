"""A widget drawn by a script beside it: traits go to the page, numbered messages come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from heirloom_widgets.turns import Troubles, attempt, called, renewed

__all__ = ["Message", "View"]

Message = Mapping[str, Any]


class View(anywidget.AnyWidget):
    """What the views have in common.

    `answer` is the number of the last message dealt with; `trouble` the one line that says
    what went wrong with it or with showing the view anew, or empty; `working` whether something
    goes on beside the kernel.
    """

    answer = traitlets.Int(0).tag(sync=True)
    trouble = traitlets.Unicode("").tag(sync=True)
    working = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._troubles = Troubles()
        self._handlers: dict[str, Callable[[Message], None]] = {}
        self.on_msg(lambda _widget, content, _buffers: self.hear(content))

    def answers(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Give messages of `kind` to `handler`."""
        self._handlers[kind] = handler

    def hear(self, message: Message) -> None:
        """Deal with one message from the page; an error becomes the view's `trouble`."""
        called(lambda: self.attempt(lambda: self._handlers[message["kind"]](message)))
        self.answer = max(self.answer, message.get("seq", 0))

    def attempt(self, work: Callable[[], None]) -> None:
        """Do what somebody asked for, alone among the panels' callbacks.

        An error becomes `trouble`, until the next that is asked for goes well.
        """
        renewed(lambda: self.tell(attempt(work)), on=False)

    def renew(self, work: Callable[[], None]) -> None:
        """Do `work`, which shows the view anew, alone among the panels' callbacks.

        An error becomes `trouble`, until it goes well; what was said of a message stays.
        """
        renewed(lambda: self.tell(attempt(work)))

    def tell(self, trouble: str) -> None:
        """Say what went wrong with what is done here; empty where nothing did."""
        self.trouble = self._troubles.take(trouble)
