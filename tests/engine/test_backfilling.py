"""Backfill: past versions run through a plan, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, InputError, RefError

TEAM = """
    sales, seen = hl.Artifact("sales", ["region"]), hl.Artifact("seen")

    @hl.task
    def note(x: int) -> Annotated[int, seen]:
        return x

    @hl.task
    def gather(parts: int) -> int:
        return parts

    trigger = hl.OnArtifact(sales, {"x": sales})
"""
NOBODY = "; nothing runs events now: hl.settle() or `heirloom reactor` does"


@pytest.fixture
def team(load: Callable[[str], Any]) -> Any:
    """Four versions of ``sales``, and then a plan that listens to it."""
    for number, region in enumerate(["emea", "apac", "emea", "apac"], 1):
        hl.publish(number, f"sales[region={region}]")
    made = load(TEAM)
    made.plan = hl.LaunchPlan.get_or_create("noted", made.note, trigger=made.trigger)
    return made


def _note(plan: Any) -> str:
    note: str = plan.note
    return note.removesuffix(NOBODY)


def _noted() -> list[int]:
    """What was noted, oldest first."""
    return [hl.current().peek(version) for version in reversed(hl.search("name=seen").versions)]


def test_the_past_is_run_once(team: Any) -> None:
    """In commit order, behind what came since; a second call writes nothing."""
    team.plan.activate()
    hl.publish(5, "sales[region=emea]")
    assert _note(team.plan.backfill()) == "5 past versions: 4 queued; 1 had a row already"
    hl.settle()
    assert _noted() == [5, 1, 2, 3, 4]
    position = hl.current().catalog.position()
    assert _note(hl.plan("noted").backfill()) == (
        "5 past versions: nothing to do; 5 had a row already"
    )
    assert hl.current().catalog.position() == position


def test_a_part_of_the_past(team: Any) -> None:
    """Since a time, and where a search line says; each part is run once."""
    plan = team.plan.activate()
    assert _note(plan.backfill(where="region=emea", since="1h")) == "2 past versions: 2 queued"
    began = datetime.now(UTC)
    assert _note(plan.backfill(since=began)) == "0 past versions: nothing to do"
    later = plan.backfill(since=timedelta(hours=1))
    assert _note(later) == "4 past versions: 2 queued; 2 had a row already"
    hl.settle()
    assert _noted() == [1, 3, 2, 4]


def test_what_was_missed_or_passed_over_has_its_row(team: Any) -> None:
    """A row is a decision: a backfill does not take it back."""
    plan = team.plan.activate().deactivate()
    hl.publish(5, "sales[region=emea]")
    plan.activate(missed="none")
    assert _note(plan.backfill(where="region=emea")) == (
        "3 past versions: 2 queued; 1 had a row already"
    )
    narrow = hl.OnArtifact(team.sales.query(region="emea"), {"x": team.sales})
    other = hl.LaunchPlan.get_or_create("emea", team.note, trigger=narrow, auto_activate=True)
    assert _note(other.backfill()) == "5 past versions: 3 queued, 2 filtered"


def test_a_new_version_of_the_plan_runs_nothing_twice(team: Any) -> None:
    """What an earlier version of the plan has a row of is not run again by the next."""
    team.plan.activate().backfill(where="region=emea")
    hl.LaunchPlan.get_or_create("noted", team.note, trigger=team.trigger, max_concurrent=2)
    plan = hl.plan("noted")
    assert (plan.version, plan.is_active) == (2, True)
    assert _note(plan.backfill()) == "4 past versions: 2 queued; 2 had a row already"
    assert {row.plan_version for row in hl.ledger("noted")} == {1, 2}


def test_the_limit_of_the_plan_holds(team: Any) -> None:
    """What is backfilled waits for a slot as any other, in commit order."""
    team.plan.activate().backfill()
    rows = hl.ledger("noted")[::-1]
    assert [row.refs[0].rpartition("@")[2] for row in rows] == ["1", "2", "3", "4"]
    queued = [execution.triggered_by for execution in hl.executions(state="queued")][::-1]
    assert queued == [row.refs for row in rows]


def test_anothers_code_waits_for_approval(team: Any, session: hl.Session) -> None:
    """Backfilling approves nothing."""
    plan = team.plan.activate()
    session.approvals.path.unlink()
    assert _note(plan.backfill()) == "4 past versions: 4 waiting"
    assert "4 events waited for it" in hl.plan("noted").approve().note
    hl.settle()
    assert _noted() == [1, 2, 3, 4]


def test_a_preview_foretells_it(team: Any) -> None:
    """``plan.preview(since=)`` of a plan that has heard nothing is what its backfill does."""
    plan = team.plan.activate()
    foretold = [(row.refs, row.state) for row in plan.preview(since="1h")]
    plan.backfill(since="1h")
    assert foretold == [(row.refs, row.state) for row in hl.ledger("noted")[::-1]]


def test_a_plan_that_is_off_is_not_backfilled(team: Any) -> None:
    """Nothing is written for what is not on, was never on, or runs by hand."""
    with pytest.raises(DeclarationError, match="'noted' v1 is off"):
        team.plan.backfill()
    with pytest.raises(DeclarationError, match="'noted' v1 is off"):
        team.plan.activate().deactivate().backfill()
    hand = hl.LaunchPlan.get_or_create("hand", team.gather)
    with pytest.raises(DeclarationError, match="runs by hand"):
        hand.activate().backfill()
    assert not hl.ledger()


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"since": "soon"}, RefError, "takes a date, a time or an age"),
        ({"since": 7}, InputError, "since is a time"),
        ({"where": "region="}, RefError, "Expected"),
        ({"where": "regoin=emea"}, RefError, "Did you mean 'region'"),
        ({"where": 7}, InputError, "where is text"),
    ],
)
def test_what_is_asked_for_wrongly(
    team: Any, given: dict[str, Any], error: type[Exception], says: str
) -> None:
    """One line, and nothing is written."""
    plan = team.plan.activate()
    with pytest.raises(error, match=says):
        plan.backfill(**given)
    assert not hl.ledger()
