"""A cell's read and write sets: which names of the notebook its text reads and writes.

The text is read, never run. A name is *read* unless the text has surely bound it before; it is
*written* by any binding, and when it is the root of an attribute call, of an attribute or
subscript store, or of an augmented assignment. What `exec` and imported functions do is not seen.
"""

from __future__ import annotations

import ast
import dis
from dataclasses import dataclass
from types import CodeType

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.parsing import parse
from heirloom.declare.code.source import of_code
from heirloom.declare.code.walk import Walk

__all__ = ["Names", "names"]


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a text reads and writes; names of builtins too, which a notebook may bind."""

    reads: frozenset[str] = frozenset()
    """Read from outside, at once or by a function that the text defines."""
    writes: frozenset[str] = frozenset()
    """Bound, deleted or changed in place; ``*`` stands for a star import."""
    mutated: frozenset[str] = frozenset()
    """Those of `writes` that are only changed in place: a module among them is not written."""
    now: frozenset[str] = frozenset()
    """Those of `reads` that are read while the text itself runs."""
    soon: frozenset[str] = frozenset()
    """Those of `reads` that a lambda reads, which may run at once."""
    sure: frozenset[str] = frozenset()
    """Those of `writes` that have surely been bound or deleted when the text has ended."""
    hints: frozenset[str] = frozenset()
    """Names in annotations; where those are kept as text, nothing has to be bound to them."""


def names(source: str | ast.Module | CodeType, *, loops_run: bool = False) -> Names:
    """The names read and written by a cell's Python text, or by a call of a function's code.

    Args:
        source: Text after IPython's transformation (top-level ``await`` is allowed), its tree, or
            the code of a function, of which the body counts and the signature does not. Of code
            that has no text only plain reads and global stores are known.
        loops_run: Take it that the body of a loop runs at least once.

    Raises:
        SyntaxError: The text is no Python.
    """
    if isinstance(source, CodeType):
        return _names_of_code(source)
    tree = parse(source) if isinstance(source, str) else source
    postponed = any(_postpones(statement) for statement in tree.body)
    walk = Walk(loops_run=loops_run, annotations_are_text=postponed)
    walk.block(tree.body)
    return _names(walk)


def _names(walk: Walk, without: frozenset[str] = frozenset()) -> Names:
    return Names(
        reads=frozenset(walk.reads - without),
        writes=frozenset((walk.bound | walk.mutated) - without),
        mutated=frozenset(walk.mutated - walk.bound - without),
        now=frozenset(walk.now),
        soon=frozenset(walk.soon),
        sure=frozenset(walk.scopes[0].sure),
        hints=frozenset(walk.hints),
    )


def _names_of_code(code: CodeType) -> Names:
    try:
        node = of_code(code).node
    except Bound:
        return _names_by_instruction(code)
    walk = Walk()
    walk.body_of(node)
    return _names(walk, without=frozenset(code.co_freevars))


def _names_by_instruction(code: CodeType) -> Names:
    reads, writes = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            reads.add(step.argval)
        elif step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            writes.add(step.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            inner = _names_by_instruction(constant)
            reads |= inner.reads
            writes |= inner.writes
    return Names(frozenset(reads), frozenset(writes))


def _postpones(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
    )
