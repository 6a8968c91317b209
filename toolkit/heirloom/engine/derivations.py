"""What each name of a notebook came from, cell by cell: names and items, never objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType
from typing import Any

from heirloom.declare.trace import Names, names

__all__ = ["Derivations"]

_Sources = dict[str, tuple[str, ...]]


class Derivations:
    """The sources of one kernel's names: item to the cells between, in the order they ran.

    The approximation is the cell's: after a cell, each name that it wrote depends on all that
    the cell read.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._of: dict[str, _Sources] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def of(self, found: Iterable[str], namespace: Mapping[str, Any]) -> _Sources:
        """The sources of what a text reads; a notebook function adds its own reads."""
        sources: _Sources = {}
        for name in _reached(found, namespace):
            sources |= self._of.get(name, {})
        return sources

    def wrote(
        self, found: Names, items: Iterable[str], cell: str, namespace: Mapping[str, Any]
    ) -> None:
        """Take in a cell that has run.

        Args:
            found: The names that its text reads and writes.
            items: What it read beside its names: what it pulled, what ``--from`` brought.
            cell: What to call the cell.
            namespace: The notebook's names.
        """
        sources = {item: (*via, cell) for item, via in self.of(found.reads, namespace).items()}
        sources |= {item: (cell,) for item in items}
        for name in found.writes:
            before = self._of.pop(name, {}) if name in found.mutated else {}
            self._of.pop(name, None)
            if merged := before | sources:
                self._of[name] = merged

    def hold(self, name: str, item: str) -> None:
        """`name` holds just `item`, with no cell between."""
        self._of[name] = {item: ()}


def _reached(found: Iterable[str], namespace: Mapping[str, Any]) -> Iterator[str]:
    """Names, and those that the notebook's functions among them read when they are called."""
    seen: set[str] = set()
    stack = list(found)
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        value = namespace.get(name)
        if isinstance(value, FunctionType) and value.__globals__ is namespace:
            stack += names(value.__code__).reads
