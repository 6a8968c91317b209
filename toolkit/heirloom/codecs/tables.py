"""Any value as a frame, by the rule of its kind.

| value | frame |
|---|---|
| frame, series, Arrow table | itself; a series is one column, `value` if it has no name |
| array of 1 dimension; of 2; structured | one column `value`; its columns; its fields |
| number, text, date and other scalars | one row, one column `value` |
| list of dicts; of rows; of scalars | a row for each; the same; one column `value` |
| dict of lists; of dicts; of scalars | a column for each; a row for each; one row |
| file: csv, tsv, json, jsonl, parquet, arrow | its table |
| file: txt, log, md | one column `line` |
| anything else | an error that says what it is |
"""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from heirloom.errors import CodecError

from .naming import is_exactly, is_instance, subject
from .needs import need
from .plain import read_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_table_file", "table_of"]

_PACKED = {"gz": "gzip", "bz2": "bz2", "xz": "xz", "zst": "zstd", "": None}
_SCALARS = (
    *(type(None), bool, int, float, complex, str, Decimal, UUID),
    *(date, time, timedelta, Enum),
)
_TEXT = ("txt", "log", "md")


def table_of(value: Any) -> pd.DataFrame:
    """`value` as a frame.

    Raises:
        CodecError: It has no frame.
    """
    pandas = need("pandas", "frames")
    try:
        frame: pd.DataFrame | None = _made(value, pandas)
    except ValueError as exc:
        raise CodecError(f"{subject(value)} has no frame: {exc}.") from exc
    if frame is None:
        raise CodecError(f"{subject(value)} has no frame. Pull it as it is.")
    return frame


def read_table_file(path: Path, suffix: str, packed: str = "") -> pd.DataFrame:
    """The table in a file of that suffix, compressed as `packed` says (``gz``, or empty).

    Raises:
        CodecError: The suffix says no table, or the file has none.
    """
    try:
        frame = _read_rows(path, suffix, packed)
    except ValueError as exc:  # pandas' own parsing errors are ValueErrors, decoding errors too
        raise CodecError(f"The .{suffix} file has no table: {exc}") from exc
    if frame is None and packed:
        raise CodecError(f"A .{suffix}.{packed} file has no frame; only csv, tsv and jsonl do.")
    return _read_whole(path, suffix) if frame is None else frame


def _read_rows(path: Path, suffix: str, packed: str) -> pd.DataFrame | None:
    pandas = need("pandas", "frames")
    frame: pd.DataFrame | None = None
    compression = _PACKED[packed]
    if suffix in ("csv", "tsv"):
        separator = "," if suffix == "csv" else "\t"
        frame = pandas.read_csv(path, sep=separator, compression=compression)
    elif suffix in ("jsonl", "ndjson"):
        frame = pandas.read_json(path, lines=True, compression=compression)
    elif suffix in _TEXT and not packed:
        frame = pandas.DataFrame({"line": path.read_text("utf-8").splitlines()})
    return frame


def _read_whole(path: Path, suffix: str) -> pd.DataFrame:
    from .frames import read_arrow, read_parquet

    if suffix == "json":
        return table_of(read_json(path))
    if suffix in ("parquet", "pq"):
        return table_of(read_parquet(path))
    if suffix in ("arrow", "feather", "ipc"):
        return table_of(read_arrow(path))
    what = f"A .{suffix} file" if suffix else "A file without a suffix"
    raise CodecError(f"{what} has no frame: expected csv, tsv, json, jsonl, parquet, arrow or txt.")


def _made(value: Any, pd: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, pd.Series):
        return value.to_frame("value" if value.name is None else value.name)
    if is_exactly(value, "pyarrow.Table"):
        return value.to_pandas()
    if is_exactly(value, "numpy.ndarray"):
        return _of_array(value, pd)
    if isinstance(value, dict):
        return _of_dict(value, pd)
    if isinstance(value, list | tuple | set | frozenset):
        return _of_list(list(value), pd)
    return pd.DataFrame({"value": [value]}) if _is_scalar(value) else None


def _of_array(value: Any, pd: Any) -> Any:
    if value.ndim > 2:
        raise ValueError(f"it has {value.ndim} dimensions")
    if value.ndim == 2 or value.dtype.names:
        return pd.DataFrame(value)
    return pd.DataFrame({"value": value.reshape(-1)})


def _of_dict(value: dict[Any, Any], pd: Any) -> Any:
    items = value.values()
    if all(map(_is_scalar, items)):
        return pd.DataFrame([value])
    if all(isinstance(item, dict) for item in items):
        return pd.DataFrame.from_dict(value, orient="index")
    return pd.DataFrame(value) if not any(map(_is_scalar, items)) else None


def _of_list(value: list[Any], pd: Any) -> Any:
    if all(map(_is_scalar, value)):
        return pd.DataFrame({"value": value})
    return pd.DataFrame(value) if not any(map(_is_scalar, value)) else None


def _is_scalar(value: Any) -> bool:
    """One value of its own: a number, a text, a time, ``None``."""
    return isinstance(value, _SCALARS) or is_instance(
        value, "numpy.generic", "pandas.Timestamp", "pandas.Timedelta"
    )
