"""The codecs that are known, and the three questions put to them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from heirloom.errors import CodecError, did_you_mean
from heirloom.rebuilt import current_world, own_module, rebuilt_world

from .arrays import Npy
from .checked import checked
from .codec import ABSENT, About, Codec, Encoded, Source
from .conversion import convert, wanted_name
from .files import Directories, Files, Links
from .frames import Arrow, Parquet
from .installed import formats_installed, installed, installed_for
from .models import Skops
from .naming import article, class_name
from .pickled import Pickle
from .pictures import Images, Png
from .plain import Bytes, Json, Text
from .polar import Polars
from .tensors import Tensors

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["decode", "encode", "formats", "frame", "register"]

_codecs: dict[str, Codec] = {}
_rebuilt: dict[str, dict[str, Codec]] = {}  # of code made again from its record, by its module
formats: Mapping[str, Codec] = MappingProxyType(_codecs)
"""Every codec by its format, read-only; the later one is asked first."""


def register(codec: Codec, *, replace: bool = False) -> None:
    """Make a codec known to this process; it is asked before those that were there.

    A class of the same name and module takes the place of the one before: a cell was run again.
    Code that is made again from its record has its codecs for itself.

    Args:
        codec: An instance of a subclass of `Codec` with a format of its own.
        replace: Take the place of the codec that has this format.

    Raises:
        CodecError: The format is taken.
    """
    world = rebuilt_world(type(codec).__module__)
    there = _asked(world).get(codec.format)
    if there is not None and not replace and _place(there) != _place(codec):
        raise CodecError(
            f"Format {codec.format!r} is {type(there).__name__}'s already. Name another, or pass "
            "replace=True."
        )
    known = _rebuilt.setdefault(world, {}) if world else _codecs
    known.pop(codec.format, None)
    known[codec.format] = codec
    for gone in [name for name in tuple(_rebuilt) if name not in sys.modules]:
        _rebuilt.pop(gone, None)


def _place(codec: Codec) -> tuple[str, str]:
    return own_module(type(codec).__module__), type(codec).__qualname__


def _asked(world: str) -> dict[str, Codec]:
    """Every codec by its format, for code of that world; the last is to be asked first."""
    own = _rebuilt.get(world)
    if own is None:
        return _codecs
    others = {name: codec for name, codec in _codecs.items() if name not in own}
    return {**others, **own}  # a format that was there keeps no place: it was registered later


def encode(value: Any, *, format: str | None = None) -> Encoded:
    """Describe how `value` is recorded; nothing is written, the value stays the caller's.

    Without a `format` it is the one that the value's class has.

    Raises:
        CodecError: No codec takes the value, or the format asked for does not.
        MissingExtra: The library for it is not installed.
    """
    if format is None:
        return _encode(value)
    codec = _codec(format)
    if not codec.takes(value):
        known = _asked(current_world()).items()
        fitting = [name for name, other in known if other.takes(value)]
        raise CodecError(
            f"Format {format!r} does not take {article(class_name(type(value)))}. "
            f"These do: {', '.join(fitting)}."
        )
    return codec.encode(value)


def _encode(value: Any) -> Encoded:
    asked = reversed(_asked(current_world()).values())
    codec = next(each for each in asked if each.matches(value))
    try:
        return codec.encode(value)
    except CodecError:
        if codec is not _LAST or (other := installed_for(value)) is None:
            raise
        return other.encode(value)


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
    known = _asked(current_world())
    codec = known.get(format) or installed(format)
    if codec is None:
        names = (*known, *formats_installed())
        raise CodecError(
            f"No codec for format {format!r} here.{did_you_mean(format, names)} Import the module "
            f"that registers it, or install it. Known: {', '.join(names)}."
        )
    return codec


_LAST = Json()
for _one in (
    _LAST,
    Text(),
    Bytes(),
    Files(),
    Directories(),
    Links(),
    Npy(),
    Arrow(),
    Parquet(),
    Polars(),
    Png(),
    Images(),
    Tensors(),
    Skops(),
    Pickle(),
):
    register(_one)
