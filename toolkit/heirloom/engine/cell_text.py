"""The text of a code cell: the magic that it stands under, and its Python."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

__all__ = ["CellText"]

_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*([^\n]*)\n?")
_AROUND = frozenset({"capture", "prun", "time", "timeit"})
_NO_PYTHON = ("%", "!", "?")


@dataclass(frozen=True, slots=True)
class CellText:
    """A cell as far as its first line tells; magics that only time or capture are left out.

    Attributes:
        magic: The name of the cell magic; empty for a cell that is plain Python.
        line: What stands behind it.
        body: What stands below it, or the whole text.
    """

    magic: str
    line: str
    body: str

    @classmethod
    def of(cls, source: str) -> CellText:
        """The cell with this text."""
        found = _MAGIC.match(source)
        if found is None:
            return cls("", "", source)
        name, line, body = found[1], found[2].strip(), source[found.end() :]
        return cls.of(body) if name in _AROUND else cls(name, line, body)

    @property
    def lines(self) -> list[str]:
        """The body's lines; those that are no Python, as line magics are, are empty."""
        return ["" if each[:1] in _NO_PYTHON else each for each in self.body.split("\n")]

    @property
    def tree(self) -> ast.Module:
        """The body as Python, as it stands or without lines of magics.

        Raises:
            SyntaxError: It is none.
        """
        try:
            return ast.parse(self.body)
        except SyntaxError:
            return ast.parse("\n".join(self.lines))
