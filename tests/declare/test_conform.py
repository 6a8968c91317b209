"""Values as their annotations say: the same object, an equal one of another type, or refused."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import GenericAlias
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Protocol,
    TypedDict,
    TypeVar,
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
from heirloom.codecs import class_name
from heirloom.declare.conform import conformed, conforms
from heirloom.declare.misfit import Misfit
from heirloom.engine.taking import may_be_of

T = TypeVar("T")
Metres = NewType("Metres", float)
_Formats: Any = File  # a type checker knows no subscripts that are not types
CSV, PNG = _Formats["csv"], _Formats["png"]


class Tier(enum.Enum):
    GOLD = "gold"
    TIN = "tin"


class Level(enum.IntEnum):
    LOW = 1


class Word(enum.StrEnum):
    YES = "yes"


class Closes(Protocol):
    def close(self) -> None: ...


class Point(NamedTuple):
    x: int
    y: float = 0.0


@dataclass
class Box:
    at: Point
    tier: Tier
    sizes: list[float] = field(default_factory=list)
    area: float = field(init=False, default=0.0)


@dataclass
class Bigger:
    at: Point
    tier: str
    colour: str


@dataclass
class Positive:
    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            msg = "n is at least 1"
            raise ValueError(msg)


class Model(pydantic.BaseModel):
    n: int
    when: date = date(2026, 1, 1)


class Row(TypedDict):
    n: float
    note: NotRequired[str]


FRAME = pd.DataFrame({"a": [1, 2]})

AS_THEY_ARE = [
    (1, int),
    (1.5, float),
    (True, bool),
    ("x", str),
    (None, None),
    (None, int | None),
    (1, int | str),
    (1, float | int),
    (True, int | bool),
    ("gold", Tier | str),
    (Level.LOW, int),
    (Word.YES, str),
    (FRAME, pd.DataFrame),
    (FRAME, pl.DataFrame | pd.DataFrame),
    (1, Any),
    (object(), T),
    (1.0, Metres),
    ([1, 2], list[int]),
    ([1, 2], list),
    ([1, 2], Sequence[int]),
    ("日本語", Sequence[str | int]),
    ({"a": 1}, Mapping[str, int]),
    ((1, "a"), tuple[int, str]),
    ((1, 2, 3), tuple[int, ...]),
    ((), tuple[()]),
    (Point(1, 2.0), Point),
    (Point(1, 2.0), tuple[int, float]),
    (Box(Point(1), Tier.GOLD), Box),
    (Tier.GOLD, Tier),
    (File("a.csv"), File),
    (File("a.csv", format="csv"), CSV),
    (File("a"), CSV),
    (Directory("d"), Directory),
    (1, Annotated[int, Artifact("a")]),
    (object(), Closes),
    (1, "a forward reference"),
    (np.zeros(2), np.ndarray),
    (np.zeros(2), np.ndarray[Any, np.dtype[np.float64]]),
    (datetime(2026, 1, 1, tzinfo=UTC), date),
    ({"n": 1.0}, Row),
    ({1, 2}, set[int]),
]


@pytest.mark.parametrize(("value", "hint"), AS_THEY_ARE)
def test_a_value_that_is_what_is_asked_for_stays_itself(value: Any, hint: Any) -> None:
    """Nothing is copied: what is known of the object, its version for one, stays known."""
    assert conformed(value, hint) is value


MADE = [
    (1, float, 1.0),
    (1.5, complex, 1.5 + 0j),
    (np.int64(3), int, 3),
    (np.uint8(3), float, 3.0),
    (np.float32(0.5), float, 0.5),
    (np.float64(0.5), float, 0.5),
    (np.longdouble(0.5), float, 0.5),
    (np.bool_(True), bool, True),
    (np.int64(3), int | float, 3),
    (np.int64(3), float | None, 3.0),
    ("gold", Tier, Tier.GOLD),
    ("TIN", Tier, Tier.TIN),
    ("gold", Tier | None, Tier.GOLD),
    (Tier.GOLD, str, "gold"),
    ("a", Literal["a", "b"], "a"),
    (np.int64(2), Literal[1, 2], 2),
    ([1, np.int64(2)], list[float], [1.0, 2.0]),
    ([1, 2], Sequence[float], [1.0, 2.0]),
    ({1, 2}, set[float], {1.0, 2.0}),
    ((1, "gold"), tuple[float, Tier], (1.0, Tier.GOLD)),
    ({"a": "gold"}, dict[str, Tier], {"a": Tier.GOLD}),
    ({"gold": [1]}, dict[Tier, list[float]], {Tier.GOLD: [1.0]}),
    ({"x": 1, "y": 2}, Point, Point(1, 2.0)),
    ({"x": 1}, Point, Point(1)),
    (Point(1, 2), tuple[float, float], Point(1.0, 2.0)),  # type: ignore[arg-type]  # floats it has none
    (
        {"at": {"x": 1}, "tier": "gold", "sizes": [1]},
        Box,
        Box(Point(1), Tier.GOLD, [1.0]),
    ),
    (Bigger(Point(1), "gold", "red"), Box, Box(Point(1), Tier.GOLD)),
    (Positive(3), dict, {"n": 3}),
    (Positive(3), dict[str, float], {"n": 3.0}),
    ({"n": 3}, Model, Model(n=3)),
    ({"n": 3, "when": "2026-02-01"}, Model, Model(n=3, when=date(2026, 2, 1))),
    (Positive(3), Model, Model(n=3)),
    ({"n": 1, "note": "x"}, Row, {"n": 1.0, "note": "x"}),
]


@pytest.mark.parametrize(("value", "hint", "made"), MADE)
def test_a_value_arrives_as_its_declared_type(value: Any, hint: Any, made: Any) -> None:
    """It is equal to what was given, and of the type that was asked for, down to its parts."""
    found = conformed(value, hint)
    assert found == made
    assert type(found) is type(made)
    parts = zip(_parts(found), _parts(made), strict=True)
    assert all(type(one) is type(other) for one, other in parts)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return list(value) if isinstance(value, list | tuple) else []


REFUSED = [
    ("1", int, ""),
    (True, int, ""),
    (True, float, ""),
    (1, bool, ""),
    (np.bool_(True), int, ""),
    (1.0, int, ""),
    (1.5, int, ""),
    (np.float64(1), int, ""),
    (2**53 + 1, float, "no float is that number"),
    (10**400, float, "no float is that number"),
    (np.longdouble(1) / 3, float, "no float is that number"),
    (1, str, ""),
    (Level.LOW, Tier, ""),
    (None, int, ""),
    (0, None, ""),
    ([1], pd.DataFrame, ""),
    (np.zeros(1), pd.DataFrame, ""),
    (FRAME, pd.Series, ""),
    (["a"], list[int], "[0] is str 'a'"),
    ([[1], [2, "b"]], list[list[int]], "[1][1] is str 'b'"),
    (["a"], list[int] | None, "[0] is str 'a'"),
    ([1], tuple[int], ""),
    ((1,), tuple[int, str], "it has 1 members, not 2"),
    ({1: 1}, dict[str, int], "key 1 is int 1"),
    ({"a": "b"}, dict[str, int], "['a'] is str 'b'"),
    ({Tier.GOLD: 1, "gold": 2}, dict[str, int], "two of its keys become one"),
    ({Tier.GOLD, "gold"}, set[str], "two of its members become one"),
    ("c", Literal["a", "b"], ""),
    (True, Literal[1], ""),
    ("silver", Tier, "it has GOLD, TIN"),
    ("godl", Tier, "it has GOLD, TIN"),
    ("a.csv", File, "write File(…)"),
    (Directory("d"), File, ""),
    (File("d"), Directory, ""),
    (File("a.png", format="png"), CSV, "its format is 'png'"),
    ("x", int | None, ""),
    (1, float | complex, "it could be float or complex"),
    ({"n": 1}, Positive | Model, "it could be "),
    ({"y": 1.0}, Point, "field 'x' is missing"),
    ({"x": 1, "z": 1}, Point, "'z' is no field of it"),
    ({"x": "1"}, Point, "x is str '1'"),
    ({"at": {"x": 1.5}, "tier": "gold"}, Box, "at.x is float 1.5"),
    ({"at": {"x": 1}, "tier": "gold", "area": 1.0}, Box, "'area' is no field of it"),
    ({"n": 0}, Positive, "n is at least 1"),
    ({"n": "x"}, Model, "Input should be a valid integer"),
    ({"n": 1, "wen": "2026-01-01"}, Model, "'wen' is no field of it. Did you mean 'when'?"),
    ({"note": "x"}, Row, "field 'n' is missing"),
    ({"n": 1.0, "more": 1}, Row, "'more' is no field of it"),
    (3, Row, ""),
]


@pytest.mark.parametrize(("value", "hint", "says"), REFUSED)
def test_what_would_be_lost_or_guessed_is_refused(value: Any, hint: Any, says: str) -> None:
    """The reason names the part that is why; it is empty where the two types say it all."""
    with pytest.raises(Misfit) as caught:
        conformed(value, hint)
    assert says in caught.value.reason
    assert bool(says) == bool(caught.value.reason)
    assert "\n" not in caught.value.reason


def test_a_class_that_was_edited_takes_what_the_one_before_it_made() -> None:
    """In a notebook a cell runs again; its enum's members and objects are still understood."""

    def again() -> Any:
        class Colour(enum.Enum):
            RED = 1

        @dataclass
        class Spot:
            colour: Colour

        return Colour, Spot

    (colour, spot), (newer, newer_spot) = again(), again()
    made = conformed(spot(colour.RED), newer_spot)
    assert type(made) is newer_spot or made.colour is colour.RED
    assert conformed(colour.RED, newer) is newer.RED


