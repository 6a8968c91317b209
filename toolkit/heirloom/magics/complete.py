"""Completion on a magic's line: options, names of artifacts and plans, keys and their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from heirloom.declare.port import open_port
from heirloom.errors import HeirloomError
from heirloom.lines.options import ALL
from heirloom.lines.words import begun
from heirloom.magics.offers import offered, offered_search
from heirloom.opening import current
from heirloom.session import Session
from heirloom.settings import Settings

__all__ = ["Completions", "candidates"]

_LINE = re.compile(r"^(%%\w+|\s*(?:\w+\s*=\s*)?(?P<line>%\w+))\s(.*)$", re.DOTALL)
"""The line of a magic; one of a line may stand in a block, or give what it returns to a name."""


class Completions:
    """One matcher in IPython's completer; it answers only on the lines of our magics."""

    def __init__(self, shell: Any) -> None:
        """Register it."""

        @context_matcher()  # type: ignore[untyped-decorator]  # IPython's has no types
        def heirloom_matcher(context: Any) -> dict[str, Any]:
            found = candidates(context.text_until_cursor, _session, shell.user_ns)
            if found is None:
                return {"completions": []}
            fragment, texts = found
            options = [SimpleCompletion(text) for text in texts]
            return {"completions": options, "suppress": True, "matched_fragment": fragment}

        self._matchers = shell.Completer.custom_matchers
        self._matcher = heirloom_matcher
        self._matchers.append(heirloom_matcher)

    def remove(self) -> None:
        """Take it away."""
        if self._matcher in self._matchers:
            self._matchers.remove(self._matcher)


def candidates(
    text: str, opened: Callable[[], Session | None], namespace: Mapping[str, Any]
) -> tuple[str, list[str]] | None:
    """What could follow `text`: the part being written, and its completions; `None` elsewhere.

    Args:
        text: The cell up to the cursor.
        opened: Gives the session to look in, asked on our lines alone; it may give none.
        namespace: The notebook's names.
    """
    line = _LINE.match(text.rpartition("\n")[2])
    magic = line and (line["line"] or line[1])
    if line is None or magic not in ALL:
        return None
    options, (before, word) = ALL[magic], begun(line[3])
    if word.startswith("-"):
        return word, sorted(flag for flag in options.flags_after(before) if flag.startswith(word))
    awaited = options.awaited(before)
    if isinstance(awaited, tuple):
        return word, [each for each in awaited if each.startswith(word)]
    try:
        session = opened()
        if session is None:
            return word, []
        if magic == "%artifacts":
            return offered_search(line[3], word, session)
        return word, list(offered(awaited, word, before, session, namespace))
    except HeirloomError:  # what is begun may be no ref yet
        return word, []


def _session() -> Session | None:
    """The session of this process; opened now where there is a home that could be looked into."""
    opened = open_port()
    if opened is None and (Settings.read().home / "journal.jsonl").exists():
        opened = current()
    return opened if isinstance(opened, Session) else None
