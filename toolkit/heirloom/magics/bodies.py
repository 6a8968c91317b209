"""Cells of ours before they run: their Python is checked, and awaited where it awaits.

IPython runs a cell magic as a call with two strings, in which it looks for nothing. So a syntax
error in the body is raised here, where IPython shows it as the user's own, and the call of a body
with a top-level ``await`` is awaited in its turn.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from inspect import CO_COROUTINE
from typing import Any

__all__ = ["cell_text", "transformer"]

_CALL = "get_ipython().run_cell_magic("
_OURS = ("artifact", "task", "workflow")


def transformer(shell: Any) -> Callable[[list[str]], list[str]]:
    """An input transformer for ``shell.input_transformers_post``."""

    def checked(lines: list[str]) -> list[str]:
        if not lines or not lines[0].startswith(tuple(f"{_CALL}{name!r}" for name in _OURS)):
            return lines
        match ast.parse("".join(lines)).body:
            case [ast.Expr(ast.Call(args=[name, line, body]))]:
                said = map(ast.literal_eval, (name, line, body))
                if _awaits(shell, *said):
                    return [f"await {lines[0]}", *lines[1:]]
        return lines

    return checked


def cell_text(shell: Any, line: str, body: str) -> tuple[str, str]:
    """The Python text of a whole cell, and its body alone.

    In the first, every line has the number that it has in the cell.

    Args:
        shell: The notebook's.
        line: The cell's first line, which becomes a comment.
        body: What stands below it.
    """
    source = shell.transform_cell(body)
    blank = len(body) - len(body.lstrip("\n"))
    return f"# {line}\n" + "\n" * blank + source, source


def _awaits(shell: Any, name: str, line: str, body: str) -> bool:
    """Whether an emitting cell awaits.

    Raises:
        SyntaxError: The body is no Python.
    """
    line = f"%%{name} {line}"
    text, _ = cell_text(shell, line, body)
    file = shell.compile.cache(text, shell.execution_count, raw_code=f"{line}\n{body}")
    tree = ast.parse(text, file)
    if name != "artifact":
        return False
    flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(tree, file, "exec", flags, dont_inherit=True)
    return bool(code.co_flags & CO_COROUTINE)
