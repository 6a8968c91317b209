"""Pictures: what figures become, and images."""

from __future__ import annotations

from io import BytesIO
from typing import Any, BinaryIO

from heirloom.errors import CodecError

from .codec import About, Codec, Encoded, Source
from .naming import class_name, is_instance
from .needs import need

__all__ = ["Images", "Picture", "Png", "image_in"]

_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


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


class Images(Codec):
    """Images of PIL as PNG: every pixel, the mode, the palette and the colour profile."""

    format = "image"
    magic = Png.magic

    def matches(self, value: object) -> bool:
        """True for an image, opened from a file or made."""
        return is_instance(value, "PIL.Image.Image")

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`."""
        if value.mode not in _MODES:
            raise CodecError(
                f"An image of mode {value.mode!r} would come back as another. Convert it with "
                f".convert('RGB'), or give its array. These are kept: {', '.join(_MODES)}."
            )
        if getattr(value, "n_frames", 1) > 1:
            raise CodecError(
                f"An image of {value.n_frames} frames would lose all but one. Give File(path)."
            )
        return Encoded(
            self.format,
            "PIL.Image.Image",
            "data",
            write=lambda out: value.save(out, format="PNG"),
            schema={"size": list(value.size), "mode": value.mode},
        )

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`; read to the last pixel, in memory of its own."""
        with source.open() as stream:
            return image_in(stream)


def image_in(stream: BinaryIO) -> Any:
    """The image in a PNG file.

    Raises:
        CodecError: There is none, or it is larger than Pillow reads.
    """
    pillow = need("PIL.Image", "models")
    try:
        with pillow.open(BytesIO(stream.read()), formats=["PNG"]) as image:
            image.load()
            return image.copy()
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as exc:
        raise CodecError(f"The payload is no image that can be read here: {exc}") from exc
