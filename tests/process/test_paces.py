"""What waits for its time, and what a person holds, where a process of its own runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog import Batch
from heirloom.engine.claims import Claims
from heirloom.records.clock import now
from heirloom.records.executions import Execution

pytestmark = pytest.mark.process


@pytest.fixture
def paced(session: hl.Session) -> Callable[..., hl.Artifact]:
    """Activates a plan on ``sales``: `given` are its trigger's and its own options."""
    sales = hl.Artifact("sales")

    @hl.task
    def work(n: int) -> int:
        return n

    def plan(max_per_hour: int | None = None, **given: Any) -> hl.Artifact:
        trigger = hl.OnArtifact(sales, {"n": sales}, **given)
        hl.LaunchPlan.get_or_create(
            "work",
            work,
            trigger=trigger,
            max_concurrent=None,
            max_per_hour=max_per_hour,
            auto_activate=True,
        )
        return sales

    return plan


def _end(session: hl.Session, execution_id: str | None) -> Any:
    """Wait until an execution has ended."""
    for _ in range(1000):
        position = session.catalog.position()
        found = hl.execution(str(execution_id))
        if found.is_final:
            return found
        session.catalog.wait(position, 30)
    pytest.fail(f"{found} does not end")


def test_a_reactor_starts_what_was_counted_down(
    session: hl.Session, paced: Any, standalone: Callable[[], Any]
) -> None:
    """When the time is over, it begins without anybody's doing."""
    paced(countdown=2)
    standalone()
    hl.publish(1, "sales")
    (row,) = hl.ledger("work")
    queued = hl.execution(str(row.execution_id))
    assert queued.state == "queued"
    ended = _end(session, row.execution_id)
    assert ended.state == "succeeded"
    assert ended.started_at >= queued.started_at + timedelta(seconds=2)


def test_a_reactor_starts_what_the_hour_lets_go(
    session: hl.Session, paced: Any, standalone: Callable[[], Any]
) -> None:
    """What was one too many begins when the hour of the one before is over."""
    paced(max_per_hour=1)
    standalone()
    hl.publish(1, "sales")
    first = _end(session, hl.ledger("work")[0].execution_id)
    hl.publish(2, "sales")
    (over,) = hl.executions(plan="work", state="queued")
    recorded = session.catalog.view().execution(first.id)
    assert recorded is not None
    soon = now() + timedelta(seconds=2)
    earlier = replace(recorded, started_at=soon - timedelta(hours=1))
    session.catalog.commit(lambda view: Batch(executions=[earlier]))
    ended = _end(session, over.id)
    assert ended.state == "succeeded"
    assert ended.started_at >= soon


class Late(Claims):
    """Claims in a process that another one overtakes: what it found is held by then."""

    def candidate(self) -> Execution | None:
        """What is found to be next; somebody holds it before it is claimed."""
        found = Claims.candidate(self)
        if found is not None:
            home = str(hl.current().home)
            hold = [sys.executable, "-m", "heirloom", "hold", "--home", home, found.id]
            subprocess.run(hold, check=True, stdout=subprocess.DEVNULL)
        return found


def test_what_is_held_as_it_is_claimed_does_not_run(session: hl.Session, paced: Any) -> None:
    """Whoever commits first has it: a hold between another's look and its claim keeps it."""
    paced()
    for n in range(2):
        hl.publish(n, "sales")
    life = session.lives.begin("late")
    claims = session.claims(life.name)
    late = Late(**{each.name: getattr(claims, each.name) for each in fields(claims) if each.init})
    assert late.run_next() is None
    runs = hl.executions(plan="work")
    assert [(run.state, run.attempt) for run in runs] == [("queued", 0)] * 2
    assert all(run.held_by for run in runs)
    life.end()
