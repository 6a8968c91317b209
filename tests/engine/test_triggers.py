"""What a new version starts, and what the started run is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, InputError

HEAD = """
    sales = hl.Artifact("sales", ["region", "tier"])
    costs = hl.Artifact("costs", ["region"])
    daily = hl.Artifact("daily", time_partitioned=True)

    @hl.task
    def told(values: list[Any]) -> str:
        return repr(values)
"""
ONE = (
    HEAD
    + """
    @hl.workflow
    def work(x: Any{default}) -> str:
        return told(values=[x])

    plan = hl.LaunchPlan.get_or_create(
        "work", work, trigger=hl.OnArtifact({on}), auto_activate=True{rest}
    )
"""
)


def _one(load: Any, on: str, *, default: str = "", rest: str = "") -> Any:
    default = f" = {default}" if default else ""
    return load(ONE.format(on=on, default=default, rest=f", {rest}" if rest else ""))


def _told() -> list[Any]:
    """What each run that ended was given, oldest first."""
    runs: list[Any] = hl.executions(name="work", state="succeeded")
    return [eval(run.outputs["o0"])[0] for run in reversed(runs)]


def _sell(x: int, region: str = "emea", tier: str = "a") -> Any:
    return hl.publish(x, f"sales[region={region},tier={tier}]")


# ---------------------------------------------------------------------- what it is given


def test_the_firing_version(load: Any, record: Any) -> None:
    """The artifact itself stands for the version that fired, though a newer one is there."""
    _one(load, "sales, inputs={'x': sales}")
    first = _sell(1)
    _sell(2)
    hl.settle()
    assert _told() == [1, 2]
    edges = [read.how for read in record.named("work")[0].all_reads()]
    assert edges == ["trigger"]
    assert record.named("work")[0].inputs["x"].id == first.ref


def test_a_row_shows_what_its_execution_became(load: Any) -> None:
    """Queued before it ran, and its end afterwards; the row's own state stays ``queued``."""
    _one(load, "sales, inputs={'x': sales}")
    _sell(1)
    assert repr(hl.ledger("work")[0]) == "<sales@1 at work v1: queued>"
    hl.settle()
    (row,) = hl.ledger("work")
    assert repr(row) == "<sales@1 at work v1: succeeded>"
    assert (row.state, row.became) == ("queued", "succeeded")


def test_a_default_that_the_firing_version_meets(load: Any) -> None:
    """A smart default that it satisfies is that version, never an older or a newer one."""
    _one(load, "sales", default="sales.query(region='emea')")
    _sell(1)
    _sell(2, "apac")
    _sell(3)
    hl.settle()
    # The second event's default is not met by it: it is asked as it stands, when it is claimed.
    assert _told() == [1, 3, 3]


def test_a_query_on_the_same_artifact_binds_what_it_leaves_open(load: Any) -> None:
    """A query names one key; the others are the firing version's."""
    _one(load, "sales, inputs={'x': sales.query(region='emea')}")
    _sell(1, "emea", "a")
    _sell(2, "emea", "b")
    _sell(3, "apac", "a")
    hl.settle()
    assert _told() == [1, 2, 1]


def test_a_query_on_another_artifact(load: Any) -> None:
    """It is asked when the run is claimed."""
    _one(load, "sales, inputs={'x': costs.query(region='apac')}")
    hl.publish(10, "costs[region=apac]")
    hl.publish(20, "costs[region=emea]")
    _sell(1)
    hl.settle()
    assert _told() == [10]


def test_another_artifact_bound_to_a_partition(load: Any) -> None:
    """A query can take its value from the version that fired."""
    _one(load, "sales, inputs={'x': costs.query(region=sales.partitions.region)}")
    hl.publish(10, "costs[region=emea]")
    hl.publish(20, "costs[region=apac]")
    _sell(1, "apac")
    _sell(2, "emea")
    hl.settle()
    assert _told() == [20, 10]


def test_a_partition_value(load: Any) -> None:
    """``artifact.partitions.key`` is the firing version's value."""
    _one(load, "sales, inputs={'x': sales.partitions.tier}")
    _sell(1, tier="gold")
    hl.settle()
    assert _told() == ["gold"]


