"""What a panel has done beside the kernel, so that no callback holds the kernel up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heirloom_widgets.background import Newest
from heirloom_widgets.trouble import complaint
from heirloom_widgets.turns import alone, called, is_called, is_renewal, renewed

__all__ = ["Beside"]


class Beside:
    """Work by its name; of what is asked under one name the newest is answered."""

    def __init__(self, working: Callable[[bool], None], wrong: Callable[[str], None]) -> None:
        """Nothing is under way.

        Args:
            working: Told whether anything is.
            wrong: Told what went wrong, in one line.
        """
        self._working, self._wrong = working, wrong
        self._lanes: dict[str, Newest] = {}
        self._asked: dict[str, object] = {}

    def do(self, what: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do `work`, and give what it returns to `then`, which must be quick.

        Where a callback asks, both are done on a thread beside the kernel, `then` alone among the
        callbacks; in a line of somebody's code, before this returns.

        Args:
            what: Names the work.
            work: May take long, looks only at what it was given, and touches no widget.
            then: Shows what came of it.
        """
        if not is_called():
            self._forget(what)
            then(work())
            return
        token, renewal = object(), is_renewal()

        def come(outcome: tuple[Any, str]) -> None:
            called(lambda: renewed(lambda: self._come(what, token, outcome, then), renewal))

        with alone:
            self._asked[what] = token
            self._working(True)
        lane = self._lanes.setdefault(what, Newest(f"heirloom-{what}"))
        lane.ask(lambda: _outcome(work), come)

    def does(self, what: str) -> bool:
        """Whether work of that name is under way."""
        return what in self._asked

    def drop(self) -> None:
        """What is under way ends unheard."""
        for what in list(self._lanes):
            self._forget(what)

    def _forget(self, what: str) -> None:
        with alone:
            if what in self._lanes:
                self._lanes[what].drop()
            if self._asked.pop(what, None) is not None:
                self._working(bool(self._asked))

    def _come(
        self, what: str, token: object, outcome: tuple[Any, str], then: Callable[[Any], None]
    ) -> None:
        with alone:
            if self._asked.get(what) is not token:  # asked again, or dropped, a moment ago
                return
            del self._asked[what]
            value, trouble = outcome
            if not trouble:
                try:
                    then(value)
                except Exception as error:  # a panel outlives whatever a callback meets
                    trouble = complaint(error)
            if trouble:
                self._wrong(trouble)
            self._working(bool(self._asked))


def _outcome(work: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return work(), ""
    except Exception as error:  # whatever it meets is said in the panel
        return None, complaint(error)
