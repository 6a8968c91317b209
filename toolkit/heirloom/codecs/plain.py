"""Plain values: JSON with tags, text, bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from heirloom.errors import CodecError

from .codec import ABSENT, INLINE_LIMIT, About, Codec, Encoded, Source
from .naming import article, class_name
from .refusal import NotPlain
from .tags import from_json, to_json

__all__ = ["Bytes", "Json", "Text"]

_INLINE_DEPTH = 32  # a record is JSON too, and is kept shallow


class Json(Codec):
    """Everything that `tags` can carry; small values live in the record itself.

    It matches last: a class that nothing takes gets its error here.
    """

    format = "json"

    def matches(self, value: object) -> bool:
        """True for everything but bytes, whose payload is themselves."""
        return type(value) is not bytes

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`."""
        name = class_name(type(value))
        try:
            plain = to_json(value)
        except NotPlain as exc:
            raise CodecError(_refusal(name, exc)) from None
        text = orjson.dumps(plain)
        if len(text) <= INLINE_LIMIT and _depth(plain) <= _INLINE_DEPTH:
            return Encoded(self.format, name, "value", value=plain)
        return Encoded(self.format, name, "value", write=lambda out: out.write(text))

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`."""
        plain = source.value
        try:
            if plain is ABSENT:
                with source.open() as stream:
                    plain = orjson.loads(stream.read())
            return from_json(plain)
        except (ValueError, TypeError, KeyError) as exc:
            raise CodecError(f"The payload is no value that Heirloom wrote: {exc}.") from exc


class Text(Codec):
    """Long strings, as UTF-8; short ones are `Json`'s."""

    format = "text"

    def matches(self, value: object) -> bool:
        """True for a string too long for its record, if UTF-8 can hold it."""
        return type(value) is str and len(value) > INLINE_LIMIT // 4 and _is_long(value)

    def takes(self, value: object) -> bool:
        """True for every string."""
        return type(value) is str

    def encode(self, value: str) -> Encoded:
        """See `Codec.encode`."""
        try:
            data = value.encode()
        except UnicodeEncodeError as exc:
            raise CodecError(f"The text cannot be UTF-8: {exc.reason} at {exc.start}.") from exc
        return Encoded(self.format, "str", "value", write=lambda out: out.write(data))

    def decode(self, source: Source, about: About) -> str:
        """See `Codec.decode`."""
        with source.open() as stream:
            try:
                return stream.read().decode()
            except UnicodeDecodeError as exc:
                raise CodecError(f"The payload is no UTF-8 text: {exc.reason}.") from exc


class Bytes(Codec):
    """Bytes as they are, always in the store."""

    format = "bytes"

    def matches(self, value: object) -> bool:
        """True for bytes."""
        return type(value) is bytes

    def encode(self, value: bytes) -> Encoded:
        """See `Codec.encode`."""
        return Encoded(self.format, "bytes", "value", write=lambda out: out.write(value))

    def decode(self, source: Source, about: About) -> bytes:
        """See `Codec.decode`."""
        with source.open() as stream:
            return stream.read()


def read_json(path: Path) -> Any:
    """Somebody's own JSON file; no tags are read."""
    try:
        return orjson.loads(path.read_bytes())
    except ValueError as exc:
        raise CodecError(f"The file is no JSON: {exc}.") from exc


def _is_long(value: str) -> bool:
    try:
        return len(orjson.dumps(value)) > INLINE_LIMIT
    except TypeError:  # a lone surrogate: JSON's tag carries it
        return False


def _depth(plain: Any) -> int:
    if isinstance(plain, dict):
        return 1 + max(map(_depth, plain.values()), default=0)
    if isinstance(plain, list):
        return 1 + max(map(_depth, plain), default=0)
    return 0


def _refusal(name: str, part: NotPlain) -> str:
    where = " ".join(part.where.split())
    where = where if len(where) <= 80 else f"{where[:77]}..."
    inner = f": {where} is {part.what}" if where else f", {part.what}"
    return (
        f"No safe format for {article(name)}{'' if inner[2:] == article(name) else inner}. Make "
        'it a frame, an array, plain values or a File, or pass format="pickle" (reading it back '
        "then needs allow_pickle=True)."
    )
