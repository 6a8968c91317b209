"""Constants: what is written as an expression, and that the expression gives it again."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import fractions
import linecache
import logging
import math
import pathlib
import re
import types
import typing
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.declare.closure import capture
from heirloom.declare.rebuild import rebuild_entry

VALUES = [
    None,
    True,
    7,
    -(10**30),
    2.5,
    math.inf,
    -math.inf,
    3 - 2j,
    'it\'s\n"so"',
    b"\x00\xff",
    ...,
    (),
    (1,),
    [1, [2, (3,)]],
    {"a": {1: None}, (1, 2): []},
    set(),
    {1, "a", None},
    frozenset({1, 2}),
    range(1, 9, 2),
    slice(1, None),
    dt.date(2026, 1, 31),
    dt.datetime(2026, 1, 31, 12, 30, 1, 5, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Rome"), fold=1),
    dt.time(1, 2, 3),
    dt.timedelta(days=-1, microseconds=3),
    dt.timezone(dt.timedelta(hours=2), "here"),
    decimal.Decimal("1.10"),
    fractions.Fraction(1, 3),
    uuid.UUID(int=7),
    zoneinfo.ZoneInfo("Asia/Tokyo"),
    pathlib.Path("a/b"),
    pathlib.PurePosixPath("/a"),
    pathlib.PureWindowsPath("c:/a"),
    re.compile("a+", re.IGNORECASE),
    re.compile(b"a"),
    collections.OrderedDict(b=1, a=2),
    collections.Counter("aab"),
    collections.defaultdict(list, a=[1]),
    collections.deque([1, 2], 3),
    types.SimpleNamespace(a=1),
    re.MULTILINE,
    re.MULTILINE | re.DOTALL,
    np.float64(0.1),
    np.int32(4),
    np.bool_(True),
    np.str_("a"),
    pd.Timestamp("2026-01-31 12:00:00.000000001"),
    pd.Timestamp("2026-07-01", tz="Europe/Rome"),
    pd.Timedelta("1 day 3 ns"),
    list[int],
    dict[str, list[int | None]],
    typing.Optional[int],  # noqa: UP045 - notebooks hold them
    typing.Union[int, str],  # noqa: UP007 - as above
    typing.Annotated[int, "doc", 3],
    typing.Literal["a", 1],
    typing.Callable[[int, str], bool],
    Callable[..., int],
    typing.List[int],  # noqa: UP006 - as above
    typing.Any,
    typing.Optional,
    pd.DataFrame,
    np.exp,
    np.random.default_rng,
    len,
    math.floor,
    np.random.rand,
    type(None),
    types.FunctionType,
    (type(None), type(len), [pd.DataFrame, np.sin]),
    logging.getLogger("a.b"),
    logging.getLogger(),
]


def _id(value: object) -> str:
    """The same in every process: an address in it would not be, nor the order of a set."""
    if isinstance(value, set):
        return f"set {sorted(map(repr, value))}"
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))


@pytest.mark.parametrize("value", VALUES, ids=_id)
def test_a_value_is_made_again(notebook: Any, value: Any) -> None:
    """The rebuilt value is equal and of the same class."""
    notebook.names["VALUE"] = value
    notebook.cell("def use(): return VALUE")
    closure = capture(notebook["use"], kind="function")

    again = rebuild_entry(closure)()

    assert closure.portable
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("value", [float("nan"), np.float64("nan")], ids=["float", "numpy"])
def test_nan_is_made_again(notebook: Any, value: float) -> None:
    """What is not equal to itself is made again too."""
    notebook.names["VALUE"] = value
    again = rebuild_entry(
        capture(notebook.cell("def use(): return VALUE")["use"], kind="function")
    )()

    assert math.isnan(again)
    assert type(again) is type(value)


def test_functions_in_calls_are_made_again(notebook: Any) -> None:
    """Partials, getters and enum members of the notebook hold what they held."""
    notebook.cell("""
        import enum, functools, operator
        class Color(enum.Flag):
            RED, BLUE = 1, 2
        def add(a, b): return a + b
        PLUS = functools.partial(add, b=2)
        GET = operator.attrgetter("real", "imag")
        BOTH = Color.RED | Color.BLUE
        JOIN = ", ".join
        def use():
            return PLUS(1), GET(3 + 4j), BOTH.value, BOTH is Color(3), Color.RED.name, JOIN("ab")
    """)

    assert rebuild_entry(capture(notebook["use"], kind="function"))() == (
        3,
        (3.0, 4.0),
        3,
        True,
        "RED",
        "a, b",
    )


def test_two_names_of_one_list_stay_two_names_of_one_list(notebook: Any) -> None:
    """What is shared by names is shared again."""
    notebook.cell("A = []\nB = A\ndef use():\n    A.append(1)\n    return B")

    assert rebuild_entry(capture(notebook["use"], kind="function"))() == [1]


_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        | st.frozensets(st.integers() | st.text(max_size=3), max_size=4)
    ),
    max_leaves=12,
)


@given(value=_PLAIN)
def test_any_nesting_of_constants_is_made_again(value: Any) -> None:
    """Whatever constants hold, their expression gives the same."""
    namespace: dict[str, Any] = {"__name__": "__main__", "VALUE": value}
    source = "def use(): return VALUE"
    linecache.cache["<any constant>"] = (len(source), None, [source], "<any constant>")
    exec(compile(source, "<any constant>", "exec"), namespace)

    again = rebuild_entry(capture(namespace["use"], kind="function"))()

    assert repr(again) == repr(value) or again == value
