"""Tables and arrays as previews: the first rows, and a line on each column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from heirloom.render import Html, block, details, join, table

__all__ = ["array_html", "frame_html", "is_frame", "shape_text"]

_ROWS, _COLUMNS, _SUMMED = 6, 10, 40
_CELLS = 500_000
"""Cells that a summary goes through; of a larger table, its first rows."""
_LONG = 60


def is_frame(value: Any) -> bool:
    """Whether it is a frame, a series, or a table of Arrow or Polars."""
    return _pandas(value) is not None


def shape_text(value: Any) -> str:
    """``449 rows and 31 columns``, ``28 x 28 of float32``; empty of what has no shape."""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple):
        return ""
    if hasattr(value, "dtype") and not hasattr(value, "iloc"):
        return f"{' x '.join(f'{n:,}' for n in shape) or 'one number'} of {value.dtype}"
    rows = f"{shape[0]:,} row{'' if shape[0] == 1 else 's'}"
    if len(shape) == 1:
        return rows
    return f"{rows} and {shape[1]:,} column{'' if shape[1] == 1 else 's'}"


def frame_html(value: Any) -> Html:
    """The head of a table and, folded below it, what is in each column."""
    frame = _pandas(value)
    head = frame.iloc[:_ROWS, :_COLUMNS]
    rows = [
        [_cell(index), *map(_cell, row)]
        for index, row in zip(head.index, head.astype(object).values, strict=True)
    ]
    shown = table(rows, ("", *map(_cell, head.columns)))
    size = shape_text(value)
    cut = f", the first {_COLUMNS} of them" if frame.shape[1] > _COLUMNS else ""
    summary = details("Columns", table(_summary(frame), ("column", "type", "filled", "values")))
    return join((block("hl-preview", shown), block("hl-sub", size + cut), summary))


def array_html(value: Any) -> Html:
    """The corner of an array, its shape, and where its numbers lie."""
    size = block("hl-sub", shape_text(value))
    try:
        import numpy

        array = numpy.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        return size
    if not array.size:
        return size
    flat = array.reshape(-1)[:_CELLS]
    said = ""
    if array.dtype.kind in "iuf":
        of = "" if flat.size == array.size else f" (of the first {flat.size:,})"
        said = f"from {flat.min():.6g} to {flat.max():.6g}, mean {flat.mean():.6g}{of}"
    corner = array
    while corner.ndim > 2:
        corner = corner[0]
    if corner.ndim == 0:
        corner = corner.reshape(1)
    corner = corner[:_ROWS] if corner.ndim == 1 else corner[:_ROWS, :_COLUMNS]
    rows = [[_cell(x) for x in (row if corner.ndim == 2 else [row])] for row in corner]
    shown = block("hl-preview", table(rows))
    return join((shown, size, block("hl-sub", said) if said else ""))


def _pandas(value: Any) -> Any:
    """The value as a frame of pandas, at most its first `_CELLS` cells copied; `None` of others."""
    if hasattr(value, "iloc"):
        return value.to_frame() if hasattr(value, "to_frame") else value
    if hasattr(value, "to_pandas") and hasattr(value, "slice") and hasattr(value, "columns"):
        width = max(1, value.shape[1])
        return value.slice(0, max(_ROWS, _CELLS // width)).to_pandas()
    return None


def _summary(frame: Any) -> Iterator[tuple[object, ...]]:
    least = frame.iloc[: max(_ROWS, _CELLS // max(1, frame.shape[1]))]
    for at in range(min(_SUMMED, least.shape[1])):
        column = least.iloc[:, at]
        filled = column.notna().mean() if len(column) else 1.0
        yield _cell(least.columns[at]), str(column.dtype), f"{filled:.0%}", _values(column)
    if least.shape[1] > _SUMMED:
        yield f"and {least.shape[1] - _SUMMED:,} more", "", "", ""


def _values(column: Any) -> str:
    known = column.dropna()
    if not len(known):
        return ""
    try:
        if known.dtype.kind in "iufcmM":
            return f"{_cell(known.min())} to {_cell(known.max())}"
        counts = known.value_counts()
    except TypeError:  # of what has no order, or no hash
        return ""
    return f"{len(counts):,} different, most often {_cell(counts.index[0])}"


def _cell(value: Any) -> str:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    text = f"{value:.6g}" if isinstance(value, float) or kind == "f" else str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