# ---------------------------------------------------------------------- frames

TABLES: dict[Any, Callable[[Any], Any]] = {
    pd.DataFrame: lambda data: pd.DataFrame(data),
    pl.DataFrame: lambda data: pl.DataFrame(data),
    pa.Table: lambda data: pa.table(data),
}
DATA = {
    "n": [1, 2, 3],
    "x": [0.5, 1.5, 2.5],
    "s": ["a", None, "ü"],
    "t": [True, False, True],
    "at": [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)],
}


@pytest.mark.parametrize("source", TABLES)
@pytest.mark.parametrize("target", TABLES)
def test_a_frame_is_had_as_one_of_another_library(source: Any, target: Any) -> None:
    """All values come along, with their types; of its own library it is itself."""
    given = TABLES[source](DATA)
    made = conformed(given, target)
    assert type(made) is target
    assert (made is given) == (source is target)
    back: Any = conformed(made, pl.DataFrame)
    assert back.to_dict(as_series=False) == DATA
    assert conformed(made, target) is made


def test_whole_numbers_with_holes_stay_whole_numbers() -> None:
    """Pandas would make floats of them, and lose the last digits of large ones."""
    big = 2**62 + 1
    made = conformed(pl.DataFrame({"n": [big, None], "t": [True, None]}), pd.DataFrame)
    assert dict(made.dtypes.astype(str)) == {"n": "Int64", "t": "boolean"}
    assert made["n"][0] == big
    small = conformed(pa.table({"n": pa.array([7, None], pa.uint8())}), pd.DataFrame)
    assert str(small["n"].dtype) == "UInt8"


