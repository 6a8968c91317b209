"""One rendering of every value of a partition, wherever it is given."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import heirloom as hl
from heirloom.errors import PartitionError
from heirloom.records.names import canonical


class Tier(enum.Enum):
    GOLD = "gold"
    FIRST = 1


_INDIA = timezone(timedelta(hours=5, minutes=30))
_ZONES = st.sampled_from([UTC, _INDIA])
_FIRST, _LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - whatever the zone
_VALUES: st.SearchStrategy[Any] = (
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
    | st.integers()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.dates()
    | st.datetimes(_FIRST, _LAST)
    | st.datetimes(_FIRST, _LAST, timezones=_ZONES)
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.sampled_from(Tier)
    | st.integers(-(2**31), 2**31).map(np.int64)
    | st.booleans().map(np.bool_)
    | st.floats(allow_nan=False).map(np.float64)
)
_TEAM = """
parts = hl.Artifact("parts", ["of"])

@hl.task
def bound(of: Any, n: int) -> Annotated[int, parts(of=hl.Inputs.of)]:
    return n

@hl.task
def said(of: Any, n: int) -> Annotated[int, parts]:
    return parts.create_from(n, of=of)

@hl.task
def same(n: int) -> int:
    return n

@hl.workflow
def find(of: Any, n: int = parts.query(of=hl.Inputs.of)) -> int:
    return same(n=n)
"""
_COUNT = itertools.count()
_SAME: dict[str, list[Any]] = {
    "true": [True, "true", np.True_],
    "7": [7, 7.0, "7", np.int64(7), np.float32(7), Decimal(7), Decimal("7.00")],
    "0.1": [0.1, "0.1", np.float64(0.1), Decimal("0.10")],
    "10000000000000000000000": [10**22, 1e22, Decimal("1E+22")],
    "gold": [Tier.GOLD, "gold"],
    "1": [Tier.FIRST, 1, "1"],
    "2026-01-31": [
        date(2026, 1, 31),
        datetime(2026, 1, 31, tzinfo=UTC),
        datetime(2026, 1, 31, 5, 30, tzinfo=_INDIA),
        np.datetime64("2026-01-31"),
        np.datetime64("2026-01-31", "ns"),
        "2026-01-31",
    ],
    "2026-01-31T12:00:00Z": [
        datetime(2026, 1, 31, 12),  # noqa: DTZ001 - a naive time is UTC
        datetime(2026, 1, 31, 12, tzinfo=UTC),
        np.datetime64("2026-01-31T12", "ns"),
    ],
    "90s": [
        timedelta(minutes=1.5),
        np.timedelta64(90, "s"),
        np.timedelta64(90, "s").astype("m8[ns]"),
    ],
}


@pytest.fixture
def team(load: Callable[[str], Any]) -> Any:
    """Two ways to emit under a value, and a query by one."""
    return load(_TEAM)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=_VALUES, data=st.data())
def test_what_is_emitted_under_a_value_is_found_by_it(team: Any, value: Any, data: Any) -> None:
    """By annotation, create_from and publish; by query, get, a ref's text and ``Inputs.x``."""
    asked, text, n = team.parts.query(of=value), canonical(value), next(_COUNT)
    match data.draw(st.sampled_from(["bound", "said", "publish"])):
        case "publish":
            made = hl.publish(n, str(asked))
        case name:
            made = hl.run(getattr(team, name), {"of": value, "n": n}).outputs["o0"]
    assert made.partitions == {"of": text}
    assert [hl.get(each) for each in (asked, str(asked))] == [made, made]
    assert hl.get("parts", of=value) == hl.get("parts", of=text) == made
    assert team.find(of=value) == n


@pytest.mark.parametrize("text", _SAME)
def test_what_is_equal_is_one_value(text: str) -> None:
    """Whatever it was given as, it has one text."""
    assert {canonical(value) for value in _SAME[text]} == {text}


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        Decimal("NaN"),
        pd.NaT,
        pd.NA,
        np.datetime64("NaT", "s"),
        None,
        np.array([7]),
        [7],
    ],
)
def test_what_is_missing_or_many_is_no_value(value: Any, record: Any) -> None:
    """It is refused in a line, and nothing is recorded."""
    with pytest.raises(PartitionError, match="a value is a string") as caught:
        hl.Artifact("parts", ["of"]).query(of=value)
    assert "\n" not in str(caught.value)
    assert record.all == []


