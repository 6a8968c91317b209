"""Declaring an artifact twice: the same, more of it, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, PartitionError


def _emit(artifact: hl.Artifact, **partitions: Any) -> Any:
    """Emit 1 under an artifact, which declares it where it is new."""

    def body() -> Any:
        return artifact.create_from(1, **partitions)

    body.__annotations__["return"] = artifact
    hl.task(body)()
    return hl.get(artifact.name)


def _declared(name: str) -> Any:
    return hl.current().declaration(name)


def test_nothing_is_declared_before_it_is_emitted() -> None:
    """A declaration in Python writes nothing."""
    hl.Artifact("sales", ["region"])
    assert _declared("sales") is None


def test_keys_are_declared_by_the_first_emission() -> None:
    """With its keys, its types, who and where."""
    _emit(hl.Artifact("sales", {"region": str, "n": int}, description="Daily"), region="e", n=1)
    found = _declared("sales")
    assert (found.version, found.keys, dict(found.types)) == (1, ("region", "n"), {"n": "int"})
    assert (found.owner, found.declared_by, found.description) == ("tester", "tester", "Daily")
    assert found.where.startswith("test_declaring.py:")


def test_publishing_declares_what_the_brackets_say() -> None:
    """A new name has the keys of its first publication, in their order; with a time, by day."""
    hl.publish(1, "sales[region=emea,tier=a]")
    hl.publish(1, "daily", time_partition=datetime(2026, 3, 1, 5, tzinfo=UTC))
    assert _declared("sales").keys == ("region", "tier")
    assert _declared("daily").granularity == "day"
    assert hl.get("daily").time_partition == datetime(2026, 3, 1, tzinfo=UTC)


def test_publishing_to_what_is_declared() -> None:
    """Its keys and its granularity are the declared ones."""
    hourly = hl.Artifact("hourly", time_partitioned=True, time_partition_granularity="hour")

    def body() -> Any:
        return hourly.create_from(1, time_partition=datetime(2026, 3, 1, 5, 7, tzinfo=UTC))

    body.__annotations__["return"] = hourly
    hl.task(body)()
    hl.publish(2, "hourly", time_partition=datetime(2026, 3, 1, 6, 7, tzinfo=UTC))
    assert hl.get("hourly@2").time_partition == datetime(2026, 3, 1, 6, tzinfo=UTC)
    with pytest.raises(PartitionError, match="needs a time_partition"):
        hl.publish(3, "hourly")
    with pytest.raises(PartitionError, match="no partition key 'region'"):
        hl.publish(3, "hourly[region=emea]", time_partition=datetime(2026, 3, 1, tzinfo=UTC))
    assert hl.get("hourly").version == 2


def test_without_keys_it_refers_to_what_is_declared() -> None:
    """``partition_keys=None`` takes the keys as they are; ``[]`` says that there are none."""
    hl.publish(1, "sales[region=emea]")
    assert _emit(hl.Artifact("sales"), region="apac").version == 2
    assert _declared("sales").version == 1
    with pytest.raises(DeclarationError, match="got \\[\\]"):
        hl.Artifact("sales", [])


def test_the_same_again_is_the_same() -> None:
    """Neither order nor a type left out is a change."""
    _emit(hl.Artifact("sales", {"region": str, "n": int}), region="e", n=1)
    _emit(hl.Artifact("sales", ["n", "region"]), region="e", n=2)
    assert _declared("sales").version == 1
    assert dict(_declared("sales").types) == {"n": "int"}


def test_the_owner_adds_keys() -> None:
    """More keys are the next version of the declaration; older versions of it stay."""
    _emit(hl.Artifact("sales", {"n": int}), n=1)
    _emit(hl.Artifact("sales", ["n", "region"]), n=1, region="emea")
    found = _declared("sales")
    assert (found.version, found.keys, dict(found.types)) == (2, ("n", "region"), {"n": "int"})
    assert hl.get("sales@1").partitions == {"n": "1"}


def test_keys_are_not_taken_away() -> None:
    """Fewer keys are refused when declared; it says which, where and by whom they are declared."""
    _emit(hl.Artifact("sales", ["region", "tier"]), region="e", tier="a")
    with pytest.raises(DeclarationError) as caught:
        hl.Artifact("sales", ["region"])
    said = str(caught.value)
    for part in ("['region', 'tier']", "test_declaring.py", "by tester", "got ['region']"):
        assert part in said
    assert "\n" not in said


def test_only_the_owner_adds_keys(monkeypatch: pytest.MonkeyPatch, session: hl.Session) -> None:
    """Another user's keys are refused; to name the declared ones is everybody's right."""
    _emit(hl.Artifact("sales", ["region"]), region="e")
    monkeypatch.setenv("HEIRLOOM_USER", "bob")
    hl.connect(session.home)
    shared = hl.Artifact("sales", ["region"], allow_shared=True)
    assert _emit(shared, region="e").created_by == "bob"
    with pytest.raises(DeclarationError, match="Only tester adds keys"):
        hl.Artifact("sales", ["region", "tier"])


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"partition_keys": {"n": float}}, "types"),
        ({"partition_keys": ["n"], "time_partitioned": True}, "not time partitioned"),
    ],
)
def test_any_other_change_is_refused(other: dict[str, Any], says: str) -> None:
    """A type that changes, a time that is added."""
    _emit(hl.Artifact("sales", {"n": int}), n=1)
    with pytest.raises(DeclarationError, match=says):
        hl.Artifact("sales", **other)


def test_a_granularity_stays() -> None:
    """Times that are cut to the day are not cut to the hour later."""
    hl.publish(1, "daily", time_partition=datetime(2026, 3, 1, tzinfo=UTC))
    with pytest.raises(DeclarationError, match="cut to the day; got hour"):
        hl.Artifact("daily", time_partition_granularity="hour")


def test_a_name_is_one_whatever_its_case() -> None:
    """``Sales`` is ``sales``: the name as it was declared first stays."""
    hl.publish(1, "sales[region=emea]")
    assert hl.publish(2, "Sales[region=emea]").name == "sales"
    assert hl.get("SALES").version == 2


def test_a_published_number_is_refused() -> None:
    """Versions are numbered by the catalog."""
    with pytest.raises(ValueError, match="without '@'"):
        hl.publish(1, "sales@3")
    assert not hl.search().versions
