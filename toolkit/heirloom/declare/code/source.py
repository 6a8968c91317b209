"""Where the text of a function stands: in a file, or in a cell that `linecache` holds."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Generic, TypeAlias, TypeVar

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.canonical import canonical
from heirloom.declare.code.compiled import POSTPONED, made_of
from heirloom.declare.code.indentation import outdented
from heirloom.declare.code.lines import lines_of
from heirloom.declare.code.parsing import parse
from heirloom.declare.code.scope import Function

__all__ = [
    "Definition",
    "Source",
    "definitions",
    "functions_at",
    "is_rewritten",
    "of_code",
    "of_function",
    "segment",
]

Definition: TypeAlias = Function | ast.ClassDef
N_co = TypeVar("N_co", bound=Definition, covariant=True)


@dataclass(frozen=True, slots=True)
class Source(Generic[N_co]):
    """The text of one definition."""

    text: str
    """From its first decorator on, unindented, as it was written; of a lambda the expression."""
    node: N_co
    """Its node in the tree of the whole file."""
    postponed: bool
    """Whether its annotations are kept as text."""


def of_function(function: FunctionType) -> Source[Function]:
    """The text of a function or lambda.

    Raises:
        Bound: There is none, or it is no longer what the function was made of.
    """
    return of_code(function.__code__, verify=not is_rewritten(function))


def is_rewritten(function: FunctionType) -> bool:
    """Whether pytest compiled it from a tree of its own: its text is right all the same."""
    loader = function.__globals__.get("__loader__")
    return type(loader).__name__ == "AssertionRewritingHook"


def of_code(code: CodeType, *, verify: bool = False) -> Source[Function]:
    """The text of a function's code.

    Args:
        code: A function's code object.
        verify: Whether the text, compiled, has to give that very code.

    Raises:
        Bound: There is none.
    """
    found = False
    for text in _versions(code.co_filename):
        for node in functions_at(code, text):
            if not verify or made_of(code, text):
                return Source(segment(text, node), node, bool(code.co_flags & POSTPONED))
        found = True
    raise Bound.edited() if found else Bound.nowhere()


def _versions(file: str) -> Iterator[str]:
    """The text of a file as it was last read and, where that does not do, as it is now."""
    held = "".join(linecache.getlines(file))
    if held:
        yield held
    linecache.checkcache(file)
    fresh = "".join(linecache.getlines(file))
    if fresh != held:
        yield fresh


def functions_at(code: CodeType, text: str) -> Iterator[Function]:
    """The functions of a text that may be what a code object was made of, by name and line."""
    for _, node in definitions(text):
        if isinstance(node, ast.ClassDef) or _first_line(node) != code.co_firstlineno:
            continue
        if isinstance(node, ast.Lambda):
            body = node.body
            span = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
            if code.co_name == "<lambda>" and span in code.co_positions():
                yield node
        elif node.name == code.co_name:
            yield node


def _first_line(node: Definition) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min(part.lineno for part in [node, *decorators])


@lru_cache(maxsize=256)
def definitions(text: str) -> tuple[tuple[str, Definition], ...]:
    """Every function, lambda and class of a text, in order, each with its qualified name.

    There are none in a text that is no Python.
    """
    try:
        return tuple(_below(parse(text), ""))
    except (SyntaxError, ValueError):
        return ()


def _below(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = prefix + child.name
            yield name, child
            inner = "." if isinstance(child, ast.ClassDef) else ".<locals>."
            yield from _below(child, name + inner)
        else:
            if isinstance(child, ast.Lambda):
                yield prefix + "<lambda>", child
            yield from _below(child, prefix)


def segment(text: str, node: Definition) -> str:
    """The part of a text that a definition takes, with its decorators, unindented."""
    if isinstance(node, ast.Lambda):
        return ast.get_source_segment(text, node) or ast.unparse(node)
    first = _first_line(node)
    lines = [line.rstrip("\r\n") for line in lines_of(text)[first - 1 : node.end_lineno]]
    lines[-1] = lines[-1].encode()[: node.end_col_offset].decode()
    written = outdented(lines, node, first)
    return written if canonical(written) == _alone(node) else ast.unparse(node)


def _alone(node: Definition) -> str:
    return canonical(ast.Module([node], [])) if isinstance(node, ast.stmt) else canonical(node)
