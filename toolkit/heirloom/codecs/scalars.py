"""Numbers, texts, bytes and ids as JSON, tagged where JSON has no such thing, and back."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from .refusal import NotPlain

__all__ = ["READ", "WRITE", "numpy_scalar", "text"]

_INT64 = range(-(2**63), 2**63)


def text(value: str) -> Any:
    """A string; tagged where it is none that UTF-8 has."""
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate, as in a file name that is not UTF-8
        return {"$str": _base64(value.encode("utf-8", "surrogatepass"))}
    return value


def numpy_scalar(value: Any) -> dict[str, Any]:
    """``[dtype, item]``, or ``[dtype, base64, "raw"]`` where an item would lose bits."""
    name = value.dtype.str
    if value.dtype.kind in "biu" or name[1:] in ("f2", "f4", "f8"):
        item = value.item()
        return {"$numpy": [name, WRITE[type(item)](item)]}
    if value.dtype.kind == "U":
        return {"$numpy": [name, text(str(value))]}
    if value.dtype.hasobject or value.dtype.names:
        raise NotPlain("", f"a numpy scalar of dtype {value.dtype}")
    return {"$numpy": [name, _base64(value.tobytes()), "raw"]}


def _int(value: int) -> Any:
    return value if value in _INT64 else {"$int": hex(value)}


def _float(value: float) -> Any:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _read(given: Any) -> Any:
    """A scalar that is part of another."""
    if not isinstance(given, dict):
        return given
    ((tag, inner),) = given.items()
    return READ[tag](inner)


def _read_numpy(given: list[Any]) -> Any:
    import numpy as np

    dtype = np.dtype(given[0])
    if dtype.hasobject:
        raise ValueError(f"a numpy scalar of dtype {dtype}")
    if len(given) == 3:
        return np.frombuffer(base64.b64decode(given[1]), dtype)[0]
    return dtype.type(_read(given[1]))


WRITE: Mapping[type, Callable[[Any], Any]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    int: _int,
    float: _float,
    str: text,
    bytes: lambda value: {"$bytes": _base64(value)},
    complex: lambda value: {"$complex": [_float(value.real), _float(value.imag)]},
    Decimal: lambda value: {"$decimal": str(value)},
    UUID: lambda value: {"$uuid": value.hex},
}
"""By exact class, what JSON says of a value."""

READ: Mapping[str, Callable[[Any], Any]] = {
    "$int": lambda given: int(given, 16),
    "$float": float,
    "$str": lambda given: base64.b64decode(given).decode("utf-8", "surrogatepass"),
    "$bytes": base64.b64decode,
    "$complex": lambda given: complex(*map(_read, given)),
    "$decimal": Decimal,
    "$uuid": UUID,
    "$numpy": _read_numpy,
}
"""By tag, the value."""
