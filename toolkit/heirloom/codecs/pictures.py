"""Figures as pictures."""

from __future__ import annotations

from typing import Any

from .codec import About, Codec, Encoded, Source
from .naming import class_name, is_instance

__all__ = ["Picture", "Png"]


class Picture(bytes):
    """The bytes of a PNG file, which a notebook shows as the picture."""

    def _repr_png_(self) -> bytes:
        return bytes(self)

    def __repr__(self) -> str:
        return f"<Picture, {len(self):,} bytes of PNG>"


class Png(Codec):
    """A matplotlib figure goes in, its `Picture` comes out: a drawing is not drawn again."""

    format = "png"
    magic = b"\x89PNG\r\n\x1a\n"

    def matches(self, value: object) -> bool:
        """True for a figure and for a picture."""
        return type(value) is Picture or is_instance(value, "matplotlib.figure.Figure")

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`; a figure is drawn when it is written, at its own size and dpi."""
        name = class_name(type(value))
        if isinstance(value, Picture):
            return Encoded(self.format, name, "file", write=lambda out: out.write(value))
        return Encoded(
            self.format,
            "matplotlib.figure.Figure",
            "file",
            # matplotlib would note its version: the same figure must give the same bytes
            write=lambda out: value.savefig(out, format="png", metadata={"Software": None}),
        )

    def decode(self, source: Source, about: About) -> Picture:
        """See `Codec.decode`."""
        with source.open() as stream:
            return Picture(stream.read())
