"""One annotation against another: the table of docs/types.md, and what must follow from it."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import GenericAlias
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    TypedDict,
    Union,
    get_args,
    get_origin,
)

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom import Artifact, Directory, File
from heirloom.declare.compatible import compatible, why_not
from heirloom.declare.conform import conforms
from heirloom.flyte import kwtypes

Metres = NewType("Metres", float)
_Formats: Any = File  # a type checker knows no subscripts that are not types
CSV, PARQUET = _Formats["csv"], _Formats["parquet"]
CSVS: Any = GenericAlias(list, (CSV,))
PARQUETS: Any = GenericAlias(list, (PARQUET,))
_Trees: Any = Directory
PNGS = _Trees["png"]


class Tier(enum.Enum):
    GOLD = "gold"


class Level(enum.IntEnum):
    gold = 1


class Code(enum.Enum):
    ONE = 1


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass
class Small:
    n: int


@dataclass
class Large:
    n: int
    text: str


@dataclass
class Other:
    n: str


@dataclass
class Optioned:
    n: float
    more: str = ""


@dataclass
class Chain:
    n: int
    rest: Chain | None = None


@dataclass
class Links:
    n: float
    rest: Links | None = None


class Model(pydantic.BaseModel):
    n: int


class Row(TypedDict):
    n: int


def _frame(library: Any, **columns: Any) -> Any:
    return Annotated[library, kwtypes(**columns)]


FITS = [
    (int, int),
    (int, float),
    (float, complex),
    (np.int64, int),
    (np.uint8, float),
    (np.float32, float),
    (np.bool_, bool),
    (Level, int),
    (Metres, float),
    (datetime, date),
    (Any, int),
    (int, Any),
    (int, "a forward reference"),
    (int, int | None),
    (int, int | float),
    (None, int | None),
    (int | str, int | str | None),
    (Literal["a", "b"], str),
    (Literal["gold"], Tier),
    (Literal["a"], Literal["a", "b"]),
    (str, Literal["a", "b"]),
    (str, Tier),
    (Tier, str),
    (Tier, Tier | None),
    (list[int], list[float]),
    (list[int], list),
    (list, list[int]),
    (list[int], Sequence[int]),
    (dict[str, int], Mapping[str, float]),
    (tuple[int, str], tuple[float, str]),
    (tuple[int, int], tuple[int, ...]),
    (Point, tuple),
    (CSV, File),
    (File, CSV),
    (CSV, _Formats["csv"]),
    (PNGS, Directory),
    (CSVS, list[File]),
    (Large, Small),
    (Small, Optioned),
    (Small, Model),
    (Model, Small),
    (Large, Row),
    (Small, dict[str, float]),
    (dict[str, int], Small),
    (dict, Model),
    (Chain, Links),
    (pd.DataFrame, pl.DataFrame),
    (pl.DataFrame, pa.Table),
    (pd.DataFrame, pd.DataFrame | pl.DataFrame),
    (_frame(pd.DataFrame, a=int, b=str), _frame(pl.DataFrame, a=int)),
    (_frame(pa.Table, a="int64"), _frame(pd.DataFrame, a=int)),
    (pd.DataFrame, _frame(pd.DataFrame, a=int)),
    (_frame(pd.DataFrame, a=int), _frame(pl.DataFrame, a=int) | None),
    (_frame(pd.DataFrame, a=int) | None, _frame(pd.DataFrame, a=int) | None),
    (Annotated[pd.DataFrame, Artifact("a")], pd.DataFrame),
]

DOES_NOT = [
    (str, int, "str is no int"),
    (float, int, "float is no int"),
    (bool, int, "bool is no int"),
    (int, bool, "int is no bool"),
    (Metres, int, "float is no int"),
    (date, datetime, "date is no datetime"),
    (int, str, "int is no str"),
    (None, int, "None is no int"),
    (int, None, "int is no None"),
    (int | str, int, "str is no int"),
    (int | None, int, "None is no int"),
    (int, str | bytes, "int is no str | bytes"),
    (int, float | complex, "int could be float or complex"),
    (dict, Small | Model, "dict could be "),
    (Literal["a", "c"], Literal["a", "b"], "str 'c' is no "),
    (Literal["tin"], Tier, "str 'tin' is no "),
    (int, Literal["a"], "int is no "),
    (int, Tier, "int is no "),
    (Code, str, "has members that are no text"),
    (Tier, Code, "is no "),
    (list[str], list[int], "str is no int"),
    (list[int], tuple[int, ...], "is no "),
    (dict[str, str], dict[str, int], "str is no int"),
    (tuple[int, ...], tuple[int, int], "any number of members, not 2"),
    (tuple[int], tuple[int, int], "it has 1 members, not 2"),
    (Directory, File, "a directory is no file"),
    (File, Directory, "a file is no directory"),
    (CSV, PARQUET, "its format is csv, not parquet"),
    (CSVS, PARQUETS, "its format is csv, not parquet"),
    (Small, Large, "field 'text' is missing"),
    (Small, Other, "field 'n': int is no str"),
    (Other, Model, "field 'n': str is no int"),
    (Large, dict[str, int], "field 'text': str is no int"),
    (dict[str, str], Small, "str is no int"),
    (list[int], Small, "is no "),
    (pd.DataFrame, pd.Series, "pandas.DataFrame is no pandas.Series"),
    (pd.DataFrame, np.ndarray, "pandas.DataFrame is no numpy.ndarray"),
    (_frame(pd.DataFrame, b=int), _frame(pl.DataFrame, a=int), "column 'a' is missing; it has b"),
    (_frame(pd.DataFrame, a=str), _frame(pd.DataFrame, a=int), "column 'a' is str, not int"),
    (_frame(pd.DataFrame, b=int), _frame(pl.DataFrame, a=int) | None, "column 'a' is missing"),
    (_frame(pd.DataFrame, b=int), _frame(pd.DataFrame, a=int) | int, "column 'a' is missing"),
    (_frame(pd.DataFrame), _frame(pd.DataFrame, a=int), "it has no columns"),
    (pd.DataFrame, pl.DataFrame | pa.Table, "could be polars.DataFrame or pyarrow.Table"),
    (_frame(pa.Table, a=pa.int32()), _frame(pl.DataFrame, a=pl.Int64), "column 'a' is int32"),
]


@pytest.mark.parametrize(("source", "target"), FITS)
def test_compatible(source: Any, target: Any) -> None:
    """What is promised so may go there."""
    assert why_not(source, target) is None


@pytest.mark.parametrize(("source", "target", "says"), DOES_NOT)
def test_not_compatible(source: Any, target: Any, says: str) -> None:
    """What cannot fit is found before anything runs, with the reason down to its field."""
    assert says in str(why_not(source, target))
    assert not compatible(source, target)


# ---------------------------------------------------------------------- what must follow

_TYPES = st.recursive(
    st.sampled_from([int, float, bool, str, None, Tier, Level, Literal["gold", 1], File, CSV]),
    lambda inner: (
        inner.map(lambda h: list[h])  # type: ignore[valid-type]  # made here
        | inner.map(lambda h: dict[str, h])  # type: ignore[valid-type]  # made here
        | st.tuples(inner, inner).map(lambda pair: GenericAlias(tuple, pair))
        | st.tuples(inner, inner).map(lambda pair: Union[pair])  # noqa: UP007  # of any two, None and a Literal
    ),
    max_leaves=4,
)


def _value_of(hint: Any, draw: Any) -> Any:
    """Some value of a type; of a text, one that every enum here has a member for."""
    args, origin = get_args(hint), get_origin(hint)
    if hint is None or hint is type(None):
        return None
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return draw(st.sampled_from(list(hint)))
    if isinstance(hint, type) and issubclass(hint, File):
        return hint("a")
    if origin is list:
        return [_value_of(args[0], draw) for _ in range(draw(st.integers(0, 2)))]
    if origin is dict:
        return {draw(st.sampled_from("ab")): _value_of(args[1], draw)}
    if origin is tuple:
        return tuple(_value_of(each, draw) for each in args)
    if origin is Literal or args:
        one = draw(st.sampled_from(list(args)))
        return one if origin is Literal else _value_of(one, draw)
    return {int: 1, float: 0.5, bool: True, str: "gold"}[hint]


@given(st.lists(_TYPES, min_size=4, max_size=6), st.data())
def test_a_value_of_what_is_compatible_conforms(types: list[Any], data: Any) -> None:
    """What passes at declaration does not fail for its type in the run."""
    for source, target in itertools.product(types, repeat=2):
        if compatible(source, target):
            assert conforms(_value_of(source, data.draw), target)


@given(_TYPES)
def test_every_type_is_compatible_with_itself(hint: Any) -> None:
    """And with a union that has it."""
    assert compatible(hint, hint)
    if hint is not None:
        assert compatible(hint, hint | None)
