"""Declaring artifacts, binding their partitions, and asking for versions."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom import Artifact, Inputs
from heirloom.errors import DeclarationError, NotSupported, PartitionError, QueryWarning
from heirloom.flyte import Granularity

DAY = datetime(2026, 1, 31, tzinfo=UTC)


class Grain(enum.Enum):
    HOUR = 4


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "needs a name"),
        ({"name": "7up"}, "no name"),
        ({"name": "a", "partition_keys": "region"}, "list of names"),
        ({"name": "a", "partition_keys": {"x", "y"}}, "list of names"),
        ({"name": "a", "partition_keys": 7}, "list of names"),
        ({"name": "a", "partition_keys": {"x": 7}}, "can be str, int"),
        ({"name": "a", "partition_keys": ["a b"]}, "identifier"),
        ({"name": "a", "partition_keys": ["time"]}, "reserved"),
        ({"name": "a", "partition_keys": ["latest"]}, "reserved"),
        ({"name": "a", "partition_keys": ["x", "x"]}, "each once"),
        ({"name": "a", "partition_keys": [f"k{i}" for i in range(11)]}, "at most 10"),
        ({"name": "a", "partition_keys": {"x": list}}, "can be str, int"),
        ({"name": "a", "partition_keys": ["x"], "partitions": {"y": 1}}, "lacks"),
        ({"name": "a", "time_partition_granularity": "second"}, "minute, hour, day"),
        ({"name": "a", "project": "p/q"}, "no project"),
    ],
)
def test_declarations_that_cannot_stand(given: dict[str, Any], says: str) -> None:
    """Each is refused when it is made, in one line."""
    with pytest.raises(DeclarationError, match=says) as caught:
        Artifact(**given)
    assert "\n" not in str(caught.value)


def test_keys_may_be_none_or_no_keys() -> None:
    """Without `partition_keys` it refers to what is declared; an empty list declares none."""
    assert Artifact("a").partition_keys is None
    assert Artifact("a", []).partition_keys == ()
    assert Artifact("a", partitions={"x": 1}).partition_keys == ("x",)


def test_typed_keys() -> None:
    """A mapping declares keys with the types that ranges are compared by."""
    artifact = Artifact("a", {"day": date, "n": int, "region": str})
    assert artifact.partition_keys == ("day", "n", "region")
    assert artifact.types == {"day": "date", "n": "int"}
    assert artifact.query(n=hl.at_least(3)).types == {"day": "date", "n": "int"}


@pytest.mark.parametrize("spelled", ["hour", Granularity.HOUR, Grain.HOUR])
def test_granularity(spelled: Any) -> None:
    """A granularity is a word, or any enumeration's member of that name; a day where none is."""
    assert Artifact("a", time_partition_granularity=spelled).granularity == "hour"
    assert Artifact("a", time_partitioned=True).granularity == "day"
    assert not Artifact("a").time_partitioned


def test_its_source_makes_it_again() -> None:
    """The text that a closure records of an artifact is the same declaration."""
    artifacts = [
        Artifact("a"),
        Artifact("a", ["x"], description="one", owner="ada", project="p", version=3),
        Artifact("a", {"day": date}, time_partitioned=True),
        Artifact("a", partitions={"x": True}),
    ]
    for artifact in artifacts:
        source = artifact.__heirloom_source__()
        assert eval(source, {"heirloom": hl}) == artifact
        assert hash(artifact) == hash(eval(source, {"heirloom": hl}))
    assert artifacts[0] != artifacts[1]


# ------------------------------------------------------------------ binding


def test_bound_partitions() -> None:
    """Constants are bound in their canonical form, inputs as they are; calls add up."""
    daily = Artifact("a", ["region", "ok"], time_partitioned=True)
    emits = daily(region=Inputs.region)(ok=True)(time_partition=DAY + timedelta(hours=1))
    assert emits.bindings == {
        "region": Inputs.region,
        "ok": "true",
        "time_partition": "2026-01-31T01:00:00Z",
    }
    again = eval(emits.__heirloom_source__(), {"heirloom": hl})
    assert again.bindings == emits.bindings


@pytest.mark.parametrize(
    ("bindings", "says"),
    [
        ({"regoin": "emea"}, "Did you mean 'region'"),
        ({"region": None}, "NoneType"),
        ({"region": ["emea"]}, "list"),
        ({"region": ""}, "1 to 512 bytes"),
        ({"time_partition": DAY}, "not time partitioned"),
    ],
)
def test_bindings_that_cannot_stand(bindings: dict[str, Any], says: str) -> None:
    """An unknown key names the nearest; a value must be one that a partition can have."""
    with pytest.raises(PartitionError, match=says):
        Artifact("a", ["region"])(**bindings)


def test_partitions_are_bound_by_name() -> None:
    """A positional value has no key."""
    with pytest.raises(PartitionError, match=r"a\(key=Inputs.x\)"):
        Artifact("a", ["region"])("emea")


@pytest.mark.parametrize("when", ["yesterday", 7, True])
def test_a_time_is_a_time(when: Any) -> None:
    """What is no time cannot be bound as the time partition."""
    with pytest.raises(PartitionError, match="no date or time"):
        Artifact("a", time_partitioned=True)(time_partition=when)


def test_the_firing_versions_values() -> None:
    """``artifact.partitions.key`` and ``artifact.time_partition`` stand for the firing version."""
    daily = Artifact("a", ["region"], time_partitioned=True)
    assert str(daily.partitions.region) == "{a.region}"
    assert str(daily.time_partition - timedelta(days=1)) == "{a.time-86400s}"
    with pytest.raises(AttributeError, match="Did you mean 'region'"):
        _ = daily.partitions.regoin
    with pytest.raises(DeclarationError, match="not time partitioned"):
        _ = Artifact("a").time_partition


