"""The types that annotations of a notebook name, told from its text."""

from __future__ import annotations

import ast
import importlib
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from heirloom.declare.artifact import Artifact
from heirloom.declare.code.home import is_local
from heirloom.declare.types import of_format
from heirloom.records.files import Directory, File
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["type_named"]

_OURS: Mapping[str, Any] = {
    f"heirloom.{kind.__name__}": kind
    for kind in (Artifact, ArtifactVersion, Directory, File, Query, Ref)
}
_IMPORTED = frozenset(
    {"builtins", "collections", "datetime", "decimal", "numbers", "pathlib", "typing", "uuid"}
)


def type_named(node: ast.expr, path: Callable[[ast.expr], str]) -> Any:
    """The type that an annotation names; `Any` where the text does not tell.

    Args:
        node: The annotation.
        path: Gives the dotted path that a name or an attribute stands for, or nothing.
    """
    try:
        return _type(node, path)
    except (TypeError, ValueError, SyntaxError):
        return Any


def _type(node: ast.expr, path: Callable[[ast.expr], str]) -> Any:
    match node:
        case ast.Constant(value=None):
            return types.NoneType
        case ast.Constant(value=str(text)):
            return _type(ast.parse(text, mode="eval").body, path)
        case ast.Constant(value=value) if value is ...:
            return value
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return typing.Union[_type(left, path), _type(right, path)]  # noqa: UP007 - of values
        case ast.Subscript(value=base, slice=inside):
            return _generic(_type(base, path), inside, path)
    return _at(path(node))


def _at(path: str) -> Any:
    """What stands at a dotted path.

    Raises:
        ValueError: The path is not known, or nothing stands there.
    """
    module, _, name = path.rpartition(".")
    if path in _OURS:
        return _OURS[path]
    if not module:
        raise ValueError(path)
    if module not in _IMPORTED:
        return _ByName(name, (), {"__module__": module})
    found = getattr(importlib.import_module(module), name, None)
    if found is None:
        raise ValueError(path)
    return found


def _generic(base: Any, inside: ast.expr, path: Callable[[ast.expr], str]) -> Any:
    parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if base is Annotated:
        said = (part.value for part in parts[1:] if isinstance(part, ast.Constant))
        return of_format(_type(parts[0], path), said)
    if base in (Literal, File, Directory):
        args = tuple(ast.literal_eval(part) for part in parts)
    else:
        args = tuple(_type(part, path) for part in parts)
    return base[args if len(args) > 1 else args[0]]


class _ByName(type):
    """A class known by its path; its module is imported when a value is held against it.

    A module of the user's own is not: all values fit until something else loads it. What
    turns out to be no class takes all values too.
    """

    def __instancecheck__(cls, value: object) -> bool:
        known = cls._known()
        return isinstance(value, known) if isinstance(known, type) else True

    def __subclasscheck__(cls, other: type) -> bool:
        known = cls._known()
        return issubclass(other, known) if isinstance(known, type) else True

    def _known(cls) -> Any:
        module = cls.__module__
        if module not in sys.modules and is_local(module):
            return None
        try:
            return getattr(importlib.import_module(module), cls.__name__, None)
        except ImportError:
            return None
