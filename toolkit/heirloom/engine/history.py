"""What was said of a name, or of one version of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.records.marks import Mark

__all__ = ["History"]


@dataclass(frozen=True, slots=True)
class History:
    """Marks, oldest first: where aliases were, each revision of a card, notes, yanks.

    Attributes:
        of: The name or the version, in words.
    """

    of: str
    marks: tuple[Mark, ...]

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.marks)

    def __len__(self) -> int:
        return len(self.marks)

    def __getitem__(self, at: int) -> Mark:
        return self.marks[at]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """When, by whom, of what, and in words; one row a mark."""
        return [
            (render.time_text(mark.at), mark.by, f"{mark.name}@{mark.version}", mark.words)
            for mark in self.marks
        ]

    def __repr__(self) -> str:
        return f"<history of {self.of}: {len(self.marks)} marks>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        lines = ["  ".join(row) for row in self.rows()]
        table = render.table(self.rows(), ("at", "by", "version", "said"))
        return {
            "text/plain": "\n".join([repr(self), *lines]),
            "text/html": render.frame(repr(self).strip("<>"), table),
        }
