"""A frame of one library had as that of another, with all that is in it."""

from __future__ import annotations

from typing import Any

from heirloom.codecs import class_name
from heirloom.codecs.crossing import to_arrow, to_pandas
from heirloom.codecs.needs import need
from heirloom.errors import CodecError

__all__ = ["crossed"]


def crossed(frame: Any, wanted: str) -> Any:
    """A frame as one of another class of `FRAMES`; the columns are shared where they can be.

    Raises:
        CodecError: Something of it would be lost; the message says what.
        MissingExtra: The library is not installed.
    """
    table = _table(frame, wanted)
    if wanted == "pyarrow.Table":
        return table
    if wanted == "pandas.DataFrame":
        return _pandas(table)
    try:
        return need("polars", "frames").from_arrow(table)
    except (TypeError, ValueError) as error:
        raise CodecError(f"polars does not take it: {error}.") from error


def _table(frame: Any, wanted: str) -> Any:
    need("pyarrow", "frames")
    name = class_name(type(frame))
    if name == "pyarrow.Table":
        return frame
    if name == "polars.DataFrame":
        return frame.to_arrow()
    table = to_arrow(frame)
    if wanted == "pyarrow.Table":
        return table
    return to_arrow(_without_row_numbers(frame)).replace_schema_metadata(None)


def _without_row_numbers(frame: Any) -> Any:
    """The frame with nothing but columns; whole numbers without a name count its rows.

    Raises:
        CodecError: Its index or its names say more than a frame of polars can.
    """
    if (
        frame.index.nlevels > 1
        or frame.index.name is not None
        or frame.index.dtype.kind not in "iu"
    ):
        msg = "polars has no index, and it would be lost. df.reset_index() makes it a column."
        raise CodecError(msg)
    if not all(isinstance(name, str) for name in frame.columns):
        msg = "polars names columns by text. Write df.columns = list(map(str, df.columns))."
        raise CodecError(msg)
    return frame.reset_index(drop=True)


def _pandas(table: Any) -> Any:
    """The frame; whole numbers and truths with holes keep their type, as pandas' nullable ones."""
    import pandas as pd
    import pyarrow as pa

    if table.schema.pandas_metadata:
        return to_pandas(table, {})
    names = table.column_names
    if len(set(names)) < len(names):
        msg = "pandas has it with two columns of one name. Rename one."
        raise CodecError(msg)
    frame = table.to_pandas()
    for field in table.schema:
        whole = pa.types.is_integer(field.type) or pa.types.is_boolean(field.type)
        if whole and table[field.name].null_count:
            named = str(field.type)
            dtype = "boolean" if named == "bool" else named.replace("uint", "UInt", 1)
            dtype = dtype if dtype[0] in "bU" else dtype.capitalize()
            frame[field.name] = pd.array(table[field.name].to_pylist(), dtype=dtype)
    return frame
