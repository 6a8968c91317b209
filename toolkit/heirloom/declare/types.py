"""What an annotation says: its parts, and how its author would write it."""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from heirloom.codecs import class_name
from heirloom.declare.columns import columns_of, spell_columns
from heirloom.records.files import Directory, File

__all__ = [
    "is_optional",
    "is_plain_container",
    "members_of_union",
    "of_format",
    "plain_type",
    "says_nothing",
    "spell",
    "typed",
]

_PLAIN = {"builtins", "collections", "collections.abc"}


def plain_type(hint: Any) -> Any:
    """The annotation without ``Annotated``; a `NewType` is what it is made of.

    ``Annotated[File, "csv"]`` is ``File["csv"]``.
    """
    if get_origin(hint) is Annotated:
        plain, *said = get_args(hint)
        return of_format(plain_type(plain), said)
    return plain_type(hint.__supertype__) if isinstance(hint, typing.NewType) else hint


def of_format(kind: Any, said: Iterable[Any]) -> Any:
    """A file's class bound to the format that is said of it; any other as it is."""
    formats = [each for each in said if isinstance(each, str)]
    return kind[formats[0]] if kind in (File, Directory) and formats else kind


def typed(hint: Any) -> Any:
    """The annotation with only what it says of the type: of ``Annotated``, a frame's columns."""
    columns = columns_of(hint)
    return plain_type(hint) if columns is None else Annotated[plain_type(hint), columns]


def says_nothing(hint: Any) -> bool:
    """Whether an annotation takes everything: ``Any``, or one that is not understood."""
    return hint is Any or isinstance(hint, str | typing.TypeVar | typing.ForwardRef)


def members_of_union(hint: Any) -> tuple[Any, ...] | None:
    """The members of a union; `None` where it is none."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else None


def is_optional(hint: Any) -> bool:
    """Whether `None` fits."""
    members = members_of_union(plain_type(hint))
    return members is not None and type(None) in members


def takes_text(hint: Any) -> bool:
    """Whether a text itself fits, so that none names a version."""
    hint = plain_type(hint)
    return str in (members_of_union(hint) or (hint,))


def is_plain_container(kind: Any) -> bool:
    """Whether it is a class of Python's own whose annotation tells its members."""
    return (
        isinstance(kind, type)
        and kind.__module__ in _PLAIN
        and issubclass(kind, collections.abc.Collection)
    )


def spell(hint: Any) -> str:
    """An annotation as its author would write it."""
    columns, hint = columns_of(hint), plain_type(hint)
    if columns is not None:
        return f"{_spelled(hint)} with {spell_columns(columns)}"
    return _spelled(hint)


def _spelled(hint: Any) -> str:
    if hint is None or hint is type(None):
        return "None"
    if isinstance(hint, type) and not get_args(hint):
        if issubclass(hint, File | Directory):
            form = hint.format_of_class()
            return f'{hint.__name__}["{form}"]' if form else hint.__name__
        root, _, name = class_name(hint).removeprefix("__main__.").rpartition(".")
        return f"{root.partition('.')[0]}.{name}" if root else name
    if (members := members_of_union(hint)) is not None:
        return " | ".join(map(spell, members))
    origin = get_origin(hint)
    if is_plain_container(origin) and origin.__module__ == "builtins":
        return f"{origin.__name__}[{', '.join(map(_argument, get_args(hint)))}]"
    return str(hint).replace("typing.", "")


def _argument(hint: Any) -> str:
    return "..." if hint is Ellipsis else spell(hint)
