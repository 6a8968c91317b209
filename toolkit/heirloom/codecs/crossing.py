"""The way from pandas to Arrow and back, refusing what would not come back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from heirloom.errors import CodecError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_arrow", "to_pandas"]


def to_arrow(frame: pd.DataFrame) -> Any:
    """The Arrow table from which pandas makes this frame again.

    Raises:
        CodecError: A column, the columns' names or the attrs would not come back as they are.
    """
    import pyarrow as pa

    _check_names(frame)
    try:
        json.dumps(frame.attrs)
    except (TypeError, ValueError) as exc:
        raise CodecError(f"df.attrs cannot be kept: {exc}. Make it plain JSON.") from exc
    try:
        return pa.Table.from_pandas(frame)
    except _not_arrow() as exc:
        raise _refusal(frame, exc) from exc


def _check_names(frame: pd.DataFrame) -> None:
    """Refuse names that Arrow would turn into text."""
    columns = frame.columns
    if not columns.is_unique:
        twice = columns[columns.duplicated()][0]
        raise CodecError(f"Two columns are named {twice!r}. Rename one with df.columns = [...].")
    for level in range(columns.nlevels):
        names = columns.get_level_values(level)
        if not _are_kept(names):
            odd = next((name for name in names if not isinstance(name, str)), names[0])
            raise CodecError(
                f"The column name {odd!r} would come back as another. Make all names strings: "
                "df.columns = list(map(str, df.columns))."
            )
    for name in (*columns.names, *frame.index.names):
        if name is not None and not isinstance(name, str):
            raise CodecError(f"The index name {name!r} would come back as text. Make it a string.")


def _are_kept(names: pd.Index[Any]) -> bool:
    """Whether Arrow gives these names back: texts, whole numbers, floats or times, unmixed."""
    if names.dtype.kind in "ifM":
        return True
    return str(names.dtype) != "category" and all(type(name) is str for name in names)


def to_pandas(table: Any, meta: Mapping[str, Any]) -> pd.DataFrame:
    """The frame in an Arrow table, as `meta` from its encoding completes it."""
    # integers with a hole come from a column of objects: without this they came back as floats
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=bool(table.schema.pandas_metadata))
    if dtypes := meta.get("dtypes"):
        frame = frame.astype(dtypes)
    if freq := meta.get("freq"):
        frame.index.freq = freq  # type: ignore[attr-defined] # of an index of times
    return frame


def _refusal(frame: pd.DataFrame, error: Exception) -> CodecError:
    """One line that names the first column which Arrow does not take by itself."""
    import pyarrow as pa

    what = "The frame"
    for name, column in frame.items():
        try:
            pa.Array.from_pandas(column)
        except _not_arrow() as exc:
            what, error = f"Column {name!r} of dtype {column.dtype}", exc
            break
    why = " ".join(str(error.args[0] if error.args else error).split()).rstrip(".")
    return CodecError(f'{what} cannot be kept: {why}. Make it plain, or pass format="pickle".')


def _not_arrow() -> tuple[type[Exception], ...]:
    """What Arrow raises for values that it does not take."""
    import pyarrow as pa

    return (pa.ArrowException, TypeError, ValueError, OverflowError)
