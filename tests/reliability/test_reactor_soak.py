"""Reactors and workers killed at random, while events come in: what became of each."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import pytest
from staff import Staff

import heirloom as hl
from heirloom.opening import reset

source, middle, result = hl.Artifact("source"), hl.Artifact("middle"), hl.Artifact("result")
ring, poisoned = hl.Artifact("ring"), hl.Artifact("poisoned")
_TURNS = 3
_PILL = 25
"""Every so manieth event kills each worker that runs it."""


@pytest.fixture
def session(room: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hl.Session]:
    """A home with a chain of two plans, a loop, and a plan that some events are poison to."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what a killed process wrote is written
    opened = hl.connect(room / "home")

    @hl.task
    def double(n: int) -> Annotated[int, middle]:
        return n * 2

    @hl.task
    def more(n: int) -> Annotated[int, result]:
        return n + 1

    @hl.task
    def turn(n: int) -> Annotated[int, ring]:
        return n + 1

    @hl.task
    def swallow(n: int, pill: int) -> Annotated[int, poisoned]:
        import os
        import signal

        if n % pill == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    for task, heard in ((double, source), (more, middle), (turn, ring), (swallow, source)):
        given = {"n": heard} | ({"pill": _PILL} if task is swallow else {})
        trigger = hl.OnArtifact(heard, inputs=given, max_depth=_TURNS if heard is ring else None)
        hl.LaunchPlan.get_or_create(
            task.name, task, trigger=trigger, max_concurrent=None, auto_activate=True
        )
    yield opened
    reset()


class _Reactors:
    """Three of them, each with two workers, and what is done to them."""

    def __init__(self, session: hl.Session) -> None:
        self.session = session
        self.all = [self._new() for _ in range(3)]
        self.killed: Counter[str] = Counter()

    def _new(self) -> Staff:
        return Staff(self.session.settings, workers=2)

    def strike(self, rng: random.Random) -> None:
        """Kill a reactor and put another in its place, or kill a worker."""
        workers = [int(name.split("-")[1]) for name in self.session.lives.names("worker")]
        if rng.random() < 0.4 or not workers:
            n = rng.randrange(3)
            self.all[n].kill()
            self.all[n] = self._new()
            self.killed["reactor"] += 1
            return
        with suppress(ProcessLookupError):
            os.kill(rng.choice(workers), signal.SIGKILL)
            self.killed["worker"] += 1


@pytest.mark.deep
@pytest.mark.process
@pytest.mark.timeout(1800)
def test_soak_of_reactors(session: hl.Session, deep: bool, count: Callable[..., None]) -> None:
    """Each event at each plan has one end: one committed result, or, of poison, its death."""
    events, rng = (3000 if deep else 300), random.Random(5)
    reactors = _Reactors(session)
    try:
        for n in range(1, events + 1):
            hl.publish(n, "source")
            if n % (events // 20) == 0:
                hl.publish(0, "ring")
            if n % 4 == 0:
                reactors.strike(rng)
        while _open(session):
            reactors.strike(rng)
            time.sleep(rng.uniform(0.2, 0.6))
    finally:
        for reactor in reactors.all:
            reactor.stop()
    _account(events, reactors, count)


def _open(session: hl.Session) -> bool:
    view = session.catalog.view()
    return any(view.executions(state=state, limit=1) for state in ("queued", "running"))


def _account(events: int, reactors: _Reactors, count: Callable[..., None]) -> None:
    """Hold the ledger, the executions and the versions against what was published."""
    view = reactors.session.catalog.view()
    rows = view.ledger()
    runs = {run.id: run for run in view.executions() if run.plan}
    pills, rings = events // _PILL, 20
    assert Counter(row.plan for row in rows) == {
        "double": events,
        "more": events,
        "swallow": events,
        "turn": rings * (_TURNS + 1),
    }
    assert len({(row.plan, row.refs) for row in rows}) == len(rows)
    started = [row.execution_id for row in rows if row.state == "queued"]
    assert len(started) == len(set(started)) == len(runs)
    stopped = [row for row in rows if row.state != "queued"]
    assert [row.state for row in stopped] == ["loop-stopped"] * rings
    ends = Counter((run.plan, run.state) for run in runs.values())
    assert ends == {
        ("double", "succeeded"): events,
        ("more", "succeeded"): events,
        ("turn", "succeeded"): rings * _TURNS,
        ("swallow", "succeeded"): events - pills,
        ("swallow", "dead"): pills,
    }
    made = Counter(v.execution_id for name in _MADE for v in hl.search(f"name={name}", limit=9**6))
    succeeded = {run.id for run in runs.values() if run.state == "succeeded"}
    assert {run: n for run, n in made.items() if run in runs} == dict.fromkeys(succeeded, 1)
    again = sum(run.attempt > 1 for run in runs.values())
    killed = {f"{who}s_killed": n for who, n in reactors.killed.items()}
    count(rows=len(rows), runs=len(runs), lost=0, twice=0, dead=pills, taken_over=again, **killed)


_MADE = ("middle", "result", "ring", "poisoned")
