"""What has named fields: dataclasses, pydantic models, named tuples, typed dicts."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Collection, Mapping
from typing import Any

from heirloom.codecs import loaded
from heirloom.codecs.objects import Field, fields_of, is_object, state_of
from heirloom.declare.misfit import Misfit
from heirloom.errors import did_you_mean

__all__ = ["Part", "fields_in", "fields_wanted", "has_fields", "made_of", "typed_dict"]

Part = Callable[[Any, Any, str], Any]
"""Makes a part conform to its annotation; the last is where it stands."""


def has_fields(kind: Any) -> bool:
    """Whether a class names its fields."""
    return is_object(kind) or typing.is_typeddict(kind)


def fields_wanted(kind: Any) -> dict[str, Field]:
    """The fields of a class that `has_fields`."""
    if not typing.is_typeddict(kind):
        return fields_of(kind)
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: _key(hint, name in kind.__required_keys__) for name, hint in hints.items()}


def _key(hint: Any, required: bool) -> Field:
    """A key of a typed dict, which cannot tell by itself what stands in a postponed annotation."""
    origin = typing.get_origin(hint)
    if origin in (typing.Required, typing.NotRequired):
        return Field(typing.get_args(hint)[0], origin is typing.Required)
    return Field(hint, required)


def fields_in(value: Any) -> dict[str, Any]:
    """What stands in the fields of an object."""
    state = state_of(value)
    if state is None:
        raise Misfit(value, "its fields cannot be told")
    return state.fields


def made_of(value: Any, kind: Any, part: Part) -> Any:
    """An object of `kind`, from a mapping or from an object with its fields and maybe more.

    A pydantic model holds its fields to its own rules, as it does anywhere.

    Raises:
        Misfit: A field is missing, strange or of another type, or the class refuses it.
    """
    wanted = fields_of(kind)
    given: Mapping[Any, Any] = value
    if not isinstance(value, Mapping):
        given = {name: each for name, each in fields_in(value).items() if name in wanted}
    base = loaded("pydantic.main.BaseModel")
    is_model = base is not None and issubclass(kind, base)
    _check_names(given, _model_names(kind) if is_model else _init_names(kind, wanted))
    try:
        if is_model:
            return kind.model_validate(given)
        return kind(**_parts(given, wanted, part))
    except Misfit:
        raise
    except Exception as error:  # whatever its class has against it
        raise Misfit(value, _said(error)) from error


def typed_dict(value: Any, kind: Any, part: Part) -> dict[str, Any]:
    """The members of a mapping as a typed dict has them."""
    if not isinstance(value, Mapping):
        raise Misfit(value)
    wanted = fields_wanted(kind)
    _check_names(value, wanted)
    return _parts(value, wanted, part)


def _parts(given: Mapping[Any, Any], wanted: Mapping[str, Field], part: Part) -> dict[str, Any]:
    for name, field in wanted.items():
        if field.required and name not in given:
            raise Misfit(given, f"field {name!r} is missing")
    return {name: part(each, wanted[name].hint, f".{name}") for name, each in given.items()}


def _check_names(given: Mapping[Any, Any], known: Collection[str] | None) -> None:
    for name in given if known is not None else ():
        if name not in (known or ()):
            near = did_you_mean(str(name), known or ()).rstrip(".")
            raise Misfit(given, f"{name!r} is no field of it.{near}".removesuffix("."))


def _init_names(kind: Any, wanted: Mapping[str, Field]) -> Collection[str]:
    if not dataclasses.is_dataclass(kind):
        return wanted.keys()
    return {field.name for field in dataclasses.fields(kind) if field.init}


def _model_names(kind: Any) -> Collection[str] | None:
    """What may be given by name; `None` where the model takes anything."""
    if kind.model_config.get("extra") == "allow":
        return None
    return {*kind.model_fields, *(f.alias for f in kind.model_fields.values() if f.alias)}


def _said(error: Exception) -> str:
    """What a class says against its fields, in one line; pydantic's says it field by field."""
    if callable(found := getattr(error, "errors", None)):
        told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found()[:3])
        return "; ".join(told)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines[:3]).rstrip(".") or type(error).__name__
