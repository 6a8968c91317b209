"""The text of a code cell: the magic that it stands under, and its Python."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

__all__ = ["CellText", "magic_lines"]

_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*([^\n]*)\n?")
_AROUND = frozenset({"capture", "prun", "time", "timeit"})
_LINE_MAGIC = re.compile(r"(\s*)(?:[%!?]|\w+\s*=\s*[%!]|[\w.]+\?{1,2}\s*$)")


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
        """The body's lines; those that are no Python, as line magics are, do nothing."""
        lines, magics = self.body.split("\n"), magic_lines(self.body)
        return [_idle(each) if at in magics else each for at, each in enumerate(lines)]

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


def magic_lines(body: str) -> frozenset[int]:
    """Which lines of a body, counted from 0, are a notebook's own: magics, ``!`` and ``?`` lines.

    A line that goes on with a string, with brackets or behind a backslash is Python, however it
    begins.
    """
    before: list[str] = []
    found = set()
    for at, line in enumerate(body.split("\n")):
        if _LINE_MAGIC.match(line) and not _is_open(before):
            found.add(at)
            line = _idle(line)
        before.append(line)
    return frozenset(found)


def _idle(line: str) -> str:
    """What stands for a line of no Python; in a block, a statement."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass" if indent else ""


def _is_open(lines: list[str]) -> bool:
    """Whether the statement that the lines end with goes on."""
    if lines and lines[-1].endswith("\\"):
        return True
    try:
        for _ in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            pass
    except tokenize.TokenError:  # the text ends in a string, or within brackets
        return True
    except SyntaxError:
        return False
    return False
