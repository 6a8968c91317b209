"""Which versions a query matches, and which one it means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.records.binds import FiringPartition, FiringTime, Input
from heirloom.records.clauses import Clause
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

Make = Callable[..., ArtifactVersion]

DAY = datetime(2026, 1, 31, tzinfo=UTC)


def _of(text: str, **types: str) -> Query:
    return Query.of(Ref.parse(text), types)


@pytest.mark.parametrize(
    ("text", "partitions", "holds"),
    [
        ("sales", {}, True),
        ("sales[region=emea]", {"region": "emea"}, True),
        ("sales[region=emea]", {"region": "apac"}, False),
        ("sales[region=emea]", {}, False),
        ("sales[region!=emea]", {"region": "apac"}, True),
        ("sales[region!=emea]", {}, True),
        ("sales[not region=emea]", {}, True),
        ("sales[not region!=emea]", {}, False),
        ("sales[region in (emea, apac)]", {"region": "apac"}, True),
        ("sales[not region in (emea, apac)]", {"region": "apac"}, False),
        ("sales[region>=b]", {"region": "c"}, True),
        ("sales[region>=b]", {}, False),
        ("sales[region=emea,tier=x]", {"region": "emea", "tier": "y"}, False),
    ],
)
def test_clauses(text: str, partitions: dict[str, str], holds: bool, make: Make) -> None:
    """All clauses hold; a key that the version lacks meets only ``!=`` and ``not``."""
    assert _of(text).matches(make(partitions=partitions)) is holds


def test_ranges_are_compared_by_the_declared_type(make: Make) -> None:
    """``n<9`` is about numbers where the key is declared so, else about text."""
    ten = make(partitions={"n": "10"})
    assert not _of("sales[n<9]", n="int").matches(ten)
    assert _of("sales[n<9]").matches(ten)


def test_the_time_partition_is_a_key(make: Make) -> None:
    """``time`` in a clause is the version's time partition."""
    version = make(time_partition=DAY)
    assert _of("sales[time=2026-01-31]").matches(version)
    assert _of("sales[time>2026-01-30]", time="datetime").matches(version)
    assert not _of("sales[time=2026-01-31]").matches(make())


def test_names_match_however_they_are_spelled(make: Make) -> None:
    """A name is unique by its fold, so a query in another case means the same artifact."""
    assert _of("SALES").matches(make())
    assert not _of("sale").matches(make())


def test_a_project_that_is_named_must_be_the_versions(make: Make) -> None:
    """A query without project takes any."""
    assert _of("heirloom://p/sales").matches(make())
    assert not _of("heirloom://q/sales").matches(make())


@pytest.mark.parametrize("state", ["draft", "yanked", "purged"])
def test_only_a_pin_reaches_what_is_not_live(state: str, make: Make) -> None:
    """Latest and clauses skip drafts and yanked versions; a number or an alias finds them."""
    version = make(3, state=state, aliases=("champion",))
    assert not _of("sales").matches(version)
    assert not _of("sales@latest").matches(version)
    assert _of("sales@3").matches(version)
    assert _of("sales@champion").matches(version)


def test_a_clause_beside_a_number_must_hold(make: Make) -> None:
    """A pinned version of other partitions does not match."""
    version = make(3, partitions={"region": "emea"})
    assert _of("sales[region=emea]@3").matches(version)
    assert not _of("sales[region=apac]@3").matches(version)
    assert not _of("sales[region=emea]@2").matches(version)


def test_latest_is_commit_order(make: Make) -> None:
    """The newest number is meant, whatever the clock said."""
    late, early = make(1, created_at=DAY), make(2, created_at=DAY - timedelta(days=1))
    assert _of("sales").pick([early, late]) == early
    assert _of("sales").pick([]) is None


def test_latest_by_time_partition(make: Make) -> None:
    """By time partition the latest time is meant, and of equals the newer number."""
    query = Query(name="sales", latest="time_partition")
    old, new = make(3, time_partition=DAY - timedelta(days=1)), make(1, time_partition=DAY)
    same, none = make(2, time_partition=DAY), make(4)
    assert query.pick([old, new]) == new
    assert query.pick([old, new, same, none]) == same
    assert query.pick([none]) == none


def test_binds_become_values(make: Make) -> None:
    """What stands for an input or the firing version is filled in, in canonical form."""
    query = Query(
        name="sales",
        clauses=(
            Clause("ok", "=", (Input("flag"),)),
            Clause("region", "in", (FiringPartition("raw", "where"), "apac")),
            Clause("time", "=", (FiringTime("raw") - timedelta(days=1),)),
        ),
    )
    bound = query.bind({"flag": True}, {"where": "emea", "time": "2026-02-01"})
    assert str(bound) == "sales[ok=true,region in (emea, apac),time=2026-01-31]"
    assert bound.binds == ()
    assert bound.matches(make(partitions={"ok": "true", "region": "emea"}, time_partition=DAY))
    with pytest.raises(LookupError, match="flag"):
        query.bind({}, {"where": "emea", "time": "2026-02-01"})


def test_a_query_with_binds_shows_them() -> None:
    """Before anything is known, the text says what stands there."""
    query = Query(name="sales", clauses=(Clause("day", "=", (Input("day"),)),))
    assert str(query) == "sales[day={Inputs.day}]"


@given(
    st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "in"]),
    st.booleans(),
    st.sampled_from(["commit", "time_partition"]),
    st.none() | st.integers(1, 9) | st.just("champion"),
    st.sampled_from([Input("x"), FiringPartition("a", "k"), FiringTime("a", DAY - DAY), "text"]),
)
def test_queries_survive_their_documents(
    op: str, negated: bool, latest: str, at: Any, value: Any
) -> None:
    """A query read back from JSON is the same query."""
    clause = Clause("key", op, (value,), negated)
    query = Query(
        name="a/b", project="p", clauses=(clause,), at=at, latest=latest, types={"key": "int"}
    )
    assert Query.from_doc(query.to_doc()) == query
