"""Names, keys and canonical values."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.errors import DeclarationError, PartitionError
from heirloom.records.clock import stamp, unstamp
from heirloom.records.names import (
    OPTION_NAMES,
    RESERVED_KEYS,
    canonical,
    check_key,
    check_name,
    check_project,
    fold,
    parse_moment,
    typed,
)

_TIMES = st.datetimes(timezones=st.just(UTC)).filter(lambda when: when.year > 1)


class Tier(enum.Enum):
    GOLD = "gold"


@pytest.mark.parametrize(
    "name", ["sales", "_s", "team/sales", "a-b.c", "café", "データ", "a" * 200]
)
def test_names(name: str) -> None:
    """A name is words of letters, digits, ``_``, ``-`` and ``.``, joined by ``/``."""
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", None, 7, "7a", "-a", "a b", "a//b", "/a", "a/", "a/7", "a@1", "a[b", "../a", "é" * 101],
)
def test_what_is_no_name(name: Any) -> None:
    """Anything else is refused in one line that shows it or says how long it is."""
    with pytest.raises(DeclarationError) as caught:
        check_name(name)
    assert "\n" not in str(caught.value)
    assert repr(name) in str(caught.value) or "202" in str(caught.value)


def test_names_are_compared_by_their_fold() -> None:
    """Case and composition do not make another name."""
    assert fold("Cafe\u0301") == fold("CAFÉ")
    assert check_name("cafe\u0301") == "café"


def test_a_project_is_one_word() -> None:
    """A project has no ``/``."""
    assert check_project("team-a") == "team-a"
    with pytest.raises(DeclarationError, match="one word"):
        check_project("a/b")


@pytest.mark.parametrize("key", sorted(RESERVED_KEYS | OPTION_NAMES))
def test_reserved_words_are_no_keys(key: str) -> None:
    """A key is none of the words that a search or an option already means."""
    with pytest.raises(DeclarationError, match="reserved"):
        check_key(key)


@pytest.mark.parametrize("key", ["", "a b", "a-b", "7", None])
def test_keys_are_identifiers(key: Any) -> None:
    """A key can be a keyword argument."""
    with pytest.raises(DeclarationError, match="identifier"):
        check_key(key)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("emea", "emea"),
        ("cafe\u0301", "café"),
        (True, "true"),
        (np.bool_(False), "false"),
        (7, "7"),
        (7.0, "7"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (np.int64(7), "7"),
        (np.float64(2.5), "2.5"),
        (np.str_("emea"), "emea"),
        (Decimal("1.50"), "1.5"),
        (Tier.GOLD, "gold"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31"),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=1))), "2026-01-31"),
        (datetime(2026, 1, 31, 12), "2026-01-31T12:00:00Z"),  # noqa: DTZ001 - a naive time is UTC
        (pd.Timestamp("2026-01-31T12:00Z"), "2026-01-31T12:00:00Z"),
        (timedelta(days=365, seconds=1), "31536001s"),
        (timedelta(milliseconds=1500), "1.5s"),
    ],
)
def test_canonical_values(value: Any, text: str) -> None:
    """A value has one text, however it was given, and that text is a plain `str`."""
    assert canonical(value) == text
    assert type(canonical(value)) is str


@pytest.mark.parametrize("value", [None, "", [], {"a": 1}, object(), b"x", "x" * 513])
def test_values_that_a_partition_cannot_have(value: Any) -> None:
    """What is no scalar, empty or too long is refused, and the key is named."""
    with pytest.raises(PartitionError, match="region="):
        canonical(value, "region")


@pytest.mark.parametrize("value", ["a\nb", "a\x00", "\x1b[31m", "\ud800"])
def test_control_characters_are_refused(value: str) -> None:
    """A value cannot break a line, nor move a terminal."""
    with pytest.raises(PartitionError, match="control"):
        canonical(value)


@given(st.text())
def test_a_canonical_value_stays_as_it_is(value: str) -> None:
    """Canonical form of canonical form is itself."""
    try:
        once = canonical(value)
    except PartitionError:
        return
    assert canonical(once) == once


@given(st.lists(st.timedeltas(), min_size=2, max_size=2, unique=True))
def test_other_durations_are_other_values(pair: list[timedelta]) -> None:
    """No two durations share a text."""
    one, other = pair
    if abs(one) < timedelta(days=10_000) and abs(other) < timedelta(days=10_000):
        assert canonical(one) != canonical(other)


@given(_TIMES)
def test_times_come_back_from_records_and_values(when: datetime) -> None:
    """Both texts of a time give the same time back."""
    assert unstamp(stamp(when)) == when
    assert parse_moment(canonical(when)) == when


@given(_TIMES, _TIMES)
def test_stamps_sort_as_times(one: datetime, other: datetime) -> None:
    """The text of a record's time sorts as the time does."""
    assert (stamp(one) < stamp(other)) == (one < other)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "0001-01-01T00:00:00+05:00", ""])
def test_what_is_no_time(text: str) -> None:
    """A text that is no time fails as a partition error that shows how times are written."""
    with pytest.raises(PartitionError, match="2026-01-31"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("kind", "ordered"),
    [
        ("int", ["-3", "2", "10", "x"]),
        ("int", [f"-1{'0' * 400}", "9007199254740992", "9007199254740993", f"1{'0' * 400}"]),
        ("float", ["-1.5", "1e3", "inf", "x"]),
        ("bool", ["false", "true"]),
        ("date", ["2025-12-31", "2026-01-31", "soon"]),
        ("datetime", ["2026-01-31", "2026-01-31T00:00:01Z", "2026-02-01", "soon"]),
        ("str", ["10", "2", "x"]),
    ],
)
def test_typed_values_order_as_their_type(kind: str, ordered: list[str]) -> None:
    """Values order by the declared type; what does not parse comes after all that does."""
    assert sorted(reversed(ordered), key=lambda text: typed(text, kind)) == ordered
