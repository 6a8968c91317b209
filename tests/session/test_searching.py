"""Searching as a person does: pages, near misses, states that are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import InputError, RefError


@pytest.fixture(autouse=True)
def some(home: Path) -> None:
    """Ten versions of two names, the session open."""
    hl.connect(home)
    for n in range(8):
        hl.publish(n, f"sales[region={'emea' if n % 2 else 'apac'}]")
    hl.publish("a word", "team/greeting", "Said **daily**")
    hl.publish(1.5, "score")


def test_pages_stay_where_they_are_while_others_write() -> None:
    """What is emitted between two pages neither repeats a version nor hides one."""
    first = hl.search("name=sales", limit=3)
    hl.publish(9, "sales[region=emea]")
    second = hl.search("name=sales", limit=3, cursor=first.cursor)
    third = hl.search("name=sales", limit=3, cursor=second.cursor)
    assert [v.version for page in (first, second, third) for v in page] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert third.cursor is None
    assert (first.total, second.total) == (8, 9)


def test_a_page_as_a_frame() -> None:
    """A row a version, with its partitions."""
    frame = hl.search("name=sales", limit=2).to_frame()
    assert list(frame["version"]) == [8, 7]
    assert list(frame["partitions"]) == ["region=emea", "region=apac"]


@pytest.mark.parametrize(
    ("line", "near", "at"),
    [
        ("regin=emea", "'region'", 0),
        ("kind=value regoin in (emea, apac)", "'region'", 11),
        ("nmae=sales", "'name'", 0),
        ("not (daily or knd=value) x", "'kind'", 14),
    ],
)
def test_a_key_that_is_almost_another(line: str, near: str, at: int) -> None:
    """A search that finds nothing for a mistyped key points at it and names the nearest."""
    with pytest.raises(RefError, match=f"Did you mean {near}") as caught:
        hl.search(line)
    assert caught.value.at == at


def test_nothing_found_is_an_empty_page() -> None:
    """A key like no other, a key that is known, and a time in a home without one find nothing."""
    for line in ("zzz=1", "region=latam", "time>=2026-01-01", "nowhere"):
        page = hl.search(line)
        assert (len(page), page.total, page.cursor) == (0, 0, None)


@pytest.mark.parametrize("line", ["project=other", "and=1", "(in=1)"])
def test_what_is_no_key_of_a_search(line: str) -> None:
    """Words that the grammar has for itself are refused as keys."""
    with pytest.raises(RefError, match="is no key of a search"):
        hl.search(line)


@pytest.mark.parametrize("line", ["since=99999999999d", "until=2026-13-01", "since=²d"])
def test_a_time_that_is_none(line: str) -> None:
    """An age beyond the calendar and a month that is none are pointed at."""
    with pytest.raises(RefError, match="takes a date, a time or an age"):
        hl.search(line)


def test_a_kind_that_is_none() -> None:
    """``kind`` takes one of the four."""
    with pytest.raises(RefError, match="'kind' takes data, model, file, value; got 'valu'"):
        hl.search("kind=valu")


def test_hidden_states_come_only_when_asked_for() -> None:
    """Drafts and yanked versions appear in a search that speaks of them."""
    hl.publish(2.5, "score", draft=True)
    hl.yank("sales@8")
    assert {v.state for v in hl.search()} == {"live"}
    assert [v.name for v in hl.search("is=draft")] == ["score"]
    assert [v.name for v in hl.search("is in (draft, yanked)")] == ["score", "sales"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": 7}, "A search is text; got 7"),
        ({"limit": 0}, "limit is a whole number from 1; got 0"),
        ({"limit": "5"}, "limit is a whole number from 1; got '5'"),
        ({"limit": True}, "limit is a whole number from 1; got True"),
        ({"cursor": 3}, "cursor is text; got 3"),
        ({"cursor": "x"}, "'x' is no cursor"),
    ],
)
def test_arguments_of_another_type(given: dict[str, Any], says: str) -> None:
    """Each is refused in words, and is the `TypeError` that a reader expects."""
    with pytest.raises(InputError, match=says):
        hl.search(**given)


def test_what_completion_offers() -> None:
    """Names, keys, values and aliases are had from the session."""
    session = hl.current()
    hl.alias("sales@1", "champion")
    assert session.names("t") == ["team/greeting"]
    assert session.partition_keys() == ["region"]
    assert session.partition_values("sales", "region") == ["apac", "emea"]
    assert session.aliases("sales") == {"champion": 1}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hl.executions(state="failde"), "Did you mean 'failed'"),
        (lambda: hl.ledger(state="pausd"), "Did you mean 'paused'"),
        (lambda: hl.executions(limit=0), "whole number from 1"),
        (lambda: hl.lineage("score", up=-1), "up is a whole number from 0; got -1"),
        (lambda: hl.settle(timeout="soon"), "seconds from 0, or None; got 'soon'"),  # type: ignore[arg-type]
    ],
)
def test_filters_that_are_none(call: Any, says: str) -> None:
    """A state or number that cannot be is refused, not answered with nothing."""
    with pytest.raises(InputError, match=says):
        call()


def test_a_limit_beyond_all_there_is() -> None:
    """Of whatever size, it is no limit."""
    session, huge = hl.current(), 1 << 80
    assert len(hl.search(limit=huge)) == hl.search().total
    assert hl.executions(limit=huge) == hl.executions()
    assert hl.ledger(limit=huge) == []
    assert session.consumers(hl.get("sales@1"), limit=huge) == []
    assert session.values("region", limit=huge) == ["apac", "emea"]


def test_the_ledger_takes_any_ref() -> None:
    """``ref=`` is a ref as everywhere; an unknown plan is an error with the nearest name."""
    assert hl.ledger(ref="sales@1") == hl.ledger(ref=hl.get("sales@1")) == []
    with pytest.raises(LookupError, match="'refrsh'"):
        hl.ledger("refrsh")