def test_a_time_that_is_missing_is_no_time() -> None:
    """As of any value; pandas' own would be a datetime."""
    daily, missing = hl.Artifact("daily", [], time_partitioned=True), cast(Any, pd.NaT)
    for give in (
        lambda: hl.publish(1, "daily", time_partition=missing),
        lambda: daily.query(time_partition=missing),
        lambda: daily(time_partition=missing),
    ):
        with pytest.raises(PartitionError, match="NaT"):
            give()


# ---------------------------------------------------------------------- declared types

_TYPED: dict[str, tuple[str, list[Any], list[Any]]] = {
    "int": ("7", [7, 7.0, "7", "7.0", "07"], ["x", 7.5, True, date(2026, 1, 31), "inf"]),
    "float": ("7.5", [7.5, "7.50", Decimal("7.50")], ["x", False, "nan"]),
    "bool": ("true", [True, "true", "True", np.True_], [1, "yes"]),
    "date": (
        "2026-01-31",
        [date(2026, 1, 31), "2026-01-31", "2026-01-31T00:00Z", datetime(2026, 1, 31, tzinfo=UTC)],
        ["soon", 20260131.5, datetime(2026, 1, 31, 12, tzinfo=UTC)],
    ),
    "datetime": (
        "2026-01-31T12:00:00Z",
        [datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00Z", "2026-01-31 13:00+01:00"],
        ["soon", True],
    ),
}


@pytest.mark.parametrize("kind", _TYPED)
def test_a_declared_type_has_one_text_for_each_value(kind: str) -> None:
    """A text that says a value of the type is that value, on emit and on query, by any name."""
    text, same, _ = _TYPED[kind]
    parts = hl.Artifact("parts", {"of": kind})
    for value in same:
        made = hl.publish(1, str(hl.Artifact("parts").query(of=value)))
        assert made.partitions == {"of": text}
        for asked in same:
            assert hl.get(parts.query(of=asked)) == hl.get("parts", of=asked) == made
            assert hl.get(parts.query(of=hl.one_of(asked))) == made


@pytest.mark.parametrize("kind", _TYPED)
def test_what_is_none_of_the_declared_type_is_refused(kind: str) -> None:
    """Where it is declared, said, published or asked for; nothing is recorded."""
    parts = hl.Artifact("parts", {"of": kind})
    hl.publish(1, str(parts.query(of=_TYPED[kind][0])))
    for value in _TYPED[kind][2]:
        text = str(hl.Artifact("parts").query(of=value))
        for give in (
            lambda value=value: parts(of=value),
            lambda value=value: parts.query(of=value),
            lambda value=value: hl.get("parts", of=value),
            lambda text=text: hl.publish(1, text),
            lambda value=value: hl.Artifact("more", {"of": kind}, partitions={"of": value}),
        ):
            with pytest.raises(PartitionError, match=f"is no {kind}"):
                give()
    assert [version.version for version in hl.search()] == [1]


def test_a_bound_of_a_range_may_lie_between() -> None:
    """Half a number, or an hour of a date, bounds what is whole."""
    parts = hl.Artifact("parts", {"n": int, "day": date})
    hl.publish(1, str(parts.query(n=7, day=date(2026, 1, 31))))
    noon = datetime(2026, 1, 30, 12, tzinfo=UTC)
    assert hl.get(parts.query(n=hl.between(6.5, 7.5), day=hl.at_least(noon))).version == 1
    with pytest.raises(PartitionError, match="is no datetime"):
        parts.query(day=hl.before("soon"))


def test_whole_numbers_of_any_size_are_a_range() -> None:
    """A count of nanoseconds is compared as it is, not as the float that is nearest."""
    ticks = hl.Artifact("ticks", {"ns": int})
    first, last = 1_700_000_000_000_000_001, 1_700_000_000_000_000_100
    for ns in (first, last):
        hl.publish(ns, f"ticks[ns={ns}]")
    assert hl.pull(ticks.query(ns=hl.before(last))) == first
    assert hl.pull(ticks.query(ns=hl.more_than(first))) == last
    assert [v.version for v in hl.search(f"name=ticks ns<{last}")] == [1]
    assert [v.version for v in hl.search(f"name=ticks not ns<{last}")] == [2]
