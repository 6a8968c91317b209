"""Frames and series of polars, as Parquet that polars writes: every dtype of its own comes back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heirloom.errors import CodecError

from .codec import About, Codec, Encoded, Source
from .frames import read_parquet
from .naming import is_exactly
from .needs import need

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Polars"]

_LAZY = "polars.LazyFrame"


class Polars(Codec):
    """Written at once, so that a refusal comes first; any reader of Parquet takes it."""

    format = "polars"
    magic = b"PAR1"

    def matches(self, value: object) -> bool:
        """True for a frame and a series; a lazy frame is taken to be refused with advice."""
        return is_exactly(value, "polars.DataFrame", "polars.Series", _LAZY)

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`."""
        if is_exactly(value, _LAZY):
            raise CodecError("A polars.LazyFrame is a question, not a table. Give .collect().")
        pl = need("polars", "frames")
        is_series = is_exactly(value, "polars.Series")
        frame = value.to_frame() if is_series else value
        buffer = BytesIO()
        try:
            frame.write_parquet(buffer, compression="lz4", statistics=False)
        except pl.exceptions.PolarsError as exc:
            why = " ".join(str(exc).split())
            raise CodecError(f"The polars frame cannot be kept: {why}.") from exc
        columns = [[name, str(dtype)] for name, dtype in frame.schema.items()]
        return Encoded(
            self.format,
            f"polars.{'Series' if is_series else 'DataFrame'}",
            "data",
            write=lambda out: out.write(buffer.getbuffer()),
            schema={"columns": columns, "rows": frame.height},
        )

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`."""
        if about.wanted == "Table":
            return source.read(read_parquet)
        pl = need("polars", "frames")

        def reader(path: Path) -> Any:
            try:
                return pl.read_parquet(path, memory_map=False)
            except (pl.exceptions.PolarsError, OSError) as exc:
                raise CodecError(f"The payload is no frame that polars reads: {exc}") from exc

        frame = source.read(reader)
        return frame.to_series() if about.type_name == "polars.Series" else frame

    def frame(self, source: Source, about: About) -> pd.DataFrame:
        """The table as pandas has it, through Arrow."""
        need("pandas", "frames")
        made: pd.DataFrame = source.read(read_parquet).to_pandas()
        nameless = about.type_name == "polars.Series" and made.columns[0] == ""
        return made.set_axis(["value"], axis="columns") if nameless else made
