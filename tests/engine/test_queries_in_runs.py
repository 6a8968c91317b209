"""Queries as inputs of runs: what they find, when they are asked, and what wins over them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import PartitionError, QueryWarning, Unmet, VersionNotFound
from heirloom.records.executions import Item

_TEXT = """
sales = hl.Artifact("sales", {"n": int, "region": str}, time_partitioned=True,
                    time_partition_granularity="hour")

@hl.task
def emit(n: int, region: str, at: datetime) -> Annotated[
    int, sales(n=hl.Inputs.n, region=hl.Inputs.region, time_partition=hl.Inputs.at)
]:
    return n

@hl.task
def same(x: int | None) -> int | None:
    return x

def reading(query):
    def reads(at: datetime | None = None, x: int | None = query) -> int | None:
        return same(x=x)
    return hl.workflow(reads)
"""


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, 1, hour, minute, tzinfo=UTC)


@pytest.fixture
def sales(load: Callable[[str], Any]) -> Any:
    """Three versions, of which the second has the latest time."""
    module = load(_TEXT)
    for n, region, hour in ((1, "emea", 5), (10, "apac", 9), (2, "emea", 7)):
        module.emit(n=n, region=region, at=_at(hour, 30))
    return module


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 2),
        ({"latest": "time_partition"}, 10),
        ({"latest": "time_partition", "region": "emea"}, 2),
        ({"region": "apac"}, 10),
        ({"n": 1}, 1),
        ({"n": hl.at_least(3)}, 10),
        ({"n": hl.between(1, 9)}, 2),
        ({"n": hl.before(2)}, 1),
        ({"n": hl.one_of(1, 10)}, 10),
        ({"region": hl.not_("emea")}, 10),
        ({"region": hl.not_(hl.one_of("emea", "apac"))}, None),
        ({"time_partition": hl.between(_at(6), _at(8))}, 2),
        ({"time_partition": hl.at_least(_at(8))}, 10),
        ({"time_partition": _at(5)}, 1),
        ({"time_partition": _at(5, 59)}, 1),
        ({"alias": "champion"}, 1),
    ],
)
def test_what_a_query_finds(sales: Any, asked: dict[str, Any], found: int | None) -> None:
    """Equality, choices, ranges, windows and aliases, as a workflow's default."""
    hl.alias("sales@1", "champion")
    assert sales.reading(sales.sales.query(**asked))() == found


def test_a_time_is_cut_as_it_was_on_emit(sales: Any) -> None:
    """`Inputs.at` finds what the same time was emitted under, though it is no whole hour."""
    read = sales.reading(sales.sales.query(time_partition=hl.Inputs.at))
    assert read(at=_at(9, 30)) == 10
    assert read(at=_at(10, 30)) is None


def test_a_query_is_asked_once_and_recorded(sales: Any) -> None:
    """The execution keeps the version that it was given, whatever comes later."""
    read = sales.reading(sales.sales.query(region="emea"))
    execution = hl.run(read)
    sales.emit(n=3, region="emea", at=datetime(2026, 1, 2, tzinfo=UTC))
    recorded = hl.execution(execution.id)
    version: Any = recorded.inputs["x"]
    assert version.ref == hl.get("sales@3").ref
    assert read() == 3


def test_what_is_given_wins(sales: Any) -> None:
    """A value, a version and an explicit `None` each take the place of the query."""
    read = sales.reading(sales.sales)
    assert read(x=44) == 44
    assert read(x=None) is None
    assert read(x=hl.get("sales@1")) == 1
    assert read(x=sales.sales.query(region="apac")) == 10


def test_artifacts_as_defaults(sales: Any) -> None:
    """An artifact without a version is its newest; one with a version is that one, checked."""
    artifact = hl.Artifact
    assert sales.reading(sales.sales)() == 2
    assert sales.reading(artifact("sales", version=2))() == 10
    pinned = artifact("sales", version=1, partitions={"region": "emea"})
    assert sales.reading(pinned)() == 1
    wrong = artifact("sales", version=2, partitions={"region": "emea"})
    with pytest.raises(VersionNotFound, match=r"that version has .*region=apac"):
        hl.get(wrong)


def test_nothing_found(load: Callable[[str], Any], sales: Any) -> None:
    """An `Optional` input is then `None`; any other refuses the run before its body."""
    module = load(
        _TEXT
        + """
@hl.workflow
def needs(x: int = sales.query(region="atlantis")) -> int | None:
    return same(x=x)
"""
    )
    assert module.reading(module.sales.query(region="atlantis"))() is None
    before = len(hl.executions())
    with pytest.raises(Unmet, match="region=atlantis"):
        module.needs()
    assert len(hl.executions()) == before


def test_a_key_that_nobody_declared(sales: Any) -> None:
    """A query for an unknown key warns where it is written, and where it finds nothing."""
    with pytest.warns(QueryWarning, match="Did you mean 'region'"):
        query = sales.sales.query(regio="emea")
    read = sales.reading(query)
    with pytest.warns(QueryWarning, match=r"no partition key 'regio'.*'region'"):
        assert read() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sales.reading(sales.sales.query(region="emea"))()


