"""What a definition was given when it ran, where its names mean something else by now.

A default, an annotation, a base or a class attribute is evaluated once. The object keeps the value;
the name that the text has for it may have been bound anew, or have been local to a function that
has returned. What a decorator was given is kept nowhere: its arguments are evaluated anew.
"""

from __future__ import annotations

import ast
import builtins
import enum
import typing
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

from heirloom.declare.code.likeness import alike
from heirloom.declare.code.lines import lines_of
from heirloom.declare.code.origin import Raw
from heirloom.declare.code.parsing import parse
from heirloom.declare.code.scope import Function, bindings, parameters
from heirloom.declare.trace import names

__all__ = ["edited", "missing_hints"]

_MISSING = object()
_ARITHMETIC = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Constant, ast.Name, ast.Load)


def edited(
    text: str,
    raw: Raw,
    around: Mapping[str, Any],
    write: Callable[[str, Any], str],
) -> str:
    """The text, with the values themselves where its names no longer give them.

    Args:
        text: A definition, or a lambda expression.
        raw: What it defined.
        around: What the names around it mean now.
        write: An expression for a value, and the name that it is called by in an error.
    """
    edits = []
    for node, value in _given(_definition(text), raw):
        if _means(node, around, value):
            continue
        edits.append((node, write(min(_names_in(node), default=""), value)))
    for node, new in sorted(edits, key=lambda edit: _start(edit[0]), reverse=True):
        text = _replaced(text, node, new)
    return text


def missing_hints(text: str, raw: Raw, around: Mapping[str, Any]) -> dict[str, Any]:
    """What the names of annotations stood for, of those that mean nothing around the text."""
    node = _definition(text)
    found: dict[str, Any] = {}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        hints = getattr(raw, "__annotations__", {})
        written = [(each.arg, each.annotation) for each in parameters(node.args)]
        for name, part in [*written, ("return", node.returns)]:
            if part is not None and name in hints:
                found |= dict(_named(part, hints[name]))
    known = {*around, *dir(builtins), *(each.name for each in getattr(node, "type_params", ()))}
    return {name: value for name, value in found.items() if name not in known}


def _definition(text: str) -> ast.stmt | ast.expr:
    statement = parse(text).body[0]
    return statement.value if isinstance(statement, ast.Expr) else statement


def _given(node: ast.AST, raw: Raw) -> Iterator[tuple[ast.expr, Any]]:
    """The expressions of defaults, bases and class attributes, each with the value it had."""
    if isinstance(node, ast.ClassDef) and isinstance(raw, type):
        bases = {base.__name__: base for base in raw.__bases__}
        for part in node.bases:
            if isinstance(part, ast.Name) and part.id in bases:
                yield part, bases[part.id]
        if not issubclass(raw, enum.Enum):
            yield from _attributes(node, raw)
    elif isinstance(node, Function) and isinstance(raw, FunctionType):
        arguments = node.args
        values = raw.__defaults__ or ()
        if len(values) == len(arguments.defaults):
            yield from zip(arguments.defaults, values, strict=True)
        named = raw.__kwdefaults__ or {}
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None and argument.arg in named:
                yield default, named[argument.arg]


def _attributes(node: ast.ClassDef, cls: type) -> Iterator[tuple[ast.expr, Any]]:
    """The class attributes that are given by names from outside of the body."""
    local = set(bindings(node.body))
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=part):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as part):
                pass
            case _:
                continue
        held = vars(cls).get(name)
        if name in vars(cls) and not hasattr(held, "__get__") and not local & _names_in(part):
            yield part, held


def _names_in(node: ast.expr) -> frozenset[str]:
    return names(ast.Module([ast.Expr(node)], [])).reads


def _means(node: ast.expr, around: Mapping[str, Any], value: Any) -> bool:
    """Whether an expression still gives `value`; what cannot be told without running it does."""
    read = _names_in(node)
    if any(name not in around and not hasattr(builtins, name) for name in read):
        return False
    if isinstance(node, ast.Name):
        return alike(around.get(node.id, value), value)
    held = {name: around.get(name, _MISSING) for name in read}
    plain = all(type(each) in (int, float, str) for each in held.values())
    if not read or not plain or not all(isinstance(part, _ARITHMETIC) for part in ast.walk(node)):
        return True
    # Arithmetic on plain constants: evaluating it runs nothing of the user's.
    code = compile(ast.Expression(node), "<default>", "eval")
    return alike(eval(code, {"__builtins__": {}}, held), value)


def _named(node: ast.expr, value: Any) -> Iterator[tuple[str, Any]]:
    """The names in an annotation, each with the part of its value that it stood for."""
    if isinstance(node, ast.Name):
        yield node.id, value
    elif isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        values = typing.get_args(value)
        if len(parts) == len(values):
            for part, each in zip(parts, values, strict=True):
                yield from _named(part, each)


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _replaced(text: str, node: ast.expr, new: str) -> str:
    lines = lines_of(text)
    before = "".join(lines[: node.lineno - 1]).encode()
    lines_to_end = "".join(lines[: (node.end_lineno or node.lineno) - 1]).encode()
    start, end = len(before) + node.col_offset, len(lines_to_end) + (node.end_col_offset or 0)
    whole = text.encode()
    return (whole[:start] + new.encode() + whole[end:]).decode()
