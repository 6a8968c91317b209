"""Values to bytes and back: one registry, one file per family of values."""

from __future__ import annotations

from .codec import ABSENT, INLINE_LIMIT, About, Codec, Encoded, Source
from .naming import class_name, kind_of, loaded
from .pictures import Picture
from .registry import decode, encode, formats, frame, register

__all__ = [
    "ABSENT",
    "INLINE_LIMIT",
    "About",
    "Codec",
    "Encoded",
    "Picture",
    "Source",
    "class_name",
    "decode",
    "encode",
    "formats",
    "frame",
    "kind_of",
    "loaded",
    "register",
]
