"""The rules of lineage from free variables as small notebooks, one a rule.

They stand in `rules/`, and each begins with ``s`` and ``t``, which two sources have been bound to.
Behind a rule's name are the sources that the tracer gives the expression at its end: those that
really are in it, and those that only the approximation by cells adds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CASES", "Case"]

_RULE = re.compile(r"^## (.*): (.*)\n((?:.*\n)*?)# gives\n(.*)$", re.M)


@dataclass(frozen=True)
class Case:
    """One notebook: its cells, the expression at its end, what that is traced to."""

    rule: str
    cells: tuple[str, ...]
    result: str
    sources: frozenset[str]


def _cases() -> Iterator[Case]:
    for path in sorted(Path(__file__).with_name("rules").glob("*.txt")):
        text = path.read_text("utf-8")
        for rule, sources, cells, result in _RULE.findall(text):
            traced = frozenset(sources.split()) - {"-"}
            yield Case(rule, tuple(cells.split("# next\n")), result, traced)


CASES = list(_cases())
