"""What an artifact's versions are told apart by: partition keys, their types, a granularity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from heirloom.errors import DeclarationError, PartitionError
from heirloom.records.binds import Bind
from heirloom.records.names import MAX_KEYS, canonical, check_key, parse_moment
from heirloom.records.periods import GRANULARITIES

__all__ = ["KEY_TYPES", "bound_to", "granularity_of", "keys_of", "values_of", "version_of"]

_KINDS = (str, int, float, bool, date, datetime)
KEY_TYPES: Mapping[str, type] = {kind.__name__: kind for kind in _KINDS}
"""What a partition key may be declared as."""


def bound_to(key: str, value: Any, types: Mapping[str, str]) -> Any:
    """What a key is bound to in an annotation: a value in its canonical form, or a `Bind`."""
    if isinstance(value, Bind):
        return value
    if key == "time_partition":
        return canonical(parse_moment(canonical(value, key)), key)
    return canonical(value, key, types.get(key, "str"))


def keys_of(given: Any, values: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    """The keys in the order given, and the declared types that are not ``str``.

    `None` refers to what is declared, unless `values` name the keys.

    Raises:
        DeclarationError: They cannot be keys.
    """
    if given is None and not values:
        return None, {}
    if given is not None and (isinstance(given, str) or not isinstance(given, Sequence | Mapping)):
        msg = f"partition_keys is a list of names, or a mapping to their types; got {given!r:.60}."
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
            word = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
            if word not in KEY_TYPES:
                msg = f"Partition key {key!r} can be {', '.join(KEY_TYPES)}; got {kind!r}."
                raise DeclarationError(msg)
            if word != "str":
                types[key] = word
    return keys, types


def values_of(given: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """The values in ``partitions={...}``, `None` for none, and those that were `named` beside it.

    Raises:
        PartitionError: It is no mapping, or a key is given twice.
    """
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        msg = f"partitions is a mapping of values by key; got {given!r:.60}."
        raise PartitionError(msg)
    if twice := [key for key in named if key in given]:
        msg = f"Partition {twice[0]!r} is given twice: in partitions= and by name."
        raise PartitionError(msg, given=(twice[0],))
    return {**named, **given}


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


def version_of(given: Any) -> int | None:
    """The version that a declaration pins, or `None`.

    Raises:
        DeclarationError: It is no number of a version.
    """
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and given > 0):
        return given
    msg = f"version= takes the number of a version, from 1; got {given!r}."
    raise DeclarationError(msg)
