"""Tables: pandas frames and series, Arrow tables; as Parquet, or as Arrow's own file."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from heirloom.errors import CodecError

from .codec import About, Codec, Encoded, Source
from .crossing import to_arrow, to_pandas
from .layout import layout_of
from .naming import is_exactly
from .needs import need
from .refusal import NotPlain
from .tags import from_json, to_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Arrow", "Parquet", "read_arrow", "read_parquet"]

_SERIES = "values"


class _Tables(Codec):
    """What the two formats share: the way between pandas and Arrow."""

    def takes(self, value: object) -> bool:
        """True for a frame, a series and an Arrow table; a subclass would lose what it adds."""
        return is_exactly(value, "pandas.DataFrame", "pandas.Series", "pyarrow.Table")

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`; turned to Arrow at once, so that a refusal comes first."""
        need("pyarrow", "frames")
        if is_exactly(value, "pyarrow.Table"):
            return self._encoded("pyarrow.Table", value, _schema(value.schema, len(value)), {})
        if is_exactly(value, "pandas.Series"):
            frame = value.to_frame(_SERIES)
            meta = {"name": _series_name(value)} | self._meta(frame)
            schema = {"columns": [[str(value.name), str(value.dtype)]], "rows": len(value)}
            return self._encoded("pandas.Series", to_arrow(frame), schema, meta)
        columns = [[str(name), str(dtype)] for name, dtype in value.dtypes.items()]
        schema = {"columns": columns, "rows": len(value)}
        return self._encoded("pandas.DataFrame", to_arrow(value), schema, self._meta(value))

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`."""
        if "Table" in (about.wanted, about.type_name.rpartition(".")[2]):
            return source.read(self._load)
        frame = self._frame(source, about)
        if about.type_name != "pandas.Series":
            return frame
        return frame[_SERIES].rename(from_json(about.meta.get("name")))

    def frame(self, source: Source, about: About) -> pd.DataFrame:
        """The table as a frame; a series is its one column, of its name."""
        frame = self._frame(source, about)
        if about.type_name != "pandas.Series":
            return frame
        name = from_json(about.meta.get("name"))
        return frame.set_axis(["value" if name is None else name], axis="columns")

    def _frame(self, source: Source, about: About) -> pd.DataFrame:
        need("pandas", "frames")

        def reader(path: Path) -> pd.DataFrame:
            with _unreadable(self.format):
                return to_pandas(self._load(path), about.meta)

        return source.read(reader)

    def _encoded(
        self, name: str, table: Any, schema: dict[str, Any], meta: dict[str, Any]
    ) -> Encoded:
        return Encoded(
            self.format,
            name,
            "data",
            write=lambda out: self._save(table, out),
            schema=schema,
            meta=meta,
        )

    def _meta(self, frame: pd.DataFrame) -> dict[str, Any]:
        """What neither Arrow nor Parquet keep: the step of an index of times."""
        freq = getattr(frame.index, "freq", None)
        return {"freq": frame.index.freqstr} if freq is not None else {}  # type: ignore[attr-defined]

    @abstractmethod
    def _load(self, path: Path) -> Any:
        """The Arrow table in a file."""

    @abstractmethod
    def _save(self, table: Any, out: BinaryIO) -> None:
        """Write an Arrow table."""


class Parquet(_Tables):
    """The format of frames and series: small, and read by everything."""

    format = "parquet"
    magic = b"PAR1"

    def matches(self, value: object) -> bool:
        """True for a frame and a series."""
        return is_exactly(value, "pandas.DataFrame", "pandas.Series")

    def _meta(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Also times in whole seconds, which Parquet does not have."""
        seconds = {
            name: str(dtype)
            for name, dtype in frame.dtypes.items()
            if isinstance(name, str) and re.match(r"(datetime|timedelta)64\[s[,\]]", str(dtype))
        }
        return super()._meta(frame) | ({"dtypes": seconds} if seconds else {})

    def _load(self, path: Path) -> Any:
        return read_parquet(path)

    def _save(self, table: Any, out: BinaryIO) -> None:
        import pyarrow.parquet as pq

        pq.write_table(table, out, **layout_of(table))


class Arrow(_Tables):
    """Arrow's file format, uncompressed: the fastest to write and read, and the largest."""

    format = "arrow"
    magic = b"ARROW1"

    def matches(self, value: object) -> bool:
        """True for an Arrow table."""
        return is_exactly(value, "pyarrow.Table")

    def _load(self, path: Path) -> Any:
        return read_arrow(path)

    def _save(self, table: Any, out: BinaryIO) -> None:
        import pyarrow as pa

        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)


def read_parquet(path: Path) -> Any:
    """The Arrow table in a Parquet file."""
    pq = need("pyarrow.parquet", "frames")
    with _unreadable("Parquet"), pq.ParquetFile(path, memory_map=True) as file:
        return file.read()


def read_arrow(path: Path) -> Any:
    """The Arrow table in an Arrow (Feather) file, in memory of its own."""
    pa = need("pyarrow", "frames")
    with _unreadable("Arrow"), pa.OSFile(str(path)) as stream:
        return pa.ipc.open_file(stream).read_all()


@contextmanager
def _unreadable(what: str) -> Iterator[None]:
    pa = need("pyarrow", "frames")
    try:
        yield
    except CodecError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as exc:
        raise CodecError(f"The payload is no {what} file that can be read here: {exc}") from exc


def _series_name(series: pd.Series[Any]) -> Any:
    try:
        return to_json(series.name)
    except NotPlain as exc:
        raise CodecError(f"The series' name {series.name!r} is {exc.what}.") from exc


def _schema(schema: Any, rows: int) -> dict[str, Any]:
    return {"columns": [[field.name, str(field.type)] for field in schema], "rows": rows}
