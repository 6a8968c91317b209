"""Whether a text is what a code object was compiled from."""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

__all__ = ["POSTPONED", "made_of"]

POSTPONED: int = annotations.compiler_flag
"""The flag of code whose annotations are kept as text."""


def made_of(code: CodeType, text: str, *, anywhere: bool = False) -> bool:
    """Whether `text`, compiled as `code` was, gives the same code at the same line, or anywhere."""
    return any(
        (anywhere or line == code.co_firstlineno) and any(_same(code, rival) for rival in rivals)
        for (name, line), rivals in _codes(text, code.co_flags & POSTPONED).items()
        if name == code.co_name
    )


@lru_cache(maxsize=128)
def _codes(text: str, flags: int) -> dict[tuple[str, int], list[CodeType]]:
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    found: dict[tuple[str, int], list[CodeType]] = {}
    tree = compile(text, "<text>", "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    # In a rebuilt text each fragment has its own; here the flags say it for all.
    tree.body = [each for each in tree.body if not _is_future(each)]
    for code in _nested(compile(tree, "<text>", "exec", flags=flags, dont_inherit=True)):
        found.setdefault((code.co_name, code.co_firstlineno), []).append(code)
    return found


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _same(one: CodeType, other: CodeType) -> bool:
    return (
        (one.co_code == other.co_code or _steps(one) == _steps(other))
        and one.co_names == other.co_names
        and one.co_varnames == other.co_varnames
        and one.co_freevars == other.co_freevars
        and len(one.co_consts) == len(other.co_consts)
        and all(map(_same_constant, one.co_consts, other.co_consts))
    )


def _steps(code: CodeType) -> list[tuple[str, object]]:
    """The instructions without what depends on the text around them.

    A call of an attribute is compiled in one way where its module is imported in the same text,
    and in another where it is not.
    """
    return [
        ("LOAD_ATTR" if step.opname == "LOAD_METHOD" else step.opname, _operand(step))
        for step in dis.get_instructions(code)
        if step.opname not in _PADDING
    ]


def _operand(step: dis.Instruction) -> object:
    if step.opcode in _JUMPS:
        return None
    if step.opcode in dis.hasconst:
        return step.arg
    return step.argval if step.opcode in dis.hasname else step.argrepr


_JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
_PADDING = frozenset({"CACHE", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL"})


def _same_constant(one: object, other: object) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return _same(one, other)
    return type(one) is type(other) and repr(one) == repr(other)
