"""What fits where: values against annotations, annotations against each other."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, NewType, Protocol, TypeVar

import numpy as np
import pandas as pd
import pytest

from heirloom import Artifact, Directory, File
from heirloom.declare.types import compatible, fits, is_optional, plain_type, spell

T = TypeVar("T")
Metres = NewType("Metres", float)
_Formats: Any = File  # a type checker knows no subscripts that are not types
CSV, PNG = _Formats["csv"], _Formats["png"]


class Tier(enum.Enum):
    GOLD = "gold"


class Closes(Protocol):
    def close(self) -> None: ...


class Point(NamedTuple):
    x: int
    y: int


FRAME = pd.DataFrame({"a": [1]})


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (1, int),
        (1, float),
        (1.5, complex),
        (True, bool),
        ("x", str),
        (None, None),
        (None, int | None),
        (1, int | str),
        (FRAME, pd.DataFrame),
        (1, Any),
        (object(), T),
        (1.0, Metres),
        ([1, 2], list[int]),
        ([1, 2], Sequence[float]),
        ({"a": 1}, Mapping[str, int]),
        ((1, "a"), tuple[int, str]),
        ((1, 2, 3), tuple[int, ...]),
        (Point(1, 2), Point),
        ("a", Literal["a", "b"]),
        (Tier.GOLD, Tier),
        ("gold", Tier),
        ("GOLD", Tier),
        (File("a.csv"), File),
        (File("a.csv", format="csv"), CSV),
        (File("a"), CSV),
        (Directory("d"), Directory),
        (1, Annotated[int, Artifact("a")]),
        (object(), Closes),
        (1, "a forward reference"),
    ],
)
def test_fits(value: Any, hint: Any) -> None:
    """A value fits its annotation; one that is not understood takes all."""
    assert fits(value, hint)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("1", int),
        (True, int),
        (True, float),
        (1.0, int),
        (1, str),
        (None, int),
        (0, None),
        ([1], pd.DataFrame),
        (np.zeros(1), pd.DataFrame),
        (["a"], list[int]),
        ([1], tuple[int]),
        ((1,), tuple[int, str]),
        ({1: 1}, dict[str, int]),
        ("c", Literal["a", "b"]),
        ("silver", Tier),
        ("a.csv", File),
        (Directory("d"), File),
        (File("d"), Directory),
        (File("a.png", format="png"), CSV),
        ("x", int | None),
    ],
)
def test_does_not_fit(value: Any, hint: Any) -> None:
    """Nothing is converted silently; a bool is no number, a path no file."""
    assert not fits(value, hint)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (int, int),
        (int, float),
        (int, int | None),
        (int | str, int | str | None),
        (Any, int),
        (int, Any),
        (list[int], list[float]),
        (list[int], list),
        (Point, tuple),
        (CSV, File),
        (File, CSV),
        (CSV, _Formats["csv"]),
        (Metres, int),
        (None, int | None),
        (Annotated[int, Artifact("a")], int),
    ],
)
def test_compatible(source: Any, target: Any) -> None:
    """What is annotated so may go there; what is not understood passes until the value is known."""
    assert compatible(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (str, int),
        (float, int),
        (bool, int),
        (int | str, int),
        (int | None, int),
        (None, int),
        (int, None),
        (list[str], list[int]),
        (dict[str, str], dict[str, int]),
        (File, Directory),
        (CSV, PNG),
        (pd.DataFrame, pd.Series),
    ],
)
def test_not_compatible(source: Any, target: Any) -> None:
    """What cannot fit is found before anything runs: every member of a union must."""
    assert not compatible(source, target)


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (pd.DataFrame, "pandas.DataFrame"),
        (int | None, "int | None"),
        (list[int], "list[int]"),
        (File, "File"),
        (CSV, 'File["csv"]'),
        (Annotated[int, 1], "int"),
    ],
)
def test_spelled_as_written(hint: Any, text: str) -> None:
    """Errors show an annotation as its author would write it."""
    assert spell(hint) == text


def test_optional_and_plain() -> None:
    """``Annotated`` is transparent."""
    assert is_optional(Annotated[int | None, 1])
    assert not is_optional(int)
    assert plain_type(Annotated[Annotated[int, 1], 2]) is int
