"""Any object by pickle: only when asked, on both sides."""

from __future__ import annotations

import io
import pickle
from typing import Any

from heirloom.errors import CodecError, UnsafeRead

from .codec import About, Codec, Encoded, Source
from .naming import article, class_name, kind_of

__all__ = ["Pickle"]

_PROTOCOL = 5


class Pickle(Codec):
    """Pickle, protocol 5. Reading runs whatever the payload says, hence `allow_pickle`."""

    format = "pickle"
    magic = bytes([0x80, _PROTOCOL])

    def matches(self, value: object) -> bool:
        """Never: it must be asked for by name."""
        return False

    def takes(self, value: object) -> bool:
        """True; whether pickle agrees is found by `encode`."""
        return True

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`; pickled at once, so that a refusal comes first."""
        name = class_name(type(value))
        buffer = io.BytesIO()
        try:
            pickle.Pickler(buffer, _PROTOCOL).dump(value)
        except Exception as exc:  # pickle runs the value's own code, which may raise anything
            raise CodecError(f"Pickle refuses {article(name)}: {exc}") from exc
        return Encoded(
            self.format,
            name,
            kind_of(value),
            write=lambda out: out.write(buffer.getbuffer()),
        )

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`.

        Raises:
            UnsafeRead: The caller did not allow it.
        """
        if not about.allow_pickle:
            raise UnsafeRead(
                f"Reading this {about.type_name or 'payload'} runs code that its author chose. "
                "If you trust them, pass allow_pickle=True."
            )
        with source.open() as stream:
            try:
                return pickle.load(stream)
            except Exception as exc:
                raise CodecError(f"The pickle cannot be read here: {exc}") from exc
