"""The columns that an annotation asks of a frame, and those that a frame has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from heirloom.codecs import class_name, loaded

__all__ = [
    "FRAMES",
    "Columns",
    "columns_of",
    "dtypes_of",
    "is_frame",
    "spell_columns",
    "why_not_columns",
]

FRAMES = ("pandas.DataFrame", "polars.DataFrame", "pyarrow.Table")
"""The classes of which any is had as any other."""

_FAMILIES = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"u?int\d*$", "int"),
        (r"float\d*$|double$|half", "float"),
        (r"bool", "bool"),
        (r"(large_)?(str|utf8)(?!uct)", "str"),
        (r"categ|dictionary|enum", "category"),
        (r"datetime|timestamp", "datetime"),
        (r"date", "date"),
        (r"timedelta|duration", "timedelta"),
        (r"time", "time"),
        (r"(large_|fixed_size_)?(binary|bytes)", "bytes"),
        (r"decimal", "decimal"),
        (r"(large_|fixed_size_)?(list|array)", "list"),
        (r"struct|dict", "dict"),
        (r"mixed", "mixed"),
    )
)
_NUMBERS = {"double": "float64", "float": "float32", "halffloat": "float16", "half": "float16"}
_IN_OBJECTS = {"string": "str", "integer": "int", "floating": "float", "boolean": "bool"}


@dataclass(frozen=True, eq=False, slots=True)
class Columns(Mapping[str, Any]):
    """The types of columns by name, and hashable: Python has no union with a dict inside."""

    _types: tuple[tuple[str, Any], ...]

    def __getitem__(self, name: str) -> Any:
        return dict(self._types)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._types)

    def __len__(self) -> int:
        return len(self._types)

    def __hash__(self) -> int:
        return hash(self._types)

    def __repr__(self) -> str:
        return f"<columns {spell_columns(self)}>"


def is_frame(kind: Any) -> bool:
    """Whether a class is one of `FRAMES`; imports nothing."""
    return isinstance(kind, type) and class_name(kind) in FRAMES


def columns_of(hint: Any) -> Columns | None:
    """The columns and their types that ``Annotated[frame, …]`` names; `None` where it names none.

    They are a mapping, what ``heirloom.flyte.kwtypes`` gives, or a schema of polars or Arrow.
    """
    if get_origin(hint) is not Annotated or not is_frame(get_args(hint)[0]):
        return None
    schema = loaded("pyarrow.Schema")
    for extra in hint.__metadata__:
        if isinstance(extra, Mapping):
            return Columns(tuple((str(name), kind) for name, kind in extra.items()))
        if schema is not None and isinstance(extra, schema):
            fields: Any = extra
            return Columns(tuple((field.name, field.type) for field in fields))
    return None


def spell_columns(columns: Mapping[str, Any]) -> str:
    """Columns as people read them."""
    return ", ".join(f"{name}: {_text(kind)}" for name, kind in columns.items())


def dtypes_of(frame: Any) -> dict[str, Any]:
    """The dtype of every column; of pandas' objects what they all are, which looks at them."""
    name = class_name(type(frame))
    if name == "polars.DataFrame":
        return dict(frame.schema)
    if name == "pyarrow.Table":
        return {field.name: field.type for field in frame.schema}
    return {str(name): _of_objects(column) for name, column in frame.items()}


def _of_objects(column: Any) -> Any:
    dtype = getattr(column, "dtype", "mixed")  # of two columns of one name, none
    if str(dtype) != "object":
        return dtype
    from pandas.api.types import infer_dtype

    found = infer_dtype(column, skipna=True)
    return _IN_OBJECTS.get(found, "" if found == "empty" else found)


def why_not_columns(has: Mapping[str, Any], wants: Mapping[str, Any]) -> str:
    """Why a frame of the columns `has` cannot stand where `wants` is asked; empty if it can.

    More columns than are asked for do no harm. A type of Python's, ``int`` for one, takes every
    width of it; a dtype takes itself. An integer is no float here: nobody's columns are converted.
    """
    for name, kind in wants.items():
        if name not in has:
            listed = ", ".join(list(has)[:12]) + (", …" if len(has) > 12 else "")
            return f"column {name!r} is missing; it has {listed or 'no columns'}"
        if not _same(_meant(has[name]), _meant(kind)):
            return f"column {name!r} is {_text(has[name])}, not {_text(kind)}"
    return ""


def _same(has: tuple[str, str], wants: tuple[str, str]) -> bool:
    """Whether two are the same as far as both say: a family each, of numbers also the width."""
    if not (has[0] and wants[0]):
        return True
    if {has[0], wants[0]} == {"str", "category"}:
        return True
    return has[0] == wants[0] and (has[1] == wants[1] or not (has[1] and wants[1]))


def _meant(kind: Any) -> tuple[str, str]:
    text = _text(kind).lower()
    text = _NUMBERS.get(text, text) if kind is not float else text
    family = next((family for form, family in _FAMILIES if form.match(text)), "")
    exact = text if family in ("int", "float") and text != family else ""
    return family, exact


def _text(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)
