"""The text that a cell gives to magics and to the system, as IPython's transformation left it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

__all__ = ["MagicText", "magic_text", "words_in"]

_ONCE = ("time", "capture", "prun")
"""Magics that run what they are given as Python, in the notebook's names, once."""
_DECLARE = ("task", "workflow")
_SAY = ("artifacts", "card", "heirloom", "lineage", "pull", "reactor", "run_workflow", "trigger")
"""Of ours: these say themselves what they read and bind."""
_SYSTEM = ("system", "getoutput")


@dataclass(frozen=True, slots=True)
class MagicText:
    """What a magic is given.

    Attributes:
        python: What it may run in the notebook's names.
        once: Whether it surely runs that, once.
        words: Of its other text; where one is a name, it may be read, and bound, by it.
    """

    python: str = ""
    once: bool = False
    words: frozenset[str] = frozenset()


def magic_text(node: ast.Call) -> MagicText | None:
    """What a call of `get_ipython()` hands over; `None` for any other call."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("get_ipython")), attr=call)):
            pass
        case _:
            return None
    given = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
    match call, given:
        case ("run_line_magic" | "run_cell_magic", [name, *_]) if name in _SAY:
            return MagicText()
        case ("run_cell_magic", [name, line, _]) if name in _DECLARE:
            return MagicText(words=words_in(line.partition("(")[0]))
        case ("run_line_magic", [name, line]) if _is_python(line):
            return MagicText(line, name in _ONCE)
        case ("run_cell_magic", [name, line, body]) if _is_python(body):
            return MagicText(body, name in _ONCE, words_in("" if name == "artifact" else line))
        case ("run_line_magic" | "run_cell_magic", [_, *texts]):
            return MagicText(words=words_in(*texts))
    return MagicText(words=words_in(*given)) if call in _SYSTEM else None


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def words_in(*texts: str) -> frozenset[str]:
    """Everything in some texts that could be a name."""
    return frozenset(re.findall(r"[^\W\d]\w*", " ".join(texts)))
