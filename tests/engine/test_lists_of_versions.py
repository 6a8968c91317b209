"""Several versions as one input: the latest of each partition, asked for or given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, InputError, PartitionError, RefError, Unmet

TEAM = """
    sales = hl.Artifact("sales", ["region"])

    @hl.task
    def total(parts: list[int]) -> int:
        return sum(parts)

    @hl.workflow
    def report(parts: list[int] = sales.query(region=hl.not_("test")).per("region")) -> int:
        return total(parts=parts)

    @hl.workflow
    def needless(parts: list[int] | None = sales.query(region="none").per("region")):
        total(parts=[])
"""


@pytest.fixture
def team(load: Callable[[str], Any]) -> Any:
    """Four versions: two of one region, one of another, one of a test."""
    module = load(TEAM)
    for value, region in ((1, "emea"), (10, "apac"), (500, "test"), (2, "emea")):
        hl.publish(value, f"sales[region={region}]")
    return module


def test_the_latest_of_each_as_a_default(team: Any, record: Any) -> None:
    """A workflow is given the list, the newest first, with an edge to each; later is too late."""
    run = hl.run(team.report)
    hl.publish(100, "sales[region=emea]")
    inputs: Any = hl.execution(run.id).inputs
    assert inputs["parts"] == [2, 10]
    assert run.outputs["o0"] == 12
    wanted = {hl.get(f"sales@{n}").ref: "query" for n in (4, 2)}
    assert record.reads("report") == wanted
    assert set(record.reads("total")) == set(wanted)
    assert team.report() == 110


def test_what_is_run_again_has_the_edges_again(team: Any, record: Any) -> None:
    """Rerun and triggered, the list is of the same versions; with the latest it is asked anew."""
    run = hl.run(team.report)
    last = hl.publish(100, "sales[region=emea]")
    assert _read(record, hl.rerun(run)) == _read(record, run) != []
    latest = hl.rerun(run, latest=True)
    assert latest.outputs["o0"] == 110
    assert last.ref in _read(record, latest)
    trigger = hl.OnArtifact(hl.Artifact("go"))
    hl.LaunchPlan.get_or_create("report", team.report, trigger=trigger, auto_activate=True)
    hl.publish(1, "go")
    (done,) = hl.settle().done
    assert _read(record, done) == _read(record, latest)


def _read(record: Any, run: Any) -> list[str]:
    """What a run and its one task read."""
    (leaf,) = (each for each in record.all if each.parent_id == run.id)
    own = next(each for each in record.all if each.id == run.id)
    versions = [read.item for read in own.reads]
    assert [read.item for read in leaf.reads] == versions
    return versions


def test_what_is_given_takes_its_place(team: Any) -> None:
    """A list of values or of versions, and another query."""
    assert team.report(parts=[3, 4]) == 7
    assert team.report(parts=[hl.get("sales@1"), hl.get("sales@3")]) == 501
    assert team.report(parts=hl.latest_per("sales", "region")) == 512
    assert team.report(parts=team.sales.query(region="apac").per("region")) == 10
    with pytest.raises(InputError, match=r"\[0\] is"):
        team.report(parts=[hl.get("sales@1"), 5])


def test_nothing_is_found(team: Any) -> None:
    """`None` where that will do; else nothing runs."""
    (run,) = [hl.run(team.needless)]
    assert run.inputs["parts"] is None
    before = len(hl.executions())
    with pytest.raises(Unmet, match="atlantis"):
        team.report(parts=team.sales.query(region="atlantis").per("region"))
    with pytest.raises(PartitionError, match="Did you mean 'region'"):
        team.report(parts=team.sales.query().per("regio"))
    assert len(hl.executions()) == before


def test_one_version_is_asked_for_otherwise(team: Any) -> None:
    """What takes one version refuses a question for several, and says what to ask instead."""
    several = team.sales.query().per("region")
    with pytest.raises(RefError, match=r"hl\.latest_per"):
        hl.pull(several)
    with pytest.raises(DeclarationError, match="yet to come"):
        hl.OnArtifact(several).queries  # noqa: B018  the property is what refuses
    assert [v.version for v in hl.latest_per(several)] == [4, 3, 2]


def test_a_plan_is_given_the_latest_of_each(load: Callable[[str], Any]) -> None:
    """The version that fired stands among them, in a default and in a trigger's input alike."""
    load(
        TEAM
        + """
    each = sales.query().per("region")
    for name, inputs in (("by_default", {}), ("by_trigger", {"parts": each})):
        hl.LaunchPlan.get_or_create(
            name, report, trigger=hl.OnArtifact(sales, inputs=inputs), auto_activate=True
        )
"""
    )
    for value, region in ((1, "emea"), (10, "apac"), (2, "emea")):
        hl.publish(value, f"sales[region={region}]")
        hl.settle()
    for plan in ("by_default", "by_trigger"):
        runs = [run for run in hl.executions(name="report") if run.plan == plan]
        assert [run.outputs["o0"] for run in reversed(runs)] == [1, 11, 12]


def test_the_launch_form_tells_it(team: Any) -> None:
    """The field says what is asked, and the newest of what it means."""
    field = hl.launch_form(team.report)["parts"]
    assert field.query == "sales[region!=test] per region"
    assert field.resolved is not None
    assert field.resolved.version == 4


@pytest.mark.usefixtures("team")
def test_a_declaration_keeps_no_list_of_versions(load: Callable[[str], Any]) -> None:
    """As a default, a plan's or a workflow's, it is refused with what to ask instead."""
    listed = [hl.get("sales@1"), hl.get("sales@2")]
    says = r"'parts' of '\w+' is declared with a list of versions.*query\.per\(key\)"
    team = load("@hl.workflow\ndef report(parts: list[int]) -> int:\n    return 1\n")
    with pytest.raises(InputError, match=says):
        hl.LaunchPlan.get_or_create("p", team.report, default_inputs={"parts": listed})
    with pytest.raises(InputError, match=says):
        load(
            "@hl.workflow\n"
            'def by_default(parts: list[int] = [hl.get("sales@1")]) -> int:\n    return 1\n'
        )


def test_a_map_over_versions(team: Any, record: Any) -> None:
    """Each call has an edge to the one that it was given."""

    @hl.task
    def double(n: int) -> int:
        return 2 * n

    versions = [hl.get("sales@1"), hl.get("sales@2")]
    assert hl.map_task(double)(n=versions) == [2, 20]
    calls = [call for call in record.named("double") if call.kind == "task"]
    assert [read.item for call in calls for read in call.all_reads()] == [
        each.ref for each in versions
    ]


def test_publish_knows_what_is_declared_here(load: Callable[[str], Any]) -> None:
    """Keys, types and granularity of a declaration that nothing was emitted under yet."""
    kept = hl.Artifact(
        "monthly", {"n": int}, time_partitioned=True, time_partition_granularity="month"
    )
    at = datetime(2026, 5, 17, 12, tzinfo=UTC)
    with pytest.raises(PartitionError, match="n"):
        hl.publish(1, "monthly[m=1]", time_partition=at)
    assert hl.publish(1, "monthly[n=1]", time_partition=at).time_partition == datetime(
        2026, 5, 1, tzinfo=UTC
    )
    declared = hl.current().declaration(kept.name)
    assert declared is not None
    assert (declared.keys, dict(declared.types)) == (("n",), {"n": "int"})
