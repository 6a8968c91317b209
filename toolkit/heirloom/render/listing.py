"""A titled table, in text and in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heirloom.render.markup import frame, table

__all__ = ["Listing"]


@dataclass(frozen=True, slots=True)
class Listing:
    """A titled table."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[Sequence[str], ...]

    def __repr__(self) -> str:
        lines = [self.headers, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        told = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([self.title, *told])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.bundle()

    def bundle(self) -> dict[str, str]:
        """It as text and as HTML, by MIME type."""
        html = frame(self.title, table(self.rows, self.headers))
        return {"text/plain": repr(self), "text/html": html}
