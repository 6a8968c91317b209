"""The form of Python text of which its digest is taken: comments and formatting do not count.

Docstrings count, since programs read them (argparse, pydantic, prompts); their indentation does
not. The form is the same on every Python: it leaves out whatever newer parsers add and is empty.
"""

from __future__ import annotations

import ast
import inspect

from heirloom.declare.code.parsing import parse

__all__ = ["canonical"]

_LEFT_OUT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def canonical(code: str | ast.AST) -> str:
    """One text for all ways to write the same code; text that is no Python stays as it is."""
    if isinstance(code, ast.AST):
        return _node(code)
    try:
        return _node(parse(code))
    except (SyntaxError, ValueError):
        return code


def _node(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return f"{type(node.value).__name__}:{node.value!r}"
    parts = []
    for name, value in ast.iter_fields(node):
        if value is None or value == [] or name in _LEFT_OUT:
            continue
        if name == "body" and isinstance(node, _DOCUMENTED):
            value = _unindented(value)
        if isinstance(node, ast.JoinedStr):
            value = _joined(value)
        parts.append(f"{name}={_value(value)}")
    return f"{type(node).__name__}({', '.join(parts)})"


def _value(value: object) -> str:
    if isinstance(value, ast.AST):
        return _node(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)


def _unindented(body: list[ast.stmt]) -> list[ast.stmt]:
    """The body with its docstring, if it has one, as `inspect.cleandoc` gives it."""
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return [ast.Expr(ast.Constant(inspect.cleandoc(text))), *body[1:]]
    return body


def _joined(parts: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string, text that adjoins as one: parsers cut it in different ways."""
    whole = list[ast.expr]()
    for part in parts:
        match [*whole[-1:], part]:
            case [ast.Constant(value=str(before)), ast.Constant(value=str(text))]:
                whole[-1] = ast.Constant(before + text)
            case [*_, ast.Constant(value="")]:
                continue
            case _:
                whole.append(part)
    return whole
