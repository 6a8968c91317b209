"""Triggers on several artifacts, bursts, and how many run at once: through the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.claims import Claims
from heirloom.errors import LoopWarning
from heirloom.records.clock import now

HEAD = """
    sales = hl.Artifact("sales", ["region"])
    costs = hl.Artifact("costs", ["region"])
    rates = hl.Artifact("rates", time_partitioned=True)

    @hl.task
    def told(values: list[Any]) -> str:
        return repr(values)

    @hl.workflow
    def work({signature}) -> str:
        return told(values=[{names}])

    plan = hl.LaunchPlan.get_or_create(
        "work", work, trigger=hl.OnArtifact({on}), auto_activate={active}{rest}
    )
"""
Load = Callable[..., Any]


@pytest.fixture
def plan(load: Callable[[str], Any]) -> Load:
    """Activates a plan on a workflow with inputs `x` and `y`."""

    def make(
        on: str, rest: str = "", signature: str = "x: Any, y: Any", *, active: bool = True
    ) -> Any:
        names = ", ".join(each.partition(":")[0] for each in signature.split(", "))
        rest = f", {rest}" if rest else ""
        given = {"on": on, "rest": rest, "signature": signature, "names": names}
        return load(HEAD.format(active=active, **given))

    return make


def _told() -> list[Any]:
    runs: list[Any] = hl.executions(name="work", state="succeeded")
    return [eval(run.outputs["o0"]) for run in reversed(runs)]


def _states(plan: str = "work") -> list[tuple[str, str]]:
    return [(str(r.refs[0]).rpartition("/")[2], r.state) for r in reversed(hl.ledger(plan))]


def test_a_join_gives_each_input_its_own_version(plan: Load) -> None:
    """``all``: one run for a version of each, those with the same partition value together."""
    plan("[sales, costs], {'x': sales, 'y': costs}, condition='all'")
    for ref, value in (("sales[region=e]", 1), ("sales[region=w]", 2), ("costs[region=w]", 3)):
        hl.publish(value, ref)
    settled = hl.settle()
    (done,) = settled.done
    assert done.triggered_by == (hl.get("sales@2").ref, hl.get("costs@1").ref)
    assert _told() == [[2, 3]]
    assert [how for how in {read.how for read in _record(done.id).all_reads()}] == ["trigger"]
    assert [(repr(row), why) for row, why in settled.still] == [
        ("<sales@1 at work v1: waiting (for costs)>", "waits (join): for costs")
    ]


def _record(id: str) -> Any:
    return hl.current().catalog.view().execution(id)


def test_inputs_bound_to_one_of_several(plan: Load) -> None:
    """A partition or time in an input is that of the version of the artifact that it names."""
    plan(
        "[rates, sales], {'x': sales.partitions.region, 'y': rates.time_partition}, "
        "condition='all-latest'",
        signature="x: str, y: datetime",
    )
    hl.publish(1, "rates", time_partition=datetime(2026, 3, 1, tzinfo=UTC))
    hl.publish(1, "sales[region=e]")
    hl.settle()
    run: Any = hl.executions(name="work")[0]
    assert run.inputs == {"x": "e", "y": datetime(2026, 3, 1, tzinfo=UTC)}


def test_a_default_that_one_of_several_meets(plan: Load) -> None:
    """A smart default is the firing version that satisfies it, whichever of them it is."""
    plan(
        "[sales, costs], {'x': sales}, condition='all'",
        signature="x: Any, y: Any = costs.query(region='e')",
    )
    hl.publish(1, "sales[region=e]")
    hl.publish(2, "costs[region=e]")
    hl.publish(3, "costs[region=e]")
    hl.settle()
    assert _told() == [[1, 2]]


def test_one_task_that_emits_both(plan: Load, load: Load) -> None:
    """Versions of one commit are joined with each other."""
    plan("[sales, costs], {'x': sales, 'y': costs}, condition='all'")
    made = load(
        """
        @hl.task
        def both() -> tuple[
            Annotated[int, hl.Artifact("sales", ["region"])(region="e")],
            Annotated[int, hl.Artifact("costs", ["region"])(region="e")],
        ]:
            return 4, 5
        """
    )
    made.both()
    hl.settle()
    assert _told() == [[4, 5]]
    assert len({row.execution_id for row in hl.ledger("work")}) == 1


def test_the_latest_of_each(plan: Load) -> None:
    """``all-latest``: every new version starts with the newest of the others."""
    plan("[sales, costs], {'x': sales, 'y': costs}, condition='all-latest'")
    for ref, value in (("sales", 1), ("sales", 2), ("costs", 3), ("sales", 4)):
        hl.publish(value, f"{ref}[region=e]")
    hl.settle()
    assert _told() == [[2, 3], [4, 3]]
    assert _states()[0] == ("sales@1", "superseded")


def test_an_unmet_join_closes_all_its_rows(plan: Load) -> None:
    """A join whose other input finds nothing runs no body, and each of its events says so."""
    plan("[sales, costs], {'x': sales, 'y': rates.query()}, condition='all'")
    hl.publish(1, "sales[region=e]")
    hl.publish(2, "costs[region=e]")
    hl.settle()
    assert [state for _, state in _states()] == ["unmet", "unmet"]


def test_a_join_goes_on_over_a_new_version(plan: Load) -> None:
    """What waits for its partner when the plan gets a new version is joined by that version."""
    plan("[sales, costs], {'x': sales, 'y': costs}, condition='all'")
    hl.publish(1, "sales[region=e]")
    plan("[sales, costs], {'x': sales, 'y': costs}, condition='all'", "max_concurrent=None")
    assert _states() == [("sales@1", "waiting")]
    hl.publish(2, "costs[region=e]")
    (done,) = hl.settle().done
    assert (done.plan, _record(done.id).plan_version) == ("work", 2)
    assert _told() == [[1, 2]]


def test_what_waits_for_a_trigger_that_is_gone(plan: Load, load: Load) -> None:
    """A new version without a trigger lets go of what waited, and says so."""
    made = plan("[sales, costs], {'x': sales, 'y': costs}, condition='all'")
    hl.publish(1, "sales[region=e]")
    hl.current().register(hl.LaunchPlan("work", made.work, default_inputs={"x": 1, "y": 2}))
    (row,) = hl.ledger("work")
    assert (row.state, row.reason) == ("superseded", "filtered: the plan runs by hand only")


# ---------------------------------------------------------------------- bursts


def _later(session: hl.Session, seconds: float) -> Claims:
    """What claims as if it were later."""
    life = session.lives.begin("later")
    at = now() + timedelta(seconds=seconds)
    return replace(session.claims(life.name), clock=lambda: at)


def test_a_burst_runs_once(plan: Load, session: hl.Session) -> None:
    """With debounce, versions close behind each other start one run on the last, when it is due."""
    plan("sales, {'x': sales, 'y': 0}, debounce=timedelta(minutes=5)")
    for value in (1, 2, 3):
        hl.publish(value, "sales[region=e]")
    settled = hl.settle()
    assert not settled.done
    assert [why for _, why in settled.still] == [
        "waits (debounce): goes with sales@2",
        "waits (debounce): goes with sales@3",
        "waits (debounce): until nothing more comes for 300 s",
    ]
    assert _later(session, 299).run_next() is None
    ran = _later(session, 301).run_next()
    assert ran is not None
    assert _told() == [[3, 0]]
    assert [state for _, state in _states()] == ["coalesced", "coalesced", "queued"]
    assert {row.execution_id for row in hl.ledger("work")} == {ran.id}


def test_a_burst_waits_while_the_plan_is_off(plan: Load, session: hl.Session) -> None:
    """What is due at a plan that is off waits until it is on, and is quiet once more."""
    plan("sales, {'x': sales, 'y': 0}, debounce=300")
    hl.publish(1, "sales[region=e]")
    hl.plan("work").deactivate()
    assert _later(session, 301).run_next() is None
    (row,) = hl.ledger("work")
    assert (row.state, row.due, row.reason) == ("waiting", None, "the plan is off")
    assert session.catalog.view().next_due() is None
    hl.plan("work").activate()
    assert _later(session, 301).run_next() is not None


def test_a_worker_wakes_for_what_is_due(plan: Load, session: hl.Session) -> None:
    """Who waits for the catalog waits no longer than until the next row is due."""
    plan("sales, {'x': sales, 'y': 0}, debounce=300")
    hl.publish(1, "sales[region=e]")
    claims = _later(session, 301)
    asked: list[float] = []

    class Watched:
        view = session.catalog.view

        def wait(self, after: int, timeout: float) -> int:
            asked.append(timeout)
            return after

    replace(claims, catalog=Watched()).wait(0, 60)  # type: ignore[arg-type]
    replace(claims, catalog=Watched(), clock=now).wait(0, 60)  # type: ignore[arg-type]
    assert asked == [0.0, 60]


# ---------------------------------------------------------------------- how many at once


def test_one_for_each_partition(plan: Load, session: hl.Session) -> None:
    """``max_concurrent='partition'``: what is of a region that runs waits, another region's not."""
    plan("sales, {'x': sales, 'y': 0}", "max_concurrent='partition'")
    for value, region in ((1, "e"), (2, "e"), (3, "w")):
        hl.publish(value, f"sales[region={region}]")
    claims = _later(session, 0)
    first = claims.candidate()
    assert first is not None
    with claims.workplace(first.project) as at:
        claims._claim(first, at)
    second = claims.candidate()
    assert second is not None
    assert second.triggered_by == (hl.get("sales@3").ref,)
    newest, middle, oldest = session.outcomes(hl.ledger("work"))
    assert (oldest.state, newest.state) == ("running", "queued")
    assert str(middle) == "queued: waits for a slot: work is running for region=e"


