"""A source whose payload must begin as its format does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from heirloom.errors import CodecError

from .codec import ABSENT, Codec, Source

__all__ = ["Checked", "checked"]

T = TypeVar("T")


def checked(source: Source, codec: Codec) -> Source:
    """`source`, refusing a payload without the codec's magic; a value in a record has none."""
    if not codec.magic or source.value is not ABSENT:
        return source
    return Checked(source, codec)


class Checked(Source):
    """Looks at the first bytes each time that the payload is given."""

    def __init__(self, source: Source, codec: Codec) -> None:
        """Guard `source` with the magic of `codec`."""
        self._source = source
        self._codec = codec

    @property
    def value(self) -> Any:
        """`ABSENT`: only payloads have magic."""
        return ABSENT

    def open(self) -> BinaryIO:
        """See `Source.open`."""
        stream = self._source.open()
        try:
            self._check(stream)
        except CodecError:
            stream.close()
            raise
        stream.seek(0)
        return stream

    def path(self) -> Path:
        """See `Source.path`."""
        return self._checked(self._source.path())

    def checkout(self, name: str) -> Path:
        """See `Source.checkout`."""
        return self._checked(self._source.checkout(name))

    def read(self, reader: Callable[[Path], T]) -> T:
        """See `Source.read`; the look is part of the reading, so that verifying can go on."""
        return self._source.read(lambda path: reader(self._checked(path)))

    def _checked(self, path: Path) -> Path:
        with open(path, "rb") as stream:
            self._check(stream)
        return path

    def _check(self, stream: BinaryIO) -> None:
        if stream.read(len(self._codec.magic)) != self._codec.magic:
            raise CodecError(f"The record says {self._codec.format}, the payload's bytes do not.")
