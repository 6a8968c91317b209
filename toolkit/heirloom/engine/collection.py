"""Containers and objects whose members are payloads of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Any, get_args, get_origin

import orjson

from heirloom.codecs.objects import State, parts_of, revived, state_of
from heirloom.errors import CodecError, HeirloomError
from heirloom.rebuilt import class_at, own_module
from heirloom.records.payloads import Payload

__all__ = [
    "DEEPEST",
    "collected",
    "document_in",
    "has_members",
    "holds",
    "leaves",
    "members",
    "paired",
    "rebuilt",
    "too_deep",
]

DEEPEST = 32
_NONE = "The payload is no collection that Heirloom wrote: {}."
_KINDS: Mapping[str, type] = {"list": list, "tuple": tuple, "set": set}


def is_container(value: Any) -> bool:
    """Whether it is a plain list, tuple, set, or dict with texts as keys."""
    if type(value) is dict:
        return all(isinstance(key, str) for key in value)
    return type(value).__name__ in _KINDS and type(value) in _KINDS.values()


def has_members(value: Any) -> bool:
    """Whether it can be kept member by member: a container, or an object with named fields."""
    return is_container(value) or state_of(value) is not None


def holds(value: Any, kinds: type | UnionType) -> bool:
    """Whether it is, or has inside of it, an instance of these."""
    seen: set[int] = set()
    open_ = [value]
    while open_:
        one = open_.pop()
        if isinstance(one, kinds):
            return True
        if id(one) not in seen:
            seen.add(id(one))
            open_ += parts_of(one)
    return False


def collected(value: Any, save: Callable[[Any], Payload], depth: int = 0) -> dict[str, Any]:
    """The document of a container or an object, its members kept by `save`.

    Containers inside a container are told here; an object, and what is inside one, is a member.

    Raises:
        CodecError: It nests deeper than anybody means, or contains itself.
    """
    if depth > DEEPEST:
        raise too_deep()
    if type(value) is dict and is_container(value):
        return {"dict": {key: collected(each, save, depth + 1) for key, each in value.items()}}
    if is_container(value):
        inside = [collected(each, save, depth + 1) for each in value]
        if type(value) is set:  # equal sets are equal bytes
            inside.sort(key=lambda node: orjson.dumps(node, option=orjson.OPT_SORT_KEYS))
        return {type(value).__name__: inside}
    state = None if depth else state_of(value)
    if state is None:
        return {"payload": save(value).to_doc()}
    where = [own_module(type(value).__module__), type(value).__qualname__]
    parts = [
        {name: {"payload": save(part).to_doc()} for name, part in each.items()}
        for each in (state.fields, state.more)
    ]
    return {"object": [*where, *parts]}


def too_deep() -> CodecError:
    """The error of what nests deeper than anybody means."""
    msg = f"Lists, dicts and objects nest deeper than {DEEPEST}; give what does not."
    return CodecError(msg)


def document_in(data: bytes) -> Any:
    """The document in a payload.

    Raises:
        CodecError: There is none.
    """
    try:
        return orjson.loads(data)
    except ValueError as exc:
        raise CodecError(_NONE.format(exc)) from exc


def rebuilt(doc: Mapping[str, Any], load: Callable[[Payload, Any], Any], as_: Any = None) -> Any:
    """The value again, its members as `load` gives them: a payload, and the type to have it as.

    An object is a dict of its fields where its class is not imported by now, or has others.

    Raises:
        CodecError: It is no document of a collection.
    """
    try:
        return _rebuilt(doc, load, as_)
    except HeirloomError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise CodecError(_NONE.format(exc)) from exc


def _rebuilt(doc: Mapping[str, Any], load: Callable[[Payload, Any], Any], as_: Any = None) -> Any:
    ((kind, inner),) = doc.items()
    if kind == "payload":
        return load(Payload.from_doc(inner), as_)
    if kind == "object":
        module, name, *parts = inner
        state = State(*({n: _rebuilt(each, load) for n, each in part.items()} for part in parts))
        made = revived(class_at(module, name), state)
        return state.fields if made is None else made
    member = _member_type(as_)
    if kind == "dict":
        return {key: _rebuilt(each, load, member) for key, each in inner.items()}
    return _KINDS[kind](_rebuilt(each, load, member) for each in inner)


def _member_type(as_: Any) -> Any:
    """The type that a container's annotation has for its members; `None` where it says none."""
    args = [each for each in get_args(as_) if each is not Ellipsis]
    kind = get_origin(as_)
    if kind is dict:
        return args[1]
    return args[0] if kind in _KINDS.values() and len(args) == 1 else None


def leaves(doc: Mapping[str, Any]) -> Iterator[Payload]:
    """Every payload in a document, however deep."""
    ((kind, inner),) = doc.items()
    if kind == "payload":
        yield Payload.from_doc(inner)
        return
    parts = inner[2:] if kind == "object" else [inner]
    for part in parts:
        for each in part.values() if isinstance(part, Mapping) else part:
            yield from leaves(each)


def paired(value: Any, doc: Mapping[str, Any]) -> Iterator[tuple[Any, Payload]]:
    """Every payload in a document beside the part of `value` that it is of.

    What was made something else since is left out; so are sets, which keep no order.
    """
    ((kind, inner),) = doc.items()
    if kind == "payload":
        yield value, Payload.from_doc(inner)
    elif kind == "object":
        state = state_of(value)
        yield from _paired_by_name(state.fields if state is not None else {}, inner[2])
    elif kind == "dict" and isinstance(value, Mapping):
        yield from _paired_by_name(value, inner)
    elif kind in ("list", "tuple") and isinstance(value, list | tuple):
        for each, node in zip(value, inner, strict=False):
            yield from paired(each, node)


def _paired_by_name(
    parts: Mapping[str, Any], docs: Mapping[str, Any]
) -> Iterator[tuple[Any, Payload]]:
    for name, node in docs.items():
        if name in parts:
            yield from paired(parts[name], node)


def members(doc: Mapping[str, Any]) -> Iterator[Payload] | None:
    """The members of a list, in order; `None` where one is no payload by itself."""
    inner = doc.get("list")
    if inner is None or any("payload" not in each for each in inner):
        return None
    return (Payload.from_doc(each["payload"]) for each in inner)