# ---------------------------------------------------------------------- what is said


def test_outcomes_in_plain_words(plan: Load, session: hl.Session) -> None:
    """Each row as it stands: what it waits for, what it ran with, what ended it badly."""
    plan("[sales, costs], {'x': sales, 'y': costs}, condition='all'", signature="x: int, y: str")
    hl.publish(1, "sales[region=e]")
    hl.publish(2, "sales[region=e]")
    hl.publish(3, "costs[region=e]")
    hl.settle()
    costs, second, first = map(str, session.outcomes(hl.ledger("work")))
    why = "InputError: Input 'y' of 'work' takes str; got int 3."
    assert second == "waiting (join): for costs"
    assert (first, costs) == (f"failed: with costs@1; {why}", f"failed: with sales@1; {why}")


CIRCLE = """
    ping, pong = hl.Artifact("ping"), hl.Artifact("pong")

    @hl.task
    def to_pong(x: int) -> Annotated[int, pong]:
        return x

    @hl.task
    def to_ping(x: int) -> Annotated[int, ping]:
        return x

    there = hl.LaunchPlan.get_or_create(
        "there", to_pong, trigger=hl.OnArtifact(ping, {{"x": ping}}, max_depth={first})
    )
    back = hl.LaunchPlan.get_or_create(
        "back", to_ping, trigger=hl.OnArtifact(pong, {{"x": pong}}, max_depth={second})
    )
"""