def test_the_latest_of_each_partition(load: Callable[[str], Any], record: Any) -> None:
    """One version for each value of a key, in a query's own order; as an input, each is read."""
    module = load(
        _TEXT
        + """
@hl.task
def total(parts: list[int]) -> int:
    return sum(parts)
"""
    )
    for n, region, hour in ((1, "emea", 5), (10, "apac", 9), (20, "emea", 7), (30, "emea", 6)):
        module.emit(n=n, region=region, at=_at(hour))
    found = hl.latest_per(module.sales, "region")
    assert [(v.partitions["region"], v.version) for v in found] == [("emea", 4), ("apac", 2)]
    by_time = module.sales.query(latest="time_partition")
    assert [v.version for v in hl.latest_per(by_time, "region")] == [3, 2]
    assert [v.version for v in hl.latest_per("sales", "region", n=hl.before(25))] == [3, 2]
    assert len(hl.latest_per("sales", "region", "time")) == 4
    assert module.total(parts=found) == 40
    assert set(record.reads("total")) == {v.ref for v in found}
    with pytest.raises(PartitionError, match="Did you mean 'region'"):
        hl.latest_per("sales", "regio")
    with pytest.raises(PartitionError, match="told apart by a key"):
        hl.latest_per("sales")
    with pytest.raises(Unmet):
        hl.latest_per("sales", "region", region="atlantis")


@pytest.mark.parametrize(
    ("ref", "key", "has"),
    [
        ("a[region=emea]", "time", r"It has \['region'\]\."),
        ("a[region=emea]", "regio", r"It has \['region'\]\."),
        ("plain", "time", r"It has no partition keys\."),
    ],
)
def test_times_are_no_key_where_there_are_none(ref: str, key: str, has: str) -> None:
    """Versions without times are not told apart by them, and no message says that they are."""
    hl.publish(1, ref)
    with pytest.raises(PartitionError, match=rf"no partition key '{key}'.*{has}"):
        hl.latest_per(ref.partition("[")[0], key)


_MEMBERS = """
part = hl.Artifact("part", ["i"])
plain = hl.Artifact("plain", [])

@hl.task
def listed(n: int) -> list[Annotated[int, part]]:
    return [part.create_from(7, f"card {i}", i=i) for i in range(n)]

@hl.task
def named() -> dict[str, Annotated[int, plain]]:
    return {"a": 7, "b": 7}

@hl.task
def total(parts: list[int]) -> Annotated[int, hl.Artifact("total", [])]:
    return sum(parts)

@hl.workflow
def both(n: int) -> int:
    return total(parts=listed(n=n))

@hl.task
def one(i: int) -> Annotated[bool, part(i=hl.Inputs.i)]:
    return True

@hl.task
def twins() -> tuple[Annotated[str, part], Annotated[str, part], Annotated[str, plain]]:
    return part.create_from("", "a", i=1), part.create_from("", "b", i=2), plain.create_from("")

@hl.task
def nothing(say: bool) -> Annotated[int | None, plain]:
    return plain.create_from(None, "none today") if say else None
"""


@pytest.fixture
def parts(load: Callable[[str], Any]) -> Any:
    """Tasks that emit what is equal, or the very same object, several times."""
    return load(_MEMBERS)


def _all(name: str) -> list[tuple[Any, str | None]]:
    versions = reversed(hl.search(f"name={name}").versions)
    return [(v.partitions.get("i"), v.card.text if v.card else None) for v in versions]


def test_each_member_is_a_version(parts: Any) -> None:
    """Items of a list that are one object have each the record that was said of it."""
    assert parts.listed(n=3) == [7, 7, 7]
    assert _all("part") == [("0", "card 0"), ("1", "card 1"), ("2", "card 2")]
    assert parts.named() == {"a": 7, "b": 7}
    assert [hl.pull(f"plain@{n}") for n in (1, 2)] == [7, 7]


def test_members_are_read_by_who_takes_the_list(parts: Any, record: Any) -> None:
    """The lineage of what is made of a list goes on to every member of it."""
    assert parts.both(n=2) == 14
    made: Any = record.one("listed").outputs
    assert {name: type(each) is Item for name, each in made.items()} == {
        "o0": False,
        "o0[0]": True,
        "o0[1]": True,
    }
    assert set(record.reads("total")) == {hl.get("part@1").ref, hl.get("part@2").ref}


def test_each_call_of_a_map_is_a_version(parts: Any) -> None:
    """Equal values of the calls of a map are versions of their own."""
    assert hl.map_task(parts.one)(i=[4, 5]) == [True, True]
    assert _all("part") == [("4", None), ("5", None)]


def test_one_object_under_two_artifacts(parts: Any) -> None:
    """What is said of an interned value belongs to its artifact, and to its turn."""
    parts.twins()
    assert _all("part") == [("1", "a"), ("2", "b")]
    assert _all("plain") == [(None, None)]


def test_none_is_emitted_where_it_is_said(parts: Any) -> None:
    """`None` under an optional artifact emits nothing, unless `create_from` says so."""
    parts.nothing(say=False)
    assert _all("plain") == []
    parts.nothing(say=True)
    assert _all("plain") == [(None, "none today")]
    assert hl.pull("plain") is None
