"""Plain Python values as JSON, exactly: one tagging scheme for what JSON does not have.

A JSON object with a key that begins with ``$`` is always a tag and has that key alone. A
user's own such dict is written as ``{"$dict": [[key, value], ...]}``, as is one whose keys are
not all strings, so that nothing a user writes can be mistaken for a tag.
"""

from __future__ import annotations

import base64
import math
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .naming import article, class_name, is_exactly, is_instance

__all__ = ["NotPlain", "from_json", "to_json"]

_DEEPEST = 60  # levels; a level costs up to three of JSON's, and orjson stops at 254
_INT64 = range(-(2**63), 2**63)


class NotPlain(Exception):
    """The value, or a part of it at `where`, is nothing that JSON can carry; stays in the room."""

    def __init__(self, where: str, what: str) -> None:
        """Say that the part at `where` (empty for the whole) is `what`."""
        super().__init__(where, what)
        self.where = where
        self.what = what

    def inside(self, where: str) -> NotPlain:
        """The same, seen from the container that has the part at `where`."""
        return NotPlain(where + self.where, self.what)


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
        member = [kind.__module__, kind.__qualname__, value.name]
        return {"$enum": [*member, to_json(value.value, depth + 1)]}
    if isinstance(value, Path):
        return {"$path": _text(str(value))}
    if is_instance(value, "numpy.generic"):
        return {"$numpy": _numpy(value)}
    if is_exactly(value, "pandas.Timestamp"):
        return {"$timestamp": _timestamp(value)}
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
            if key not in _TAGS:
                raise ValueError(f"the tag {key!r} is not known")
            return _TAGS[key](inner)
    return {key: from_json(item) for key, item in value.items()}


def _text(value: str) -> Any:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate, as in a file name that is not UTF-8
        return {"$str": _base64(value.encode("utf-8", "surrogatepass"))}
    return value


def _int(value: int) -> Any:
    return value if value in _INT64 else {"$int": hex(value)}


def _float(value: float) -> Any:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _bytes(value: bytes) -> Any:
    return {"$bytes": _base64(value)}


def _datetime(value: datetime) -> Any:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        return {"$datetime": [value.replace(tzinfo=None, fold=0).isoformat(), zone.key, value.fold]}
    if zone is not None and type(zone) is not timezone:
        value = value.astimezone(timezone(value.utcoffset() or timedelta()))
    return {"$datetime": [value.replace(fold=0).isoformat(), None, value.fold]}


def _time(value: time) -> Any:
    if value.tzinfo is not None and type(value.tzinfo) is not timezone:
        raise NotPlain("", "a time of day with a named zone")
    return {"$time": [value.replace(fold=0).isoformat(), value.fold]}


def _numpy(value: Any) -> list[Any]:
    """``[dtype, item]``, or ``[dtype, base64, "raw"]`` where an item would lose bits."""
    if value.dtype.kind in "biu" or value.dtype.str[1:] in ("f2", "f4", "f8"):
        return [value.dtype.str, to_json(value.item())]
    if value.dtype.kind == "U":
        return [value.dtype.str, _text(str(value))]
    if value.dtype.hasobject or value.dtype.names:
        raise NotPlain("", f"a numpy scalar of dtype {value.dtype}")
    return [value.dtype.str, _base64(value.tobytes()), "raw"]


def _timestamp(value: Any) -> list[Any]:
    """``[UTC or naive time, unit, zone]``."""
    if value.tz is None:
        return [value.isoformat(), value.unit, None]
    if not isinstance(value.tz, ZoneInfo | timezone) and not hasattr(value.tz, "zone"):  # pytz
        raise NotPlain("", f"in a zone of class {class_name(type(value.tz))}")
    return [value.tz_convert("UTC").isoformat(), value.unit, str(value.tz)]


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
    return type(key) is str and not key.startswith("$") and _text(key) is key


def _set(value: Iterable[Any], depth: int) -> list[Any]:
    return sorted(_list(value, depth), key=repr)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_SCALARS: dict[type, Callable[[Any], Any]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    int: _int,
    float: _float,
    str: _text,
    bytes: _bytes,
    complex: lambda value: {"$complex": [_float(value.real), _float(value.imag)]},
    datetime: _datetime,
    date: lambda value: {"$date": value.isoformat()},
    time: _time,
    timedelta: lambda value: {"$timedelta": [value.days, value.seconds, value.microseconds]},
    Decimal: lambda value: {"$decimal": str(value)},
    UUID: lambda value: {"$uuid": value.hex},
}
_CONTAINERS: dict[type, Callable[[Any, int], Any]] = {
    list: _list,
    dict: _dict,
    tuple: lambda value, depth: {"$tuple": _list(value, depth)},
    set: lambda value, depth: {"$set": _set(value, depth)},
    frozenset: lambda value, depth: {"$frozenset": _set(value, depth)},
}


def _read_datetime(given: list[Any]) -> datetime:
    text, zone, fold = given
    moment = datetime.fromisoformat(text).replace(fold=fold)
    if zone is None:
        return moment
    try:
        return moment.replace(tzinfo=ZoneInfo(zone))
    except ZoneInfoNotFoundError as exc:
        raise ValueError(f"this machine knows no time zone {zone!r}") from exc


def _read_enum(given: list[Any]) -> Any:
    """The member if its class is here by now, else its value: nothing is imported for it."""
    module, qualname, name, value = given
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) and issubclass(found, Enum) and name in found.__members__:
        return found.__members__[name]
    return from_json(value)


def _read_numpy(given: list[Any]) -> Any:
    import numpy as np

    dtype = np.dtype(given[0])
    if dtype.hasobject:
        raise ValueError(f"a numpy scalar of dtype {dtype}")
    if len(given) == 3:
        return np.frombuffer(base64.b64decode(given[1]), dtype)[0]
    return dtype.type(from_json(given[1]))


def _read_timestamp(given: list[Any]) -> Any:
    import pandas as pd

    text, unit, zone = given
    moment = pd.Timestamp(text).as_unit(unit)
    return moment if zone is None else moment.tz_convert(zone)


_TAGS: dict[str, Callable[[Any], Any]] = {
    "$int": lambda given: int(given, 16),
    "$float": float,
    "$str": lambda given: base64.b64decode(given).decode("utf-8", "surrogatepass"),
    "$bytes": base64.b64decode,
    "$complex": lambda given: complex(*map(from_json, given)),
    "$datetime": _read_datetime,
    "$date": date.fromisoformat,
    "$time": lambda given: time.fromisoformat(given[0]).replace(fold=given[1]),
    "$timedelta": lambda given: timedelta(*given),
    "$decimal": Decimal,
    "$uuid": UUID,
    "$path": lambda given: Path(from_json(given)),
    "$tuple": lambda given: tuple(map(from_json, given)),
    "$set": lambda given: set(map(from_json, given)),
    "$frozenset": lambda given: frozenset(map(from_json, given)),
    "$dict": lambda given: {from_json(key): from_json(item) for key, item in given},
    "$enum": _read_enum,
    "$numpy": _read_numpy,
    "$timestamp": _read_timestamp,
}
