"""How often plans run, and when: cooldown, budgets, countdowns and windows, through the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog.runs import Runs
from heirloom.engine.claims import Claims
from heirloom.errors import DeclarationError, ExecutionNotFound, InputError
from heirloom.records.clock import now

HEAD = """
    sales = hl.Artifact("sales", ["region"])
    visits = hl.Artifact("visits", ["region"], time_partitioned=True)

    @hl.task
    def told(value: Any) -> str:
        return repr(value)

    @hl.workflow
    def work(x: Any) -> str:
        return told(value=x)

    plan = hl.LaunchPlan.get_or_create(
        "work", work, trigger=hl.OnArtifact({on}), auto_activate=True{rest}
    )
"""
Load = Callable[..., Any]
Monday = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def plan(load: Callable[[str], Any]) -> Load:
    """Activates a plan on a workflow with an input `x`."""
    return lambda on, rest="": load(HEAD.format(on=on, rest=f", {rest}" if rest else ""))


@pytest.fixture
def later(session: hl.Session) -> Callable[[float], Claims]:
    """What claims as if it were so many seconds later."""
    life = session.lives.begin("later")

    def claims(seconds: float) -> Claims:
        at = now() + timedelta(seconds=seconds)
        return replace(session.claims(life.name), clock=lambda: at)

    return claims


def _told() -> list[Any]:
    runs: list[Any] = hl.executions(name="work", state="succeeded")
    return [eval(run.outputs["o0"]) for run in reversed(runs)]


def _states() -> list[str]:
    return [row.state for row in reversed(hl.ledger("work"))]


def test_a_cooldown_starts_at_once_and_then_on_the_last(plan: Load, later: Any) -> None:
    """The first version runs; what comes within the time is one run on the last, at its end."""
    plan("sales, {'x': sales}, cooldown=timedelta(minutes=5)")
    for value in (1, 2, 3):
        hl.publish(value, "sales[region=e]")
    hl.publish(9, "sales[region=w]")
    settled = hl.settle()
    assert _told() == [1, 9]
    assert [why for _, why in settled.still] == [
        "waits (cooldown): goes with sales@3",
        "waits (cooldown): until 300 s after the last run was queued",
    ]
    assert later(290).run_next() is None
    assert later(301).run_next() is not None
    assert _told() == [1, 9, 3]
    assert _states() == ["queued", "coalesced", "queued", "queued"]


def test_a_cooldown_waits_on_while_the_plan_is_off(
    plan: Load, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end starts nothing while the plan is off; on again, it starts one run on the last."""
    made = plan("sales, {'x': sales}, cooldown=300")
    for value in (1, 2, 3):
        hl.publish(value, "sales[region=e]")
    hl.settle()
    assert made.plan.deactivate().note == "2 waiting go on waiting"
    assert later(301).run_next() is None
    assert [(row.state, row.reason) for row in hl.ledger("work")[:2]] == [
        ("waiting", "the plan is off"),
        ("waiting", "goes with sales@3"),
    ]
    at = now() + timedelta(seconds=302)
    monkeypatch.setattr("heirloom.engine.switching.now", lambda: at)
    hl.plan("work").activate()
    while later(302).run_next() is not None:
        pass
    assert _told() == [1, 3]
    assert _states() == ["queued", "coalesced", "queued"]


def test_a_budget_of_an_hour(plan: Load, later: Any) -> None:
    """More than ``max_per_hour`` stay queued, in order, say until when, and none is lost."""
    plan("sales, {'x': sales}", "max_per_hour=2, max_concurrent=None")
    for value in (1, 2, 3, 4):
        hl.publish(value, "sales[region=e]")
    settled = hl.settle()
    assert _told() == [1, 2]
    reasons = [why for _, why in settled.still]
    assert len(reasons) == 2
    assert all(why.startswith("2 of work began within an hour; the next at ") for why in reasons)
    claims = later(0)
    assert claims.candidate() is None
    assert claims.next_start is not None
    assert timedelta(minutes=59) < claims.next_start - now() <= timedelta(hours=1)
    assert later(3601).run_next() is not None
    assert later(3601).run_next() is not None
    assert _told() == [1, 2, 3, 4]


def test_what_a_person_runs_is_in_no_budget(plan: Load) -> None:
    """Only what events start is counted, and kept."""
    team = plan("sales, {'x': sales}", "max_per_hour=1")
    for value in (1, 2):
        team.plan(x=value)
    hl.publish(3, "sales[region=e]")
    hl.settle()
    assert _told() == [1, 2, 3]


def test_what_a_person_runs_hides_nothing_of_the_budget(plan: Load) -> None:
    """Runs of the plan by hand stand between those that events started; these still count."""
    plan("sales, {'x': sales}", "max_per_hour=1")
    hl.publish(1, "sales[region=e]")
    hl.settle()
    for value in (2, 3):
        hl.run("work", x=value)
    hl.publish(4, "sales[region=e]")
    (kept,) = hl.settle().still
    assert kept[1].startswith("1 of work began within an hour")
    assert _told() == [1, 2, 3]


