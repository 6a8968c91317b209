"""Cards: Markdown for people, written by hand or made of a file, a frame, a figure."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from heirloom.errors import InputError
from heirloom.records.files import File
from heirloom.records.versions import Card

__all__ = ["DataCard", "ModelCard", "of_file"]

_ROWS = 20
_WIDEST = 720  # pixels: as wide as a card is shown
_PICTURES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


class ModelCard(Card):
    """What describes a model: Markdown, or what becomes it.

    A file is its text or its picture; a frame (pandas, polars, pyarrow) a table of its first
    twenty rows; a figure or an image a picture.

    Raises:
        InputError: It is none of these, or too long.
    """

    def __init__(self, content: Any) -> None:
        super().__init__(_markdown(content), "model")

    @classmethod
    def from_obj(cls, content: Any) -> ModelCard:
        """The same, by the name that Union gives it."""
        return cls(content)


class DataCard(Card):
    """What describes data: as a `ModelCard`."""

    def __init__(self, content: Any) -> None:
        super().__init__(_markdown(content), "data")

    @classmethod
    def from_obj(cls, content: Any) -> DataCard:
        """The same, by the name that Union gives it."""
        return cls(content)


def _markdown(content: Any) -> str:
    if isinstance(content, str):
        return str(content)
    if isinstance(content, File):
        content = Path(content.download())
    if isinstance(content, os.PathLike):
        return of_file(Path(content))
    room = type(content).__module__.partition(".")[0]
    if room in _TABLES and hasattr(content, "__len__"):
        return _TABLES[room](content)
    if hasattr(content, "savefig"):
        picture = io.BytesIO()
        content.savefig(picture, format="png", dpi=80, bbox_inches="tight")
        return _picture(picture.getvalue(), "png")
    if room == "PIL" and hasattr(content, "thumbnail"):
        small, picture = content.copy(), io.BytesIO()
        small.thumbnail((_WIDEST, _WIDEST))
        small.save(picture, format="png")
        return _picture(picture.getvalue(), "png")
    msg = (
        "A card is Markdown text, a file, a frame or a figure; "
        f"got a {type(content).__name__}. Write what it shall say as text."
    )
    raise InputError(msg, name="card", given=type(content).__name__)


def of_file(path: Path) -> str:
    """The Markdown of a file: its text, or its picture.

    Raises:
        InputError: It cannot be read.
    """
    try:
        kind = _PICTURES.get(path.suffix.lower())
        return _picture(path.read_bytes(), kind) if kind else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"A card of the file {str(path)!r} cannot be read: {error}"
        raise InputError(msg, name="card", given=str(path)) from error


def _picture(content: bytes, kind: str) -> str:
    return f"![](data:image/{kind};base64,{base64.b64encode(content).decode()})"


def _of_pandas(frame: Any) -> str:
    frame = frame.to_frame() if hasattr(frame, "to_frame") else frame
    head = frame.head(_ROWS)
    rows = ([index, *row] for index, row in zip(head.index, head.values.tolist(), strict=True))
    return _table(["", *map(str, frame.columns)], rows, len(frame))


def _of_polars(frame: Any) -> str:
    frame = frame.to_frame() if hasattr(frame, "to_frame") else frame
    return _table(frame.columns, frame.head(_ROWS).rows(), len(frame))


def _of_arrow(table: Any) -> str:
    rows = (row.values() for row in table.slice(0, _ROWS).to_pylist())
    return _table(table.column_names, rows, len(table))


_TABLES = {"pandas": _of_pandas, "polars": _of_polars, "pyarrow": _of_arrow}


def _table(names: Sequence[str], rows: Iterable[Iterable[Any]], count: int) -> str:
    lines = [_line(names), _line("---" for _ in names), *map(_line, rows)]
    more = [f"\n{count - _ROWS:,} more rows."] if count > _ROWS else []
    return "\n".join([*lines, *more])


def _line(cells: Iterable[Any]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
