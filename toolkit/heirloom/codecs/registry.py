"""The codecs that are known, and the three questions put to them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from heirloom.errors import CodecError, did_you_mean

from .arrays import Npy
from .checked import checked
from .codec import ABSENT, About, Codec, Encoded, Source
from .conversion import convert, wanted_name
from .files import Directories, Files, Links
from .frames import Arrow, Parquet
from .models import Skops
from .naming import article, class_name
from .pickled import Pickle
from .pictures import Png
from .plain import Bytes, Json, Text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["decode", "encode", "formats", "frame", "register"]

_codecs: dict[str, Codec] = {}
formats: Mapping[str, Codec] = MappingProxyType(_codecs)
"""Every codec by its format, read-only; the later one is asked first."""


def register(codec: Codec, *, replace: bool = False) -> None:
    """Make a codec known to this process; it is asked before those that were there.

    Args:
        codec: An instance of a subclass of `Codec` with a format of its own.
        replace: Take the place of the codec that has this format.

    Raises:
        CodecError: The format is taken.
    """
    if codec.format in _codecs and not replace:
        raise CodecError(
            f"Format {codec.format!r} is {type(_codecs[codec.format]).__name__}'s already. Name "
            "another, or pass replace=True."
        )
    _codecs.pop(codec.format, None)
    _codecs[codec.format] = codec


def encode(value: Any, *, format: str | None = None) -> Encoded:
    """Describe how `value` is recorded; nothing is written, the value stays the caller's.

    Without a `format` it is the one that the value's class has.

    Raises:
        CodecError: No codec takes the value, or the format asked for does not.
        MissingExtra: The library for it is not installed.
    """
    if format is None:
        return next(c for c in reversed(_codecs.values()) if c.matches(value)).encode(value)
    codec = _codec(format)
    if not codec.takes(value):
        fitting = [name for name, other in _codecs.items() if other.takes(value)]
        raise CodecError(
            f"Format {format!r} does not take {article(class_name(type(value)))}. "
            f"These do: {', '.join(fitting)}."
        )
    return codec.encode(value)


def decode(
    format: str,
    source: Source,
    *,
    meta: Mapping[str, Any] | None = None,
    type_name: str = "",
    as_: Any = None,
    allow_pickle: bool = False,
) -> Any:
    """The recorded value, by its format; the payload must begin as the format does.

    Args:
        format: As `Encoded` gave it, and the record keeps it.
        source: Where the payload, or the JSON in the record, is read.
        meta: As `Encoded` gave it; ``None`` for empty.
        type_name: As `Encoded` gave it.
        as_: A type, or its name, to have the value as: ``DataFrame``, ``arrow``, ``ndarray``,
            ``bytes`` (of a payload: its file's own), ``str``, ``dict``, ``list`` and others.
            ``None`` for the value as it was.
        allow_pickle: Whether this call may run code from the payload.

    Raises:
        CodecError: The format is not known here, the payload is of another one, or the value
            cannot be had as `as_`.
        UnsafeRead: Reading would run code, and `allow_pickle` is false.
        StoreError: The source has no such payload, or it is damaged.
    """
    codec = _codec(format)
    wanted = wanted_name(as_)
    about = About(meta or {}, type_name, wanted, allow_pickle)
    if wanted == "DataFrame":
        return codec.frame(checked(source, codec), about)
    if wanted == "bytes" and source.value is ABSENT and format != "directory":
        with source.open() as stream:
            return stream.read()
    if wanted == "Path" and source.value is ABSENT and format not in ("file", "directory"):
        return source.path()
    return convert(codec.decode(checked(source, codec), about), as_)


def frame(
    format: str,
    source: Source,
    *,
    meta: Mapping[str, Any] | None = None,
    type_name: str = "",
    allow_pickle: bool = False,
) -> pd.DataFrame:
    """The recorded value as a frame, by the rule of its kind (see `tables`).

    Raises:
        CodecError: Such a value has no frame; the message says what it is.
    """
    codec = _codec(format)
    about = About(meta or {}, type_name, "DataFrame", allow_pickle)
    return codec.frame(checked(source, codec), about)


def _codec(format: str) -> Codec:
    try:
        return _codecs[format]
    except KeyError:
        raise CodecError(
            f"No codec for format {format!r} here.{did_you_mean(format, _codecs)} "
            f"Known: {', '.join(_codecs)}."
        ) from None


for _one in (
    Json(),
    Text(),
    Bytes(),
    Files(),
    Directories(),
    Links(),
    Npy(),
    Arrow(),
    Parquet(),
    Png(),
    Skops(),
    Pickle(),
):
    register(_one)
