"""What has a source closure: tasks, workflows and maps."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from heirloom.declare.closure import Closure
from heirloom.declare.code.seen import Seen

__all__ = ["Coded"]

# One at a time: CPython 3.11 counts the depth of all threads' syntax trees together (gh-106905).
_LOOKING = threading.RLock()


class Coded(ABC):
    """Code that is called as its names are now, and recorded as such."""

    _code: tuple[Closure, Seen] | None = None

    @abstractmethod
    def _look(self) -> tuple[Closure, Seen]:
        """The closure as the names are now."""

    @property
    def closure(self) -> Closure:
        """The source closure; its digest is the code's version.

        It is captured when it is first asked for, and anew when a name in it has come to stand
        for something else: who calls it runs that. What was rebuilt has the closure it was
        rebuilt from.
        """
        code = self._code
        if code is None or not code[1].holds():
            with _LOOKING:
                code = self._code = self._look()
                code[0].digest  # noqa: B018 - it parses, too
        return code[0]

    @closure.setter
    def closure(self, closure: Closure) -> None:
        self._code = closure, Seen()