def _named(index: list[str], name: str | None = None) -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2]}, index=pd.Index(index, name=name))


def test_an_index_of_row_numbers_is_no_column() -> None:
    """Filtering leaves gaps in it; any other index would be lost, and is refused."""
    gaps = FRAME[FRAME["a"] > 1]
    assert conformed(gaps, pl.DataFrame).to_dict(as_series=False) == {"a": [2]}
    for frame in (_named(["x", "y"]), FRAME.rename_axis(index="id")):
        with pytest.raises(Misfit, match="reset_index"):
            conformed(frame, pl.DataFrame)
    with pytest.raises(Misfit, match="names columns by text"):
        conformed(pd.DataFrame({0: [1]}), pl.DataFrame)
    with pytest.raises(Misfit, match="two columns of one name"):
        conformed(pa.table([[1], [2]], names=["a", "a"]), pd.DataFrame)


def test_an_arrow_table_keeps_the_index_of_pandas() -> None:
    """Arrow has a place for it: back in pandas the frame is the same."""
    frame = _named(["x", "y"], "id")
    there = conformed(frame, pa.Table)
    pd.testing.assert_frame_equal(conformed(there, pd.DataFrame), frame)


@pytest.mark.parametrize("library", TABLES)
@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({}, ""),
        ({"n": int, "x": float}, ""),
        ({"s": str, "t": bool, "at": datetime}, ""),
        ({"n": "int64"}, ""),
        ({"n": pa.int64(), "x": pl.Float64}, ""),
        ({"m": int}, "column 'm' is missing; it has n, x, s, t, at"),
        ({"n": float}, "column 'n' is "),
        ({"x": int}, "column 'x' is "),
        ({"n": "int32"}, "column 'n' is "),
        ({"at": str}, "column 'at' is "),
    ],
)
def test_columns_that_are_asked_for(library: Any, columns: Any, says: str) -> None:
    """By name and type, of every library alike; further columns do no harm."""
    hint: Any = Annotated[library, columns]
    for make in TABLES.values():
        if not says:
            assert type(conformed(make(DATA), hint)) is library
            continue
        with pytest.raises(Misfit) as caught:
            conformed(make(DATA), hint)
        assert says in caught.value.reason


