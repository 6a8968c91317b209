"""What may be given where: values against annotations, and one annotation against another."""

from __future__ import annotations

import collections.abc
import enum
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from heirloom.records.files import Directory, File

__all__ = ["compatible", "fits", "is_optional", "plain_type", "spell"]

_NUMBERS: Mapping[type, tuple[type, ...]] = {float: (float, int), complex: (complex, float, int)}


def plain_type(hint: Any) -> Any:
    """The annotation without ``Annotated``."""
    return plain_type(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def _members(hint: Any) -> tuple[Any, ...] | None:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else None


def is_optional(hint: Any) -> bool:
    """Whether `None` fits."""
    members = _members(plain_type(hint))
    return members is not None and type(None) in members


def spell(hint: Any) -> str:
    """An annotation as its author would write it."""
    hint = plain_type(hint)
    if isinstance(hint, type) and not get_args(hint):
        form = getattr(hint, "_format", "")
        name = f'{hint.__name__}["{form}"]' if form else hint.__name__
        return (
            name
            if hint.__module__ in {"builtins", "heirloom.records.files"}
            else (f"{hint.__module__.partition('.')[0]}.{name}")
        )
    return str(hint).replace("typing.", "")


def fits(value: Any, hint: Any) -> bool:
    """Whether `value` may be given where `hint` stands; an annotation not understood takes all."""
    hint = plain_type(hint)
    if hint is Any or hint is None or isinstance(hint, str | typing.TypeVar):
        return hint is not None or value is None
    if (members := _members(hint)) is not None:
        return any(fits(value, member) for member in members)
    if get_origin(hint) is typing.Literal:
        return value in get_args(hint)
    origin = get_origin(hint)
    if origin is not None:
        return _fits_generic(value, origin, get_args(hint))
    if not isinstance(hint, type):
        return True
    if issubclass(hint, File | Directory):
        return _fits_file(value, hint)
    if isinstance(value, bool) and hint in (int, float):
        return False
    if issubclass(hint, enum.Enum) and isinstance(value, str):
        return value in hint.__members__ or value in [member.value for member in hint]
    try:
        return isinstance(value, _NUMBERS.get(hint, hint))
    except TypeError:
        return True


def _is_a(value: Any, kind: Any) -> bool:
    return isinstance(value, kind)


def _fits_generic(value: Any, origin: Any, args: tuple[Any, ...]) -> bool:
    if not isinstance(origin, type):
        return True
    if not _is_a(value, origin):
        return False
    if issubclass(origin, tuple) and args and args[-1] is not Ellipsis:
        return len(value) == len(args) and all(map(fits, value, args))
    if issubclass(origin, collections.abc.Mapping) and len(args) == 2:
        return all(fits(k, args[0]) and fits(v, args[1]) for k, v in value.items())
    if issubclass(origin, collections.abc.Collection) and args:
        return all(fits(item, args[0]) for item in value)
    return True


def _fits_file(value: Any, hint: Any) -> bool:
    if not _is_a(value, File if issubclass(hint, File) else Directory):
        return False
    wanted = hint.format_of_class()
    return not wanted or not getattr(value, "format", "") or value.format == wanted


def compatible(source: Any, target: Any) -> bool:
    """Whether what `source` annotates may be given where `target` stands.

    Unions: every member of the source must fit. What is not understood passes: the value
    itself is held against the annotation before the body runs.
    """
    source, target = plain_type(source), plain_type(target)
    if Any in (source, target) or source == target:
        return True
    if (members := _members(source)) is not None:
        return all(compatible(member, target) for member in members)
    if (members := _members(target)) is not None:
        return any(compatible(source, member) for member in members)
    bare_source, bare_target = get_origin(source) or source, get_origin(target) or target
    if source is None or target is None:
        return (source in (None, type(None))) == (target in (None, type(None)))
    if not (isinstance(bare_source, type) and isinstance(bare_target, type)):
        return True
    if issubclass(bare_target, File | Directory) and issubclass(bare_source, File | Directory):
        return _same_files(bare_source, bare_target)
    if bare_target in (int, float) and bare_source is bool:
        return False
    if not issubclass(bare_source, _NUMBERS.get(bare_target, bare_target)):
        return False
    pairs = zip(get_args(source), get_args(target), strict=False)
    return all(compatible(left, right) for left, right in pairs)


def _same_files(source: Any, target: Any) -> bool:
    if issubclass(source, File) != issubclass(target, File):
        return False
    wanted = target.format_of_class()
    return not wanted or not source.format_of_class() or source.format_of_class() == wanted
