"""Completion on a magic's line: options, names of artifacts and plans, keys and their values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from heirloom.declare.port import open_port
from heirloom.magics.options import ALL
from heirloom.session import Session

__all__ = ["Completions", "candidates"]

_LINE = re.compile(r"^(%%?)(\w+)\s(.*)$", re.DOTALL)


class Completions:
    """One matcher in IPython's completer; it answers only on the lines of our magics."""

    def __init__(self, shell: Any) -> None:
        """Register it."""

        @context_matcher()  # type: ignore[untyped-decorator]  # IPython's has no types
        def heirloom_matcher(context: Any) -> dict[str, Any]:
            found = candidates(context.text_until_cursor, open_port())
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


def candidates(text: str, session: object) -> tuple[str, list[str]] | None:
    """What could follow `text`: the part being written, and its completions; `None` elsewhere."""
    line = _LINE.match(text.rpartition("\n")[2])
    if line is None or line[2] not in ALL:
        return None
    word = re.split(r"\s", line[3])[-1]
    if word.startswith("-"):
        return word, _beginning(word, ALL[line[2]].flags)
    if not isinstance(session, Session):
        return word, []
    if line[2] == "trigger":
        return word, _beginning(word, [plan.name for plan in session.plans()])
    prefix, name, bracket, inside = _parts(word)
    if not bracket:
        return word, [prefix + each for each in session.names(name)]
    before, _, last = inside.rpartition(",")
    head = f"{prefix}{name}[{f'{before},' if before else ''}"
    key, equals, value = last.partition("=")
    if equals:
        values = _beginning(value, session.partition_values(name, key))
        return word, [f"{head}{key}={each}" for each in values]
    declaration = session.declaration(name)
    keys = declaration.keys if declaration else ()
    return word, [f"{head}{each}=" for each in _beginning(key, keys)]


def _parts(word: str) -> tuple[str, str, str, str]:
    """``x=sales[region=`` in its parts: ``x=``, ``sales``, ``[``, ``region=``."""
    outer, bracket, inside = word.partition("[")
    binding, equals, name = outer.rpartition("=")
    return binding + equals, name, bracket, inside


def _beginning(start: str, texts: Iterable[str]) -> list[str]:
    return sorted(text for text in texts if text.startswith(start))