def test_objects_of_pandas_are_what_they_all_are() -> None:
    """A column of objects is looked at; one that is empty may be anything."""
    frame = pd.DataFrame({"s": ["a"], "n": [1], "m": [1], "e": [None]}, dtype=object)
    frame["m"] = pd.Series([b"x"], dtype=object)
    assert conforms(frame, Annotated[pd.DataFrame, {"s": str, "n": int, "e": float}])
    assert not conforms(frame, Annotated[pd.DataFrame, {"s": int}])
    assert conforms(frame, Annotated[pd.DataFrame, {"m": bytes}])


def test_schemas_of_the_libraries_are_columns() -> None:
    """What polars and Arrow call a schema may be written as it is."""
    for schema in (pl.Schema({"n": pl.Int64}), pa.schema({"n": pa.int64()})):
        assert conforms(pl.DataFrame(DATA), Annotated[pl.DataFrame, schema])
        assert not conforms(pl.DataFrame({"n": ["a"]}), Annotated[pl.DataFrame, schema])


# ---------------------------------------------------------------------- what always holds

_LEAVES = st.sampled_from([1, 2**60, 1.5, True, "gold", "x", None, Tier.TIN, np.int64(2)])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "gold"]), inner, max_size=2)
        | st.tuples(inner, inner)
    ),
    max_leaves=6,
)
_HINTS = st.recursive(
    st.sampled_from([int, float, bool, str, None, Tier, Any, Point, Row, Literal["x", 1]]),
    lambda inner: (
        inner.map(lambda h: list[h])  # type: ignore[valid-type]  # made here
        | inner.map(lambda h: dict[str, h])  # type: ignore[valid-type]  # made here
        | st.tuples(inner, inner).map(lambda pair: GenericAlias(tuple, pair))
        | inner.map(lambda h: h if h is Any else h | None if h is not None else None)
    ),
    max_leaves=4,
)


@given(_VALUES, _HINTS)
def test_what_conforms_stays_as_it_is(value: Any, hint: Any) -> None:
    """Conforming again gives the same object."""
    try:
        made = conformed(value, hint)
    except Misfit:
        return
    assert conformed(made, hint) is made


@given(_VALUES, _HINTS)
def test_the_class_of_what_conforms_may(value: Any, hint: Any) -> None:
    """A launch form leaves classes out that cannot fit, and with them no value that does."""
    if conforms(value, hint):
        assert may_be_of(hint, class_name(type(value)))


@pytest.mark.parametrize(("value", "hint"), [*AS_THEY_ARE, *(row[:2] for row in MADE)])
def test_the_class_of_each_that_conforms_may(value: Any, hint: Any) -> None:
    """The same of the tables."""
    assert may_be_of(hint, class_name(type(value)))
