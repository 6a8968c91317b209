"""A value as its annotation says: itself where it is that, else what it is without loss."""

from __future__ import annotations

import collections
import collections.abc
import enum
import typing
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from heirloom.codecs import class_name
from heirloom.codecs.objects import is_object
from heirloom.declare.columns import FRAMES, columns_of, dtypes_of, is_frame, why_not_columns
from heirloom.declare.fielded import fields_in, made_of, typed_dict
from heirloom.declare.frames import crossed
from heirloom.declare.misfit import Misfit, held
from heirloom.declare.scalars import NUMBERS, file_of, literal, member, text_of, unboxed
from heirloom.declare.types import (
    is_plain_container,
    members_of_union,
    plain_type,
    says_nothing,
    spell,
)
from heirloom.errors import CodecError
from heirloom.records.files import Directory, File

__all__ = ["conformed", "conforms"]

_AT_ONCE = frozenset({bool, int, float, str, bytes})
"""Of what long lists are made: they are looked through at once."""


def conforms(value: Any, hint: Any) -> bool:
    """Whether `conformed` gives it."""
    try:
        conformed(value, hint)
    except Misfit:
        return False
    return True


def conformed(value: Any, hint: Any) -> Any:
    """`value` as what `hint` annotates: the same object where it is that, else without loss.

    Text becomes the member of an enum, and a member its text; whole numbers the floats that are
    equal; numbers of NumPy those of Python; a frame one of another library; a mapping, or an
    object with more fields, a dataclass, a pydantic model or a named tuple. In containers and
    unions the same holds for each member. An annotation that is not understood takes everything.

    Raises:
        Misfit: It cannot be had so.
        MissingExtra: The library of the frame that is asked for is not installed.
    """
    if type(value) is hint:
        return value
    columns, hint = columns_of(hint), plain_type(hint)
    if says_nothing(hint):
        return value
    if hint is None or hint is type(None):
        return held(value, value is None)
    if (members := members_of_union(hint)) is not None:
        return _as_one_of(value, members)
    if get_origin(hint) is typing.Literal:
        return literal(value, get_args(hint))
    if (origin := get_origin(hint)) is not None:
        return _generic(value, origin, get_args(hint))
    if not isinstance(hint, type):
        return value
    made = _of_class(value, hint)
    if columns and (why := why_not_columns(dtypes_of(made), columns)):
        raise Misfit(value, why)
    return made


def _of_class(value: Any, kind: Any) -> Any:
    if type(value) is kind:
        return value
    if issubclass(kind, File | Directory):
        return file_of(value, kind)
    if kind in NUMBERS:
        return NUMBERS[kind](value)
    if typing.is_typeddict(kind):
        return _mapped(value, typed_dict(value, kind, _part))
    if _is_instance(value, kind):
        return value
    if kind is str:
        return text_of(value)
    if issubclass(kind, enum.Enum):
        return member(value, kind)
    if is_frame(kind):
        return _frame(value, class_name(kind))
    if is_object(kind) and (isinstance(value, Mapping) or is_object(type(value))):
        return made_of(value, kind, _part)
    if kind is dict and is_object(type(value)):
        return fields_in(value)
    raise Misfit(value)


def _is_instance(value: Any, kind: Any) -> bool:
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol, say, that cannot be asked
        return True


def _frame(value: Any, wanted: str) -> Any:
    if class_name(type(value)) not in FRAMES:
        raise Misfit(value)
    try:
        return crossed(value, wanted)
    except CodecError as error:
        raise Misfit(value, str(error).rstrip(".")) from error


def _part(value: Any, hint: Any, at: str) -> Any:
    try:
        return conformed(value, hint)
    except Misfit as misfit:
        raise misfit.inside(at) from None


# ---------------------------------------------------------------- unions


def _as_one_of(value: Any, options: tuple[Any, ...]) -> Any:
    """As the member of a union that it is; else as the only one that it can be had as."""
    if type(value) in options:
        return value
    plain = unboxed(value)
    had: list[tuple[Any, Any]] = []
    misfits: list[Misfit] = []
    for option in sorted(options, key=lambda each: not _is_of(plain, each)):
        try:
            made = conformed(value, option)
        except Misfit as misfit:
            misfits.append(misfit)
            continue
        if made is value or type(made) is type(plain) is plain_type(option):
            return made
        had.append((option, made))
    if len(had) > 1:
        raise Misfit(value, f"it could be {' or '.join(spell(option) for option, _ in had)}")
    if had:
        return had[0][1]
    telling = [each for each in misfits if each.reason]
    raise telling[0] if len(telling) == 1 else Misfit(value)


def _is_of(value: Any, hint: Any) -> bool:
    """Whether it is of an option's own class, which is then asked first."""
    hint = plain_type(hint)
    return type(value) is (get_origin(hint) or hint)


# ---------------------------------------------------------------- containers


def _generic(value: Any, origin: Any, args: tuple[Any, ...]) -> Any:
    if not isinstance(origin, type):
        return value
    if issubclass(origin, dict) and not isinstance(value, Mapping) and is_object(type(value)):
        value = fields_in(value)
    if not _is_instance(value, origin):
        raise Misfit(value)
    if not is_plain_container(origin) or not args:
        return value
    if issubclass(origin, tuple) and args[-1] is not Ellipsis:
        return _tuple(value, args)
    if issubclass(origin, collections.abc.Mapping):
        return _mapping(value, *args) if len(args) == 2 else value
    return _members(value, args[0])


def _tuple(value: Any, hints: tuple[Any, ...]) -> Any:
    if hints == ((),):
        hints = ()
    if len(value) != len(hints):
        raise Misfit(value, f"it has {len(value)} members, not {len(hints)}")
    pairs = zip(value, hints, strict=True)
    return _rebuilt(value, [_part(each, hint, f"[{i}]") for i, (each, hint) in enumerate(pairs)])


def _members(value: Any, hint: Any) -> Any:
    if isinstance(hint, type) and hint in _AT_ONCE and all(type(each) is hint for each in value):
        return value
    if isinstance(value, str | bytes):
        return held(value, all(conforms(each, hint) for each in value[:1]))
    return _rebuilt(value, [_part(each, hint, f"[{i}]") for i, each in enumerate(value)])


def _rebuilt(value: Any, parts: list[Any]) -> Any:
    """A container of these members: the same one where they are its own."""
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    if hasattr(value, "_make"):
        return value._make(parts)
    kinds = (list, tuple, set, frozenset, collections.deque)
    kind = next((kind for kind in kinds if isinstance(value, kind)), list)
    made: Any = kind(parts)
    return made if len(made) == len(parts) else held(value, False, "two of its members become one")


def _mapping(value: Any, key: Any, of: Any) -> Any:
    parts = {
        _part(name, key, f"key {name!r}"): _part(each, of, f"[{name!r}]")
        for name, each in value.items()
    }
    return _mapped(value, parts)


def _mapped(value: Any, parts: dict[Any, Any]) -> Any:
    """A mapping of these members: the same one where they are its own."""
    if len(parts) != len(value):
        raise Misfit(value, "two of its keys become one")
    pairs = zip(parts.items(), value.items(), strict=True)
    return value if all(a is c and b is d for (a, b), (c, d) in pairs) else parts
