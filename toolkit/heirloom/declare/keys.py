"""What an artifact's versions are told apart by: partition keys, their types, a granularity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from heirloom.errors import DeclarationError
from heirloom.records.binds import Bind
from heirloom.records.declarations import GRANULARITIES
from heirloom.records.names import MAX_KEYS, canonical, check_key, parse_moment

__all__ = ["bound_to", "granularity_of", "keys_of"]

_TYPES = {kind.__name__: kind for kind in (str, int, float, bool, date, datetime)}


def bound_to(key: str, value: Any) -> Any:
    """What a key is bound to in an annotation; a time in its canonical form, like any other."""
    if isinstance(value, Bind):
        return value
    text = canonical(value, key)
    return canonical(parse_moment(text), key) if key == "time_partition" else text


def keys_of(
    given: Sequence[str] | Mapping[str, type | str] | None, values: Mapping[str, Any]
) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    """The keys in the order given, and the declared types that are not ``str``.

    `None` refers to what is declared, unless `values` name the keys.

    Raises:
        DeclarationError: They cannot be keys.
    """
    if given is None and not values:
        return None, {}
    if isinstance(given, str):
        msg = f"partition_keys is a list of names; got the string {given!r}."
        raise DeclarationError(msg)
    keys = tuple(check_key(key) for key in (given if given is not None else values))
    if unknown := [key for key in values if key not in keys]:
        msg = f"partitions gives {unknown}, which partition_keys lacks; it has {list(keys)}."
        raise DeclarationError(msg)
    if len(set(keys)) != len(keys) or len(keys) > MAX_KEYS:
        msg = f"An artifact has at most {MAX_KEYS} partition keys, each once; got {list(keys)}."
        raise DeclarationError(msg)
    types = {}
    if isinstance(given, Mapping):
        for key, kind in given.items():
            word = kind if isinstance(kind, str) else kind.__name__
            if word not in _TYPES:
                msg = f"Partition key {key!r} can be {', '.join(_TYPES)}; got {kind!r}."
                raise DeclarationError(msg)
            if word != "str":
                types[key] = word
    return keys, types


def granularity_of(partitioned: bool, given: Any) -> str | None:
    """The granularity as a word, ``day`` where none is named; `None` without a time partition.

    Raises:
        DeclarationError: It is none.
    """
    if not partitioned and given is None:
        return None
    word = str(getattr(given, "name", given) or "day").lower()
    if word not in GRANULARITIES:
        msg = f"A granularity is one of {', '.join(GRANULARITIES)}; got {given!r}."
        raise DeclarationError(msg)
    return word