def test_a_circle_is_shown_when_it_closes(load: Load) -> None:
    """The activation that closes a circle of plans says which, and what ends it."""
    team = load(CIRCLE.format(first=7, second=None))
    assert "→" not in team.there.activate().note
    note = team.back.activate().note
    assert "back → there → back: at most 7 triggered executions in a chain" in note
    team.there.deactivate()
    assert "→" not in team.back.activate().note


def test_a_circle_that_never_ends_is_warned_of(load: Load) -> None:
    """Where every max_depth of a circle is None, one warning names it; it is activated."""
    team = load(CIRCLE.format(first=None, second=None))
    team.there.activate()
    with pytest.warns(LoopWarning, match="back → there → back start each other for ever") as told:
        plan = team.back.activate()
    assert [each.filename for each in told] == [__file__]
    assert plan.is_active


def test_a_circle_by_what_runs_emitted(load: Load) -> None:
    """What code emits only as it runs is known from its runs."""
    team = load(
        """
        count = hl.Artifact("count")

        @hl.task
        def more(x: int) -> int:
            hl.publish(x + 1, "count")
            return x

        plan = hl.LaunchPlan.get_or_create(
            "more", more, trigger=hl.OnArtifact(count, {"x": count}, max_depth=2)
        )
        """
    )
    assert "→" not in team.plan.activate().note
    hl.publish(0, "count")
    hl.settle()
    team.plan.deactivate()
    assert "more → more: at most 2" in team.plan.activate().note


@pytest.mark.parametrize(
    ("on", "signature", "says"),
    [
        (
            "sales, {'y': 1}",
            "x: Any = sales.query(region='e'), y: int = 0",
            "listens to sales, and reads sales[region=e]",
        ),
        ("hl.Artifact('saels'), {'x': 1, 'y': 1}", "x: int, y: int", "Did you mean 'sales'?"),
        ("sales.query(region='e'), {'y': 1}", "x: Any = sales.query(region='e'), y: int = 0", ""),
        ("sales, {'x': sales, 'y': 1}", "x: Any, y: int", ""),
        ("sales, {'x': sales, 'y': 1}", "x: float, y: int", ""),
        (
            "sales, {'x': sales, 'y': 1}",
            "x: str, y: int",
            "input 'x' takes str, and sales@1 is int",
        ),
        (
            "sales, {'x': sales, 'y': 1}",
            "x: Any, y: int, z: str = sales.query(region='e')",
            "input 'z' takes str, and sales@1 is int",
        ),
    ],
)
def test_what_may_not_be_meant(plan: Load, on: str, signature: str, says: str) -> None:
    """A trigger wider than what is read, or on what is not there, stands, and says so."""
    hl.publish(0, "sales[region=e]")
    note = plan(on, signature=signature, active=False).plan.note
    assert says in note
    assert bool(note) == bool(says)