@pytest.mark.parametrize(
    ("kind", "value", "given"),
    [
        ("int", "7", 7),
        ("float", "0.5", 0.5),
        ("bool", "True", True),
        ("date", "date(2026, 3, 1)", date(2026, 3, 1)),
        ("datetime", "datetime(2026, 3, 1, 12)", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("str", "7", "7"),
    ],
)
def test_a_partition_value_of_a_declared_type(load: Any, kind: str, value: str, given: Any) -> None:
    """It is given as a value of that type, or as text."""
    made = load(
        f"""
    levels = hl.Artifact("levels", {{"k": {"int" if kind == "str" else kind}}})

    @hl.task
    def emit() -> Annotated[int, levels(k={value})]:
        return 1

    @hl.task
    def work(x: {kind}) -> int:
        return 1

    trigger = hl.OnArtifact(levels, {{"x": levels.partitions.k}})
    hl.LaunchPlan.get_or_create("work", work, trigger=trigger).activate()
    """
    )
    made.emit()
    (done,) = hl.settle().done
    run: Any = hl.execution(done.id)
    assert run.state == "succeeded"
    assert run.inputs == {"x": given}
    assert type(run.inputs["x"]) is type(given)


def test_the_time_partition_and_an_offset(load: Any) -> None:
    """``artifact.time_partition`` is a time, which a timedelta moves."""
    _one(load, "daily, inputs={'x': daily.time_partition - timedelta(days=1)}")
    hl.publish(1, "daily", time_partition=datetime(2026, 3, 1, 15, tzinfo=UTC))
    hl.settle()
    run: Any = hl.executions(name="work")[0]
    assert run.inputs == {"x": datetime(2026, 2, 28, tzinfo=UTC)}


def test_a_query_by_the_moved_time(load: Any) -> None:
    """The day before the one that fired, of the same artifact."""
    before = "daily.query(time_partition=daily.time_partition - timedelta(days=1))"
    _one(load, f"daily, inputs={{'x': {before}}}")
    for day in (1, 2, 3):
        hl.publish(day, "daily", time_partition=datetime(2026, 3, day, tzinfo=UTC))
    hl.settle()
    assert _told() == [1, 2]
    assert [row.state for row in hl.ledger()] == ["queued", "queued", "unmet"]


def test_a_constant(load: Any) -> None:
    """A constant is given as it is."""
    _one(load, "sales, inputs={'x': {'k': [1, 2]}}")
    _sell(1)
    hl.settle()
    assert _told() == [{"k": [1, 2]}]


def test_precedence_of_inputs(load: Any) -> None:
    """Fixed inputs stand; the trigger's come before the plan's defaults and the workflow's."""
    load(
        HEAD
        + """
    @hl.workflow
    def work(a: int = 1, b: int = 1, c: int = 1, d: int = 1) -> str:
        return told(values=[[a, b, c, d]])

    hl.LaunchPlan.get_or_create(
        "work", work, trigger=hl.OnArtifact(sales, inputs={"d": 4, "c": 4}),
        default_inputs={"b": 2, "c": 2}, fixed_inputs={"a": 3}, auto_activate=True,
    )
    """
    )
    _sell(1)
    hl.settle()
    assert _told() == [[3, 2, 4, 4]]


def test_of_several_artifacts_any_starts(load: Any) -> None:
    """A version of either starts; an input of the one that did not fire is its newest version."""
    load(
        HEAD
        + """
    @hl.workflow
    def work(x: int, y: int | None) -> str:
        return told(values=[[x, y]])

    hl.LaunchPlan.get_or_create(
        "work", work, trigger=hl.OnArtifact([sales, costs], inputs={"x": sales, "y": costs}),
        auto_activate=True,
    )
    """
    )
    _sell(1)
    hl.settle()
    hl.publish(10, "costs[region=emea]")
    hl.settle()
    _sell(2)
    hl.settle()
    assert _told() == [[1, None], [1, 10], [2, 10]]


def test_a_task_can_be_planned(load: Any) -> None:
    """A plan runs a task as it runs a workflow."""
    load(
        HEAD
        + """
    @hl.task
    def double(x: int) -> int:
        return 2 * x

    hl.LaunchPlan.get_or_create(
        "double", double, trigger=hl.OnArtifact(sales, inputs={"x": sales}), auto_activate=True
    )
    """
    )
    _sell(4)
    (done,) = hl.settle().done
    shown: Any = hl.execution(done.id)
    assert (shown.kind, shown.state, shown.outputs) == ("task", "succeeded", {"o0": 8})


def test_several_plans_for_one_event(load: Any) -> None:
    """Each plan that listens has its own row and its own run."""
    _one(load, "sales, inputs={'x': 1}")
    load(
        ONE.replace('"work", work', '"again", work').format(
            on="sales, inputs={'x': 2}", default="", rest=""
        )
    )
    _sell(1)
    assert len(hl.settle().done) == 2
    assert sorted(_told()) == [1, 2]
    assert {row.plan for row in hl.ledger()} == {"work", "again"}


# ---------------------------------------------------------------------- what becomes of an event


def test_a_version_that_the_query_does_not_match_is_filtered(load: Any) -> None:
    """A trigger on a query has a row for every version, and says which it listens to."""
    _one(load, "sales.query(region='emea'), inputs={'x': sales}")
    _sell(1, "apac")
    _sell(2, "emea")
    queued, filtered = hl.ledger("work")
    assert (filtered.state, filtered.reason) == ("filtered", "listens to sales[region=emea]")
    assert queued.state == "queued"
    hl.settle()
    assert _told() == [2]


def test_a_ranged_trigger_compares_by_the_declared_type(load: Any) -> None:
    """A trigger on ``n >= 10`` fires on 10 and 100, not on 9."""
    load(
        """
        levels, seen = hl.Artifact("levels", {"n": int}), hl.Artifact("levels")

        @hl.task
        def emit(n: int) -> Annotated[int, levels(n=hl.Inputs.n)]:
            return n

        emit(1)

        @hl.task
        def work(x: int) -> str:
            return repr([x])

        hl.LaunchPlan.get_or_create(
            "work", work, trigger=hl.OnArtifact(seen.query(n=hl.at_least(10)), inputs={"x": seen}),
            auto_activate=True,
        )
        """
    )
    for n in (9, 10, 100):
        hl.publish(n, f"levels[n={n}]")
    hl.settle()
    assert _told() == [10, 100]


def test_every_version_fires(load: Any) -> None:
    """By default the same content again is an event as any other."""
    _one(load, "sales, inputs={'x': sales}")
    _sell(1)
    _sell(1)
    hl.settle()
    assert _told() == [1, 1]


def test_only_a_change_fires(load: Any) -> None:
    """``when="change"``: the same content as what it last fired on is unchanged, by partition."""
    _one(load, "sales, inputs={'x': sales}, when='change'")
    first = _sell(1)
    _sell(1)
    _sell(1, "apac")
    _sell(2)
    _sell(1)
    states = [(row.state, row.reason) for row in reversed(hl.ledger("work"))]
    assert [state for state, _ in states] == ["queued", "unchanged", *["queued"] * 3]
    assert states[1][1] == f"same content as @{first.version}"
    hl.settle()
    assert _told() == [1, 1, 2, 1]


def test_a_change_is_of_one_project(load: Any, session: hl.Session) -> None:
    """Another project's artifact of the same name with the same content is no repetition."""
    theirs = "hl.Artifact('costs', ['region'], project='theirs')"
    _one(load, f"[costs, {theirs}], inputs={{'x': 1}}, when='change'")
    other = hl.Session(replace(session.settings, project="theirs"))
    for publish in (hl.publish, other.publish, other.publish, hl.publish):
        publish(1, "costs[region=emea]")
    states = [row.state for row in reversed(hl.ledger("work"))]
    assert states == ["queued", "queued", "unchanged", "unchanged"]
    preview = hl.plan("work").preview(since="1h")
    assert [row.state for row in preview] == ["queued", "queued", "unchanged", "unchanged"]
    other.close()


def test_what_did_not_fire_is_nothing_to_compare_with(load: Any) -> None:
    """A version that was skipped while off does not make the same content unchanged."""
    plan = _one(load, "sales, inputs={'x': sales}, when='change'").plan
    _sell(1)
    plan.deactivate()
    _sell(2)
    plan.activate()
    _sell(2)
    assert [row.state for row in hl.ledger("work")] == ["queued", "skipped", "queued"]


def test_a_draft_fires_nothing_until_it_is_released(load: Any) -> None:
    """A draft has no row; its release is a version as any other."""
    _one(load, "sales, inputs={'x': sales}")
    draft = hl.publish(1, "sales[region=emea,tier=a]", draft=True)
    assert not hl.ledger()
    hl.release(draft.ref)
    hl.settle()
    assert _told() == [1]


def test_a_chain_is_stopped_at_its_depth(load: Any) -> None:
    """A workflow that starts itself stops after max_depth runs, and the row says so."""
    load(
        """
        count = hl.Artifact("count")

        @hl.task
        def more(x: int) -> Annotated[int, count]:
            return x + 1

        hl.LaunchPlan.get_or_create(
            "more", more, trigger=hl.OnArtifact(count, inputs={"x": count}, max_depth=3),
            auto_activate=True,
        )
        """
    )
    hl.publish(0, "count")
    done = hl.settle().done
    assert [e.depth for e in done] == [1, 2, 3]
    assert len({e.chain for e in done}) == 1
    assert done[0].chain == hl.get("count@1").root_id
    stopped = hl.ledger("more")[0]
    assert stopped.state == "loop-stopped"
    assert "max_depth=3" in stopped.reason
    hl.publish(100, "count")
    assert len(hl.settle().done) == 3


def test_an_unmet_input_runs_nothing(load: Any, record: Any) -> None:
    """A query that finds nothing when it is claimed: no body, an unmet row, and the reason."""
    _one(load, "sales, inputs={'x': costs.query(region='apac')}")
    _sell(1)
    (failed,) = hl.settle().done
    row = hl.ledger("work")[0]
    assert (failed.state, row.state) == ("failed", "unmet")
    assert row.reason.startswith("No artifact named 'costs'")
    assert failed.error == f"ArtifactNotFound: {row.reason}"
    assert not record.named("told")


def test_a_partition_that_the_firing_version_lacks(load: Any) -> None:
    """An input bound to one of two artifacts' keys is unmet where the other fired."""
    _one(load, "[sales, costs], inputs={'x': sales.partitions.tier}")
    hl.publish(1, "costs[region=emea]")
    hl.settle()
    row = hl.ledger("work")[0]
    assert row.state == "unmet"
    assert "needs partition 'tier'" in row.reason


def test_an_optional_input_that_nothing_meets_is_none(load: Any) -> None:
    """Where the workflow takes None, an unmet query gives None."""
    load(
        HEAD
        + """
    @hl.workflow
    def work(x: int | None = costs.query(region="apac")) -> str:
        return told(values=[x])

    hl.LaunchPlan.get_or_create("work", work, trigger=hl.OnArtifact(sales), auto_activate=True)
    """
    )
    _sell(1)
    hl.settle()
    assert _told() == [None]


def test_a_version_of_another_type_fails_before_the_body(load: Any, record: Any) -> None:
    """What fires may be of another type than the input: the execution failed, and says why."""
    load(
        HEAD
        + """
    @hl.workflow
    def work(x: str) -> str:
        return told(values=[x])

    hl.LaunchPlan.get_or_create(
        "work", work, trigger=hl.OnArtifact(sales, inputs={"x": sales}), auto_activate=True
    )
    """
    )
    _sell(1)
    (failed,) = hl.settle().done
    assert failed.state == "failed"
    assert failed.error == "InputError: Input 'x' of 'work' takes str; got int 1."
    assert hl.ledger("work")[0].state == "queued"
    assert not record.named("told")


def test_code_that_fails_to_load_fails_the_execution(load: Any, session: hl.Session) -> None:
    """A module that raises when it is imported anew ends this run, and no other."""
    load(
        """
        import os
        sales = hl.Artifact("sales")
        if os.environ.get("HEIRLOOM_TEST_BROKEN"):
            raise RuntimeError("broken on import")

        @hl.task
        def work() -> str:
            return "[1]"

        hl.LaunchPlan.get_or_create("work", work, trigger=hl.OnArtifact(sales), auto_activate=True)
        """
    )
    hl.publish(1, "sales")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEIRLOOM_TEST_BROKEN", "1")
        (failed,) = hl.settle().done
    assert failed.state == "failed"
    assert "broken on import" in str(failed.error)
    hl.publish(2, "sales")
    hl.settle()
    assert _told() == [1]


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("inputs={'y': sales}", "gives 'y', which 'work' does not take"),
        ("inputs={'x': costs.partitions.region}", "does not listen to"),
        ("inputs={'x': hl.Inputs.z}", "no caller's inputs"),
        ("when='sometimes', inputs={'x': sales}", "when is 'version' or 'change'"),
        ("inputs={}", "Nothing gives 'x'"),
    ],
)
def test_a_trigger_that_cannot_stand(load: Any, given: str, says: str) -> None:
    """It is refused in one line when the plan is declared; nothing is registered."""
    with pytest.raises((InputError, DeclarationError), match=says):
        _one(load, f"sales, {given}")
    assert not hl.plans()
