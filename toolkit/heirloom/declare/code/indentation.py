"""Moving text in and out without touching what its strings hold."""

from __future__ import annotations

import ast

from heirloom.declare.code.parsing import parse

__all__ = ["indented", "outdented"]

STEP = "    "


def indented(text: str) -> str:
    """A statement's text one step further in."""
    fixed = _inside_strings(parse(text))
    lines = text.splitlines()
    return "\n".join(
        line if number in fixed or not line.strip() else STEP + line
        for number, line in enumerate(lines, start=1)
    )


def outdented(lines: list[str], node: ast.stmt, first: int) -> str:
    """The lines of a statement, the first of them numbered `first`, moved to the margin."""
    fixed = _inside_strings(node)
    return "\n".join(
        line if number in fixed else _without(line, node.col_offset)
        for number, line in enumerate(lines, start=first)
    )


def _without(line: str, width: int) -> str:
    blank = len(line) - len(line.lstrip())
    return line[min(blank, width) :]


def _inside_strings(tree: ast.AST) -> set[int]:
    """The lines that begin inside a string, which indenting them would change."""
    fixed = set[int]()
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        if text or isinstance(node, ast.JoinedStr):
            assert isinstance(node, ast.expr)
            fixed.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return fixed