def test_a_budget_counts_what_began_last(plan: Load, later: Any) -> None:
    """What was held, and began after a newer one had, fills the hour from when it began."""
    plan("sales, {'x': sales}", "max_per_hour=1, max_concurrent=None")
    for value in (1, 2):
        hl.publish(value, "sales[region=e]")
    held = str(hl.ledger("work")[-1].execution_id)
    hl.hold(held)
    hl.settle()
    hl.start(held)
    assert later(3601).run_next() is not None
    hl.publish(3, "sales[region=e]")
    claims = later(0)
    assert claims.candidate() is None
    assert claims.next_start == hl.execution(held).started_at + timedelta(hours=1)


def test_a_budget_is_looked_up_once_a_look(
    plan: Load, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is over it, one look asks once when the plan may start again."""
    plan("sales, {'x': sales}", "max_per_hour=1, max_concurrent=None")
    for value in range(9):
        hl.publish(value, "sales[region=e]")
    hl.settle()
    asked, begun = [], Runs.begun

    def watched(view: Runs, *given: Any) -> Any:
        asked.append(given)
        return begun(view, *given)

    monkeypatch.setattr(Runs, "begun", watched)
    assert later(0).candidate() is None
    assert asked == [("work", "default", 1)]


def test_a_countdown_can_be_held_started_and_skipped(plan: Load, later: Any) -> None:
    """Until the time is over nothing runs; a person keeps it, runs it now, or ends it."""
    plan("sales, {'x': sales}, countdown=30", "max_concurrent=None")
    for value in (1, 2, 3, 4):
        hl.publish(value, "sales[region=e]")
    ids = [str(row.execution_id) for row in reversed(hl.ledger("work"))]
    _, waits = hl.settle().still[0]
    own = ids[0]
    assert waits.startswith("starts in ")
    assert waits.endswith(f" s: heirloom start {own}, heirloom hold {own}, heirloom cancel {own}")
    assert hl.hold(ids[0]).state == "queued"
    hl.start(ids[1])
    hl.cancel(ids[2])
    hl.settle()
    assert _told() == [2]
    while later(31).run_next() is not None:
        pass
    assert _told() == [2, 4]
    (kept,) = hl.settle().still
    assert kept[1] == f"held by tester: heirloom start {own}, heirloom cancel {own}"
    hl.start(ids[0])
    hl.settle()
    assert _told() == [1, 2, 4]
    ended = [hl.execution(id).state for id in ids]
    assert ended == ["succeeded", "succeeded", "cancelled", "succeeded"]


def test_a_worker_wakes_for_a_countdown(plan: Load, later: Any, session: hl.Session) -> None:
    """Who waits for the catalog waits no longer than until the first countdown is over."""
    plan("sales, {'x': sales}, countdown=300")
    hl.publish(1, "sales[region=e]")
    asked: list[float] = []

    class Watched:
        view = session.catalog.view

        def wait(self, after: int, timeout: float) -> int:
            asked.append(timeout)
            return after

    for seconds in (0, 290):
        claims = later(seconds)
        assert claims.candidate() is None
        replace(claims, catalog=Watched()).wait(0, 600)
    assert 299 < asked[0] <= 300
    assert 9 < asked[1] <= 10


def test_what_has_begun_is_not_held(plan: Load) -> None:
    """An execution that ended, or is none, is refused in one line, and nothing changes."""
    plan("sales, {'x': sales}")
    hl.publish(1, "sales[region=e]")
    (done,) = hl.settle().done
    for verb in (hl.hold, hl.start):
        with pytest.raises(InputError, match="has ended: only what is queued waits"):
            verb(done.id)
        with pytest.raises(ExecutionNotFound, match="No execution 'zzzzzz'"):
            verb("zzzzzz")
    assert hl.execution(done.id).state == "succeeded"


def test_a_week_of_days(plan: Load) -> None:
    """Seven days start one run on the list of them, in their order, with an edge to each."""
    plan("visits, {'x': visits}, window='week'")
    days = [Monday + timedelta(days=n) for n in (3, 0, 6, 1, 5, 2, 4)]
    for day in days[:-1]:
        hl.publish(day.day, "visits[region=e]", time_partition=day)
    assert not hl.settle().done
    assert hl.ledger("work")[0].reason == "for visits[time=2026-01-09,region=e]"
    hl.publish(days[-1].day, "visits[region=e]", time_partition=days[-1])
    (run,) = hl.settle().done
    assert _told() == [[5, 6, 7, 8, 9, 10, 11]]
    record = hl.current().catalog.view().execution(run.id)
    assert record is not None
    assert sorted(read.item for read in record.all_reads()) == sorted(run.triggered_by)
    assert [hl.get(ref).time_partition for ref in run.triggered_by] == sorted(days)

    hl.publish(70, "visits[region=e]", time_partition=days[0])
    hl.settle()
    assert _told()[1:] == [[5, 6, 7, 70, 9, 10, 11]]


def test_the_first_version_of_all_is_in_its_window(plan: Load) -> None:
    """What is declared with its first version has its times from then on."""
    plan("visits, {'x': visits}, window='week'")
    hl.publish(5, "visits[region=e]", time_partition=Monday)
    (row,) = hl.ledger("work")
    assert (row.state, row.reason) == ("waiting", "for visits[time=2026-01-06,region=e]")


@pytest.mark.parametrize("window", ["week", "month", "year"])
def test_the_last_day_of_all_is_in_a_window(plan: Load, window: str) -> None:
    """A time that stands for no end is recorded as any other, whoever listens."""
    plan(f"visits, {{'x': visits}}, window='{window}'")
    for _ in range(2):
        hl.publish(5, "visits[region=e]", time_partition=datetime(9999, 12, 31, tzinfo=UTC))
    assert _states()[-1] == "waiting"


def test_what_else_a_window_gives(load: Load) -> None:
    """Its first time, a partition value, and the newest of its versions for a default query."""
    team = load("""
        visits = hl.Artifact("visits", ["region"], time_partitioned=True)

        newest = visits.query(latest="time_partition")

        @hl.task
        def told(since: datetime, region: str, last: int) -> str:
            return f"{since:%F} {region} {last}"

        @hl.workflow
        def work(since: datetime, region: str, last: int = newest) -> str:
            return told(since=since, region=region, last=last)

        trigger = hl.OnArtifact(
            visits,
            {"since": visits.time_partition, "region": visits.partitions.region},
            window="week",
        )
        hl.LaunchPlan.get_or_create("work", work, trigger=trigger, auto_activate=True)
        """)
    assert team.work
    for n in reversed(range(7)):
        hl.publish(n, "visits[region=e]", time_partition=Monday + timedelta(days=n))
    (run,) = hl.settle().done
    assert run.outputs["o0"] == "2026-01-05 e 6"


def test_history_through_a_window(load: Load, plan: Load) -> None:
    """A backfill brings past days together, once; a preview says so before."""
    for n in range(7):
        load("visits = hl.Artifact('visits', ['region'], time_partitioned=True)")
        hl.publish(n, "visits[region=e]", time_partition=Monday + timedelta(days=n))
    made = plan("visits, {'x': visits}, window='week', countdown=30")
    assert str(made.plan.preview(since="7d")) == "<preview of 7 versions since 7d: 1 queued>"
    made.plan.backfill()
    hl.settle()
    assert _told() == [[0, 1, 2, 3, 4, 5, 6]]
    assert "nothing to do; 7 had a row already" in hl.plan("work").backfill().note


@pytest.mark.parametrize(
    ("on", "rest", "said"),
    [
        ("sales, cooldown=0", "", "cooldown is seconds above 0, a timedelta, or None; got 0"),
        ("sales, countdown='1'", "", "countdown is seconds above 0, a timedelta, or None; got '1'"),
        ("[sales, visits], cooldown=3, condition='all'", "", "cooldown would leave some out"),
        (
            "sales, window='day'",
            "",
            r"'sales' has none: Artifact\('sales', time_partitioned=True\)",
        ),
        ("visits, window='weak'", "", "window is .*'week'.*; got 'weak'. Did you mean 'week'"),
        ("visits, window='day'", "", "A day has 1 times of 'visits' .one for each day."),
        ("[sales, visits], window='week'", "", "is for the versions of one artifact"),
        ("visits, window='week', condition='all-latest'", "", "with no condition"),
        (
            "visits.query(time_partition=datetime(2026, 1, 1)), window='week'",
            "",
            "waits for every time, and '.*' names some",
        ),
        ("sales, {'x': sales}", "max_per_hour=0", "max_per_hour is at least 1, or None"),
    ],
)
def test_wrong_paces(plan: Load, on: str, rest: str, said: str) -> None:
    """What makes no sense is refused when it is declared; nothing is registered."""
    with pytest.raises(DeclarationError, match=said):
        plan(on, rest)
    assert hl.plans() == []


def test_a_window_needs_an_input_for_many(load: Load) -> None:
    """An input that takes one value is refused when the plan is declared, both ends named."""
    with pytest.raises(InputError, match=r"'x' takes int; with window= it is given the list of"):
        load("""
            visits = hl.Artifact("visits", time_partitioned=True)

            @hl.task
            def work(x: int) -> int:
                return x

            hl.LaunchPlan.get_or_create(
                "work", work, trigger=hl.OnArtifact(visits, {"x": visits}, window="week")
            )
            """)
    assert hl.plans() == []
