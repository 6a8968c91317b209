"""Where the text of a class stands; a class, unlike a function, does not know its own file."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.canonical import canonical
from heirloom.declare.code.compiled import POSTPONED, made_of
from heirloom.declare.code.source import (
    Source,
    definitions,
    functions_at,
    is_rewritten,
    segment,
)

__all__ = ["methods", "of_class"]


def of_class(cls: type) -> Source[ast.ClassDef]:
    """The text of a class; where several cells define its name, the one that fits this class.

    Raises:
        Bound: There is none, or it is no longer what the class was made of.
    """
    functions = list(methods(cls))
    files = [functions[0].__code__.co_filename] if functions else _files(cls)
    found = [(text, node) for text in map(_text, files) for node in _nodes(cls, text)]
    if functions:
        found = [(text, node) for text, node in found if _holds(node, functions)]
        if found and not any(_made_all(functions, text) for text, _ in found):
            raise Bound.edited()
    # A class may have been changed since; that decides only between texts that differ.
    fitting = [(text, node) for text, node in found if _fits(node, cls)]
    if not fitting and len({canonical(node) for _, node in found}) > 1:
        raise Bound.ambiguous()
    for text, node in fitting or found:
        return Source(segment(text, node), node, _postpones(cls, node, functions))
    raise Bound.nowhere()


def _text(file: str) -> str:
    return "".join(linecache.getlines(file))


def _nodes(cls: type, text: str) -> Iterator[ast.ClassDef]:
    """The definitions of the class's name in a text, the last first."""
    for qualname, node in reversed(definitions(text)):
        if isinstance(node, ast.ClassDef) and qualname == cls.__qualname__:
            yield node


def methods(cls: type) -> Iterator[FunctionType]:
    """The functions written in the class's own body: methods, static and class methods, getters."""
    for value in vars(cls).values():
        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
        if (
            isinstance(function, FunctionType)
            and function.__qualname__ == f"{cls.__qualname__}.{function.__code__.co_name}"
            and _is_written(cls, function.__code__)
        ):
            yield function


def _is_written(cls: type, code: CodeType) -> bool:
    """Whether it stands in the class: dataclasses and attrs add what they generate, or have.

    From 3.13 on ``<string>``, as dataclasses call what they generate, is what ``python -c`` runs.
    """
    text = _text(code.co_filename)
    generated = code.co_filename.startswith("<") and not any(functions_at(code, text))
    return any(_nodes(cls, text)) and not generated


def _files(cls: type) -> Iterator[str]:
    """Where a class without methods may stand: its module's file, or a cell, the latest first."""
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    if file:
        yield file
    for name, entry in reversed(list(linecache.cache.items())):
        match entry:  # a cell's entry has no time of change
            case (_, None, lines, _) if any(f"class {cls.__name__}" in line for line in lines):
                yield name


def _holds(node: ast.ClassDef, functions: list[FunctionType]) -> bool:
    lines = [function.__code__.co_firstlineno for function in functions]
    return node.lineno <= min(lines) and max(lines) <= (node.end_lineno or 0)


def _made_all(functions: list[FunctionType], text: str) -> bool:
    return all(is_rewritten(each) or made_of(each.__code__, text) for each in functions)


def _fits(node: ast.ClassDef, cls: type) -> bool:
    """Whether the names, literal values and annotations of a body are those of the class."""
    annotations = vars(cls).get("__annotations__", {})
    for part in node.body:
        match part:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                mangled = f"_{cls.__name__.lstrip('_')}{name}"
                fits = name in vars(cls) or mangled in vars(cls)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                fits = _is_valued(cls, name, value)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=hint, value=value):
                fits = not annotations or _is_hint(annotations.get(name), hint)
                fits = fits and (value is None or _is_valued(cls, name, value))
            case _:
                fits = True
        if not fits:
            return False
    return True


def _is_valued(cls: type, name: str, node: ast.expr) -> bool:
    """Whether a literal of the body is what the class holds under that name, if it holds it."""
    try:
        written = ast.literal_eval(node)
    except ValueError:
        return True
    held = vars(cls).get(name, written)
    for members in ("_field_defaults", "_member_map_"):
        held = getattr(cls, members, {}).get(name, held)
    if hasattr(held, "__get__"):
        return True
    return bool(getattr(held, "value", held) == written)


def _is_hint(held: Any, node: ast.expr) -> bool:
    if held is None:
        return False
    if isinstance(held, type) and isinstance(node, ast.Name):
        return held.__name__ == node.id
    return not isinstance(held, str) or held in (ast.unparse(node), getattr(node, "value", held))


def _postpones(cls: type, node: ast.ClassDef, functions: list[FunctionType]) -> bool:
    if functions:
        return bool(functions[0].__code__.co_flags & POSTPONED)
    held = vars(cls).get("__annotations__", {})
    return any(
        isinstance(part, ast.AnnAssign)
        and isinstance(part.target, ast.Name)
        and isinstance(held.get(part.target.id), str)
        and not isinstance(part.annotation, ast.Constant)
        for part in node.body
    )
