"""Whether what one annotation promises may be given where another stands."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from heirloom.codecs import class_name
from heirloom.declare.columns import Columns, columns_of, is_frame, why_not_columns
from heirloom.declare.conform import conforms
from heirloom.declare.fielded import fields_wanted, has_fields
from heirloom.declare.misfit import told
from heirloom.declare.types import (
    is_plain_container,
    members_of_union,
    plain_type,
    says_nothing,
    spell,
)
from heirloom.errors import did_you_mean
from heirloom.records.files import Directory, File

__all__ = ["compatible", "why_not"]

_Pairs = frozenset[tuple[int, int]]
_WIDER: Mapping[type, tuple[str, ...]] = {
    bool: ("numpy.bool", "numpy.bool_"),
    int: ("numpy.integer",),
    float: ("int", "numpy.integer", "numpy.floating"),
    complex: ("int", "float", "numpy.integer", "numpy.floating", "numpy.complexfloating"),
}
"""Beside its own subclasses, of what each number is had; a bool is none of them."""
_BOXED: Mapping[str, type] = {
    "numpy.bool": bool,
    "numpy.bool_": bool,
    "numpy.integer": int,
    "numpy.floating": float,
    "numpy.complexfloating": complex,
}
"""What each scalar of NumPy is, out of its box."""


def compatible(source: Any, target: Any) -> bool:
    """Whether what `source` annotates may be given where `target` stands."""
    return why_not(source, target) is None


def why_not(source: Any, target: Any) -> str | None:
    """Why what `source` annotates cannot be given where `target` stands; `None` where it can.

    What can be had of some values of the source only, a member of an enum of a text, and what is
    not understood passes: the value itself is held against the annotation before the body runs.
    """
    return _why_not(source, target, frozenset())


def _why_not(source: Any, target: Any, seen: _Pairs) -> str | None:
    """Like `why_not`; a pair in `seen` is being asked for further up, in a class of itself."""
    if (members := members_of_union(plain_type(source))) is not None and source != target:
        return _first(_why_not(each, target, seen) for each in members)
    if get_origin(plain_type(source)) is typing.Literal:
        return _why_not_each(get_args(plain_type(source)), target)
    if (members := members_of_union(plain_type(target))) is not None and source != target:
        return _why_not_one_of(source, members, seen)
    columns = columns_of(source), columns_of(target)
    source, target = plain_type(source), plain_type(target)
    if says_nothing(source) or says_nothing(target):
        return None
    source, target = _none(source), _none(target)
    if source == target:
        return _why_not_columns(*columns)
    if get_origin(target) is typing.Literal:
        if isinstance(source, type) and issubclass(source, enum.Enum):
            return _why_not_each(source, target)
        kinds = [type(each) for each in get_args(target)]
        some = any(_why_not(source, kind, seen) is None for kind in kinds)
        return None if some else _no(source, target)
    from_, to = get_origin(source) or source, get_origin(target) or target
    if not (isinstance(from_, type) and isinstance(to, type)):
        return None
    if is_frame(from_) and is_frame(to):
        return _why_not_columns(*columns)
    return _why_not_class(source, target, from_, to, seen)


def _why_not_columns(has: Columns | None, wants: Columns | None) -> str | None:
    """Why not, where both ends say their columns; where one does, the frame itself tells."""
    return None if has is None or wants is None else why_not_columns(has, wants) or None


def _why_not_each(values: Iterable[Any], target: Any) -> str | None:
    bad = [each for each in values if not conforms(each, target)]
    return f"{told(bad[0])} is no {spell(target)}" if bad else None


def _none(hint: Any) -> Any:
    return type(None) if hint is None else hint


def _no(source: Any, target: Any) -> str:
    return f"{spell(source)} is no {spell(target)}"


def _why_not_class(source: Any, target: Any, from_: Any, to: Any, seen: _Pairs) -> str | None:
    if issubclass(from_, File | Directory) and issubclass(to, File | Directory):
        return _why_not_file(from_, to)
    if issubclass(from_, enum.Enum) and to is str:
        words = issubclass(from_, str) or all(isinstance(each.value, str) for each in from_)
        return None if words else f"{spell(source)} has members that are no text"
    if issubclass(to, enum.Enum):
        same = issubclass(from_, str | to) or class_name(from_) == class_name(to)
        return None if same else _no(source, target)
    if has_fields(to) and (has_fields(from_) or issubclass(from_, Mapping)):
        return _why_not_fields(source, target, from_, seen)
    if has_fields(from_) and to is dict:
        return _why_not_members(fields_wanted(from_), target, seen)
    if from_ is bool and to in _WIDER and to is not bool:
        return _no(source, target)
    if not _is_subclass(from_, to, unknown=True) and not _is_narrower(from_, to):
        return _no(source, target)
    return _why_not_arguments(source, target, to, seen)


def _is_subclass(source: type, target: type, *, unknown: bool) -> bool:
    try:
        return issubclass(source, target)
    except TypeError:  # a protocol, say, that cannot be asked
        return unknown


def _is_narrower(source: type, target: type) -> bool:
    names = _WIDER.get(target, ())
    return bool(names) and any(_full(each) in names for each in source.__mro__)


def _full(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def _why_not_file(source: Any, target: Any) -> str | None:
    if issubclass(source, File) != issubclass(target, File):
        return "a directory is no file" if issubclass(target, File) else "a file is no directory"
    has, wants = source.format_of_class(), target.format_of_class()
    return f"its format is {has}, not {wants}" if has and wants and has != wants else None


def _why_not_one_of(source: Any, members: tuple[Any, ...], seen: _Pairs) -> str | None:
    """A union takes what is one of its members, else what exactly one of them takes."""
    if says_nothing(plain_type(source)):
        return None
    standing = [each for each in members if _is_as_it_stands(source, each)]
    if standing:
        found = [_why_not(source, member, seen) for member in standing]
        return None if None in found else found[0]
    why = {at: _why_not(source, member, seen) for at, member in enumerate(members)}
    taking = [spell(members[at]) for at, each in why.items() if each is None]
    if len(taking) > 1:
        return f"{spell(source)} could be {' or '.join(taking)}"
    if taking:
        return None
    others = [at for at, each in enumerate(members) if each is not type(None)]
    whole = " | ".join(map(spell, members))
    return why[others[0]] if len(others) == 1 else f"{spell(source)} is no {whole}"


def _is_as_it_stands(source: Any, target: Any) -> bool:
    """Whether values of the source are of the target's class, with nothing made of them."""
    source, target = _none(plain_type(source)), plain_type(target)
    if says_nothing(target) or source == target:
        return True
    return (
        isinstance(source, type)
        and isinstance(target, type)
        and not (source is bool and target in _WIDER)
        and (_is_subclass(source, target, unknown=False) or _unboxed(source) is target)
    )


