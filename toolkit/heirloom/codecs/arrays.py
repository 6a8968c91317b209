"""NumPy arrays as ``.npy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heirloom.errors import CodecError

from .codec import About, Codec, Encoded, Source
from .naming import is_exactly
from .needs import need

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Npy"]


class Npy(Codec):
    """Arrays of every dtype but objects; order, shape and byte order are kept."""

    format = "npy"
    magic = b"\x93NUMPY"

    def matches(self, value: object) -> bool:
        """True for an array; a subclass (masked, matrix) would lose what it adds."""
        return is_exactly(value, "numpy.ndarray", "numpy.memmap")

    def encode(self, value: np.ndarray[Any, Any]) -> Encoded:
        """See `Codec.encode`."""
        import numpy as np

        if value.dtype.hasobject:
            raise CodecError(
                f"An array of dtype {value.dtype} holds Python objects. Give it a plain dtype "
                'with .astype(...), or pass format="pickle".'
            )
        return Encoded(
            self.format,
            "numpy.ndarray",
            "data",
            write=lambda out: np.lib.format.write_array(out, np.asarray(value), allow_pickle=False),
            schema={"shape": list(value.shape), "dtype": str(value.dtype)},
        )

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`; a writable array of the caller's own."""
        np = need("numpy", "models")
        with source.open() as stream:
            try:
                return np.lib.format.read_array(stream, allow_pickle=False)
            except ValueError as exc:
                raise CodecError(f"The payload is no array: {exc}.") from exc
