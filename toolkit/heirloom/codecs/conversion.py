"""Having a value as another type than it was."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, get_origin

from heirloom.errors import CodecError, did_you_mean
from heirloom.records.files import File

from .codec import ABSENT
from .naming import class_name, is_exactly, subject
from .needs import need
from .tables import table_of

__all__ = ["convert", "wanted_name"]

_NAMES = {
    "dataframe": "DataFrame",
    "frame": "DataFrame",
    "pandas": "DataFrame",
    "pandas.dataframe": "DataFrame",
    "arrow": "Table",
    "pyarrow": "Table",
    "pyarrow.table": "Table",
    "table": "Table",
    "array": "ndarray",
    "ndarray": "ndarray",
    "numpy": "ndarray",
    "numpy.ndarray": "ndarray",
    "path": "Path",
    "pathlib.path": "Path",
} | {name: name for name in ("bytes", "dict", "float", "list", "set", "str", "tuple")}


def wanted_name(as_: Any) -> str:
    """The name for what `as_` asks: a type, a name or ``None``; empty for no wish.

    Raises:
        CodecError: It is a name that stands for nothing.
    """
    if as_ is None or as_ is Any:
        return ""
    if isinstance(as_, str):
        if as_.lower() in _NAMES:
            return _NAMES[as_.lower()]
        raise CodecError(
            f"Nothing can be had as {as_!r}.{did_you_mean(as_, _NAMES)} Give a type, or one of "
            f"{', '.join(sorted(set(_NAMES.values()), key=str.lower))}."
        )
    kind = get_origin(as_) or as_
    if not isinstance(kind, type):
        raise CodecError(f"Nothing can be had as {as_!r}: it is no type.")
    name = class_name(kind)
    return _NAMES.get(name.lower(), name)


def convert(value: Any, as_: Any) -> Any:
    """`value` as what `as_` asks, unchanged when it is that already.

    Raises:
        CodecError: There is no faithful way from its class to that one.
    """
    name = wanted_name(as_)
    kind = get_origin(as_) or as_
    if not name or name == wanted_name(type(value)):
        return value
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    try:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return _member(value, kind)
        converted = _WAYS.get(name, _no_way)(value)
    except (ValueError, TypeError, OverflowError) as exc:
        raise CodecError(f"{subject(value)} cannot be had as {name}: {exc}") from exc
    if converted is ABSENT:
        raise CodecError(f"{subject(value)} cannot be had as {name}.")
    return converted


def _no_way(value: Any) -> Any:
    return ABSENT


def _member(value: Any, kind: type[Enum]) -> Enum:
    """An enum and its values are interchangeable; so are its names."""
    if isinstance(value, str) and value in kind.__members__:
        return kind[value]
    return kind(value)


def _table(value: Any) -> Any:
    pa = need("pyarrow", "frames")
    if is_exactly(value, "pyarrow.Table"):
        return value
    return pa.Table.from_pandas(table_of(value))


def _array(value: Any) -> Any:
    np = need("numpy", "models")
    if is_exactly(value, "pyarrow.Table"):
        value = value.to_pandas()
    if is_exactly(value, "pandas.DataFrame", "pandas.Series"):
        return value.to_numpy()
    return np.asarray(value) if isinstance(value, list | tuple | int | float | complex) else ABSENT


def _bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else ABSENT


def _str(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else ABSENT


def _dict(value: Any) -> Any:
    if is_exactly(value, "pandas.DataFrame"):
        return value.to_dict("list")
    if is_exactly(value, "pandas.Series"):
        return value.to_dict()
    return value.to_pydict() if is_exactly(value, "pyarrow.Table") else ABSENT


def _list(value: Any) -> Any:
    if is_exactly(value, "pandas.DataFrame"):
        return value.to_dict("records")
    if is_exactly(value, "pyarrow.Table"):
        return value.to_pylist()
    if is_exactly(value, "numpy.ndarray", "pandas.Series"):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else ABSENT


def _from_list(kind: type) -> Callable[[Any], Any]:
    return lambda value: kind(value) if isinstance(value, list) else ABSENT


def _float(value: Any) -> Any:
    return float(value) if isinstance(value, int) and int(float(value)) == value else ABSENT


def _path(value: Any) -> Any:
    return Path(value) if isinstance(value, File | str) or hasattr(value, "__fspath__") else ABSENT


_WAYS: dict[str, Callable[[Any], Any]] = {
    "DataFrame": table_of,
    "Path": _path,
    "Table": _table,
    "bytes": _bytes,
    "dict": _dict,
    "float": _float,
    "list": _list,
    "ndarray": _array,
    "set": _from_list(set),
    "str": _str,
    "tuple": _from_list(tuple),
}