def _unboxed(kind: type) -> type:
    return next((_BOXED[name] for each in kind.__mro__ if (name := _full(each)) in _BOXED), kind)


# ---------------------------------------------------------------- what has parts


def _why_not_fields(source: Any, target: Any, from_: Any, seen: _Pairs) -> str | None:
    """The fields that are asked for must be there, each of a type that fits; more do no harm."""
    if (id(source), id(target)) in seen or _is_one(from_, target):
        return None
    seen |= {(id(source), id(target))}
    wanted = fields_wanted(target)
    if not has_fields(from_):  # a mapping: which keys it has is seen when it is there
        of = get_args(source)[1:] or (Any,)
        return _first(_why_not(of[0], f.hint, seen) for f in wanted.values())
    has = fields_wanted(from_)
    for name, field in wanted.items():
        if name not in has:
            if field.required:
                near = did_you_mean(name, has) or f" It has {', '.join(has) or 'none'}."
                return f"field {name!r} is missing.{near}".rstrip(".?")
        elif (why := _why_not(has[name].hint, field.hint, seen)) is not None:
            return f"field {name!r}: {why}"
    return None


def _is_one(source: Any, target: Any) -> bool:
    typed = typing.is_typeddict(target) or not isinstance(target, type)
    return not typed and issubclass(source, target)


def _why_not_members(fields: Mapping[str, Any], target: Any, seen: _Pairs) -> str | None:
    """Why an object's fields cannot be the members of a dict."""
    args = get_args(target)
    if len(args) != 2:
        return None
    for name, field in fields.items():
        if (why := _why_not(field.hint, args[1], seen)) is not None:
            return f"field {name!r}: {why}"
    return _why_not(str, args[0], seen)


def _why_not_arguments(source: Any, target: Any, to: Any, seen: _Pairs) -> str | None:
    has, wants = get_args(source), get_args(target)
    if not is_plain_container(to) or not has or not wants:
        return None
    if issubclass(to, tuple):
        return _why_not_tuple(has, wants, seen)
    return _first(_why_not(a, b, seen) for a, b in zip(has, wants, strict=False))


def _why_not_tuple(has: tuple[Any, ...], wants: tuple[Any, ...], seen: _Pairs) -> str | None:
    if wants[-1] is Ellipsis:
        members = has[:-1] if has[-1] is Ellipsis else has
        return _first(_why_not(each, wants[0], seen) for each in members)
    if has[-1] is Ellipsis:
        return f"it may have any number of members, not {len(wants)}"
    if len(has) != len(wants):
        return f"it has {len(has)} members, not {len(wants)}"
    return _first(_why_not(a, b, seen) for a, b in zip(has, wants, strict=True))


def _first(reasons: Iterable[str | None]) -> str | None:
    return next(filter(None, reasons), None)
