"""Plain Python values as JSON, exactly: one tagging scheme for what JSON does not have.

A JSON object with a key that begins with ``$`` is always a tag and has that key alone. A
user's own such dict is written as ``{"$dict": [[key, value], ...]}``, as is one whose keys are
not all strings, so that nothing a user writes can be mistaken for a tag. All tags:
docs/format.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from heirloom.rebuilt import class_at, own_module

from . import moments, scalars
from .naming import article, class_name, is_exactly, is_instance
from .objects import State, revived, state_of
from .refusal import NotPlain

__all__ = ["READ", "from_json", "to_json"]

_DEEPEST = 60  # levels; a level costs up to three of JSON's, and orjson stops at 254
_SCALARS: Mapping[type, Callable[[Any], Any]] = {**scalars.WRITE, **moments.WRITE}


def to_json(value: Any, depth: int = 0) -> Any:
    """`value` as what a JSON encoder takes, tagged where needed.

    Raises:
        NotPlain: A part is of a class without a tag, or is nested too deep.
    """
    if depth > _DEEPEST:
        raise NotPlain("", f"nested over {_DEEPEST} levels deep")
    kind = type(value)
    if kind in _SCALARS:
        return _SCALARS[kind](value)
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](value, depth + 1)
    if isinstance(value, Enum):
        member = [own_module(kind.__module__), kind.__qualname__, value.name]
        return {"$enum": [*member, to_json(value.value, depth + 1)]}
    if isinstance(value, Path):
        return {"$path": scalars.text(str(value))}
    if is_instance(value, "numpy.generic"):
        return scalars.numpy_scalar(value)
    if is_exactly(value, "pandas.Timestamp"):
        return moments.timestamp(value)
    if (state := state_of(value)) is not None:
        where = [own_module(kind.__module__), kind.__qualname__]
        return {"$object": [*where, *_state(state, depth + 1)]}
    raise NotPlain("", article(class_name(kind)))


def from_json(value: Any) -> Any:
    """The value that `to_json` was given.

    Raises:
        ValueError: A tag that is not known, or is not well formed.
    """
    if type(value) is list:
        return [from_json(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key.startswith("$"):
            if key not in READ:
                raise ValueError(f"the tag {key!r} is not known")
            return READ[key](inner)
    return {key: from_json(item) for key, item in value.items()}


def _list(value: Iterable[Any], depth: int) -> list[Any]:
    done: list[Any] = []
    try:
        for item in value:
            done.append(to_json(item, depth))
    except NotPlain as exc:
        raise exc.inside(f"[{len(done)}]") from None
    return done


def _dict(value: dict[Any, Any], depth: int) -> Any:
    tagged = not all(map(_is_plain_key, value))
    pairs: list[Any] = []
    for key, item in value.items():
        where = " a key"
        try:
            name = to_json(key, depth) if tagged else key
            where = ""
            pairs.append([name, to_json(item, depth)])
        except NotPlain as exc:
            raise exc.inside(where or f"[{key!r}]") from None
    return {"$dict": pairs} if tagged else dict(pairs)


def _is_plain_key(key: object) -> bool:
    return type(key) is str and not key.startswith("$") and scalars.text(key) is key


def _state(state: State, depth: int) -> Iterator[Any]:
    """The fields, and what else there is, if anything."""
    for parts in (state.fields, state.more):
        done = {}
        for name, part in parts.items():
            try:
                done[name] = to_json(part, depth)
            except NotPlain as exc:
                raise exc.inside(f".{name}") from None
        if done or parts is state.fields:
            yield done


def _set(value: Iterable[Any], depth: int) -> list[Any]:
    return sorted(_list(value, depth), key=repr)


_CONTAINERS: dict[type, Callable[[Any, int], Any]] = {
    list: _list,
    dict: _dict,
    tuple: lambda value, depth: {"$tuple": _list(value, depth)},
    set: lambda value, depth: {"$set": _set(value, depth)},
    frozenset: lambda value, depth: {"$frozenset": _set(value, depth)},
}


def _read_enum(given: list[Any]) -> Any:
    """The member if its class is here by now, else its value: nothing is imported for it."""
    module, qualname, name, value = given
    found = class_at(module, qualname)
    if found is not None and issubclass(found, Enum) and name in found.__members__:
        return found.__members__[name]
    return from_json(value)


def _read_object(given: list[Any]) -> Any:
    """The object if its class is here by now with these fields, else a dict of them."""
    module, qualname, *parts = given
    fields, more = ({n: from_json(v) for n, v in part.items()} for part in (*parts, {})[:2])
    made = revived(class_at(module, qualname), State(fields, more))
    return fields if made is None else made


READ: Mapping[str, Callable[[Any], Any]] = {
    **scalars.READ,
    **moments.READ,
    "$path": lambda given: Path(from_json(given)),
    "$tuple": lambda given: tuple(map(from_json, given)),
    "$set": lambda given: set(map(from_json, given)),
    "$frozenset": lambda given: frozenset(map(from_json, given)),
    "$dict": lambda given: {from_json(key): from_json(item) for key, item in given},
    "$enum": _read_enum,
    "$object": _read_object,
}
"""By tag, the value."""
