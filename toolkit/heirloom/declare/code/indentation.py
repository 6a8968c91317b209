"""Moving text in and out without touching what its strings hold."""

from __future__ import annotations

import ast

from heirloom.declare.code.lines import BLANK, lines_of, margin
from heirloom.declare.code.parsing import parse

__all__ = ["indented", "outdented"]

STEP = "    "


def indented(text: str) -> str:
    """A statement's text one step further in."""
    fixed = _inside_strings(parse(text))
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    return "\n".join(
        line if number in fixed or not line.strip() else _further(line)
        for number, line in enumerate(lines, start=1)
    )


def outdented(lines: list[str], node: ast.stmt, first: int) -> str:
    """The lines of a statement, the first of them numbered `first`, moved to the margin."""
    fixed = _inside_strings(node)
    own = lines[node.lineno - first][: node.col_offset]
    width = len(own) - margin(own)
    return "\n".join(
        line if number in fixed else _without(line, width)
        for number, line in enumerate(lines, start=first)
    )


def _further(line: str) -> str:
    at = margin(line)
    return line[:at] + STEP + line[at:]


def _without(line: str, width: int) -> str:
    at = margin(line)
    blank = len(line) - at - len(line[at:].lstrip(BLANK))
    return line[:at] + line[at + min(blank, width) :]


def _inside_strings(tree: ast.AST) -> set[int]:
    """The lines that begin inside a string, which indenting them would change."""
    fixed = set[int]()
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        if text or isinstance(node, ast.JoinedStr):
            assert isinstance(node, ast.expr)
            fixed.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return fixed
