"""Objects with named fields: dataclasses, pydantic models, named tuples.

They are kept as their state, and made again from it without a constructor, as `copy` does it:
nothing of their class runs when a payload is read.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .naming import loaded

__all__ = ["Field", "State", "fields_of", "is_object", "parts_of", "revived", "state_of"]

_PYDANTIC = "pydantic.main.BaseModel"
_MORE = {name: f"__pydantic_{name}__" for name in ("extra", "private", "fields_set")}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a class: its annotation, and whether a value must be given."""

    hint: Any
    required: bool


@dataclass(frozen=True, slots=True)
class State:
    """What an object is made of: its fields in order, and what it holds beside them."""

    fields: dict[str, Any]
    more: dict[str, Any]


def is_object(kind: Any) -> bool:
    """Whether it is a dataclass, a pydantic model or a named tuple; imports nothing."""
    return isinstance(kind, type) and (
        dataclasses.is_dataclass(kind) or _is_named_tuple(kind) or _is_pydantic(kind)
    )


def fields_of(kind: type) -> dict[str, Field]:
    """The fields of a class that `is_object`, in order."""
    if _is_pydantic(kind):
        model: Any = kind
        return {n: Field(f.annotation, f.is_required()) for n, f in model.model_fields.items()}
    hints = _hints(kind)
    if not dataclasses.is_dataclass(kind):
        named: Any = kind
        return {
            name: Field(hints.get(name, Any), name not in named._field_defaults)
            for name in named._fields
        }
    missing = dataclasses.MISSING
    return {
        each.name: Field(
            hints.get(each.name, Any),
            each.init and each.default is missing and each.default_factory is missing,
        )
        for each in dataclasses.fields(kind)
    }


def _names(kind: Any) -> list[str]:
    if _is_pydantic(kind):
        return list(kind.model_fields)
    return (
        [f.name for f in dataclasses.fields(kind)]
        if dataclasses.is_dataclass(kind)
        else list(kind._fields)
    )


def state_of(value: Any) -> State | None:
    """What an object is made of; `None` where its class is none of these, or built on others."""
    kind = type(value)
    if _is_named_tuple(kind):
        return State(dict(zip(kind._fields, value, strict=True)), {})
    if _is_pydantic(kind):
        state = value.__getstate__()
        more = {name: state.get(kept) for name, kept in _MORE.items()}
        return State({name: state["__dict__"][name] for name in _names(kind)}, more)
    if not dataclasses.is_dataclass(kind) or kind.__new__ is not object.__new__:
        return None
    names = _names(kind)
    if not all(hasattr(value, name) for name in names):
        return None
    held = getattr(value, "__dict__", {}).items()
    more = {n: v for n, v in held if n not in names and not _is_cached(kind, n)}
    return State({name: getattr(value, name) for name in names}, more)


def parts_of(value: Any) -> Iterable[Any]:
    """What is directly inside of a container or of an object with named fields."""
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | set | frozenset) or type(value) is tuple:
        return value
    state = state_of(value)
    return () if state is None else state.fields.values()


def revived(kind: Any, state: State) -> Any:
    """An object of that state, made without running its class's code; `None` if it cannot be.

    The fields must be those that the class has now.
    """
    if not is_object(kind) or set(_names(kind)) != set(state.fields):
        return None
    if _is_named_tuple(kind):
        return tuple.__new__(kind, [state.fields[name] for name in kind._fields])
    if kind.__new__ is not object.__new__ and not _is_pydantic(kind):
        return None
    made = object.__new__(kind)
    if _is_pydantic(kind):
        more = {kept: state.more.get(name) for name, kept in _MORE.items()}
        more["__pydantic_fields_set__"] = set(more["__pydantic_fields_set__"] or ())
        typing.cast(Any, loaded(_PYDANTIC)).__setstate__(made, {"__dict__": state.fields, **more})
        return made
    for name, part in {**state.more, **state.fields}.items():
        if isinstance(getattr(kind, name, None), types.MemberDescriptorType):
            object.__setattr__(made, name, part)
        else:
            made.__dict__[name] = part
    return made


def _is_named_tuple(kind: Any) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _is_pydantic(kind: type) -> bool:
    base = loaded(_PYDANTIC)
    return base is not None and issubclass(kind, base) and kind is not base


def _is_cached(kind: type, name: str) -> bool:
    return isinstance(getattr(kind, name, None), cached_property)


def _hints(kind: type) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError):  # an annotation that names what is not there says nothing
        return {}