# ------------------------------------------------------------------ queries


def test_a_query_is_what_its_ref_is() -> None:
    """Python and the grammar spell the same conditions."""
    sales = Artifact("sales", ["region", "day", "tier"], time_partitioned=True)
    query = sales.query(
        region="emea",
        day=hl.between(date(2026, 1, 1), date(2026, 1, 31)),
        tier=hl.one_of("x", "y"),
        time_partition=hl.before(DAY),
    )
    text = "sales[region=emea,day>=2026-01-01,day<=2026-01-31,tier in (x, y),time<2026-01-31]"
    assert str(query) == text
    assert hl.ref(text).clauses == query.clauses


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (hl.at_least(3), "n>=3"),
        (hl.more_than(3), "n>3"),
        (hl.at_most(3), "n<=3"),
        (hl.before(3), "n<3"),
        (hl.not_(3), "n!=3"),
        (hl.not_(hl.one_of(1, 2)), "not n in (1, 2)"),
        (hl.not_(hl.not_(hl.at_least(3))), "n>=3"),
    ],
)
def test_conditions(condition: Any, text: str) -> None:
    """Each condition is one clause."""
    assert str(Artifact("a").query(n=condition)) == f"a[{text}]"


def test_conditions_that_cannot_stand() -> None:
    """A negated range would be two clauses, an empty choice none."""
    with pytest.raises(PartitionError, match="two conditions"):
        hl.not_(hl.between(1, 2))
    with pytest.raises(PartitionError, match="at least one"):
        hl.one_of()


def test_a_query_knows_the_keys() -> None:
    """A key that the artifact lacks is warned of; where no keys are declared, any is taken."""
    with pytest.warns(QueryWarning, match="Did you mean 'blessed'"):
        assert str(Artifact("a", ["blessed"]).query(blesed="true")) == "a[blesed=true]"
    with pytest.warns(QueryWarning, match="not time partitioned"):
        Artifact("a", []).query(time_partition=hl.Inputs.at)
    assert str(Artifact("a").query(blesed="true", time_partition="2026-01-01")).startswith("a[")


@pytest.mark.parametrize("version", ["abc", 0, True, 1.5])
def test_a_pinned_version_is_a_number(version: Any) -> None:
    """Versions are whole numbers from 1; anything else pins nothing."""
    with pytest.raises(DeclarationError, match="number of a version"):
        Artifact("a", version=version)


def test_values_of_the_declaration_are_defaults() -> None:
    """`partitions` of the declaration hold where the query gives none."""
    pinned = Artifact("a", partitions={"x": 1, "y": 2}, version=7, project="p")
    assert str(pinned.query(y=3)) == "heirloom://p/a[x=1,y=3]@7"
    assert str(pinned.query(alias="best", project="q")) == "heirloom://q/a[x=1,y=2]@best"


@pytest.mark.parametrize("alias", [7, "", "a b", "7"])
def test_an_alias_is_a_word(alias: Any) -> None:
    """A number is no alias: `Artifact(version=)` pins one."""
    with pytest.raises(DeclarationError, match="An alias is a word"):
        Artifact("sales").query(alias=alias)


@pytest.mark.parametrize("partitions", [7, ["x"], "x"])
def test_values_by_key_are_a_mapping(partitions: Any) -> None:
    """Of a declaration and of a query; beside them no key is named again."""
    for give in (Artifact("a", ["x"]).query, lambda **given: Artifact("a", ["x"], **given)):
        with pytest.raises(PartitionError, match="a mapping of values by key"):
            give(partitions=partitions)
    with pytest.raises(PartitionError, match="'x' is given twice"):
        Artifact("a", ["x"]).query(partitions={"x": 1}, x=2)


def test_several_values_are_asked_for_by_one_of() -> None:
    """A list is no value, and the error says how to ask for any of it."""
    with pytest.raises(PartitionError, match=r"hl\.one_of"):
        Artifact("a", ["x"]).query(x=["a", "b"])


def test_latest_is_one_of_two() -> None:
    """Newest by commit, or by time partition."""
    assert Artifact("a").query(latest="time_partition").latest == "time_partition"
    with pytest.raises(DeclarationError, match="'commit' or 'time_partition'"):
        Artifact("a").query(latest="created")


# ------------------------------------------------------------------ create_from


def test_create_from_outside_of_a_task() -> None:
    """Nothing is running that could return the value, so it is refused and says what to call."""
    with pytest.raises(DeclarationError, match=r"hl\.publish"):
        Artifact("a").create_from(1)
    assert hl.search().total == 0


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"regoin": "emea"}, PartitionError, "Did you mean 'region'"),
        ({"region": None}, PartitionError, "NoneType"),
        ({"time_partition": "2026-01-31"}, PartitionError, "datetime or a date"),
    ],
)
def test_create_from_refuses(given: dict[str, Any], error: type[Exception], says: str) -> None:
    """What is said of a value is held against the declaration before anything is kept."""
    with pytest.raises(error, match=says):
        Artifact("a", ["region"]).create_from(1, **given)


def test_an_attachment_can_say_itself() -> None:
    """Beside the card only what has ``serialize_to_string`` can be attached."""
    with pytest.raises(NotSupported, match="serialize_to_string"):
        Artifact("a").create_from(1, None, object())


# ------------------------------------------------------------------ against the catalog


def test_a_declaration_is_held_against_the_catalogs() -> None:
    """Taking a key away is an error that says where the keys were declared; adding one is not."""
    hl.publish(1, "a[x=1,y=2]")
    Artifact("a")
    Artifact("a", ["x", "y", "z"])
    with pytest.raises(DeclarationError, match=r"\['x', 'y'\].*by tester.*got \['x'\]"):
        Artifact("a", ["x"])
