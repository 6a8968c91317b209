"""A reactor or a worker that is killed, ended or held at a named point of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from staff import POINTS, Staff, Strike, stopped, until

import heirloom as hl
from heirloom.opening import reset

pytestmark = [pytest.mark.process, pytest.mark.deep]  # for its counts: it has no long form

source, middle, result = hl.Artifact("source"), hl.Artifact("middle"), hl.Artifact("result")
_KILLED = ("reactor", signal.SIGKILL)
_SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP]


@pytest.fixture
def session(room: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hl.Session]:
    """A home in which an event of ``source`` starts one run, and that one another."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what a killed process wrote is written
    opened = hl.connect(room / "home")

    @hl.task
    def double(n: int) -> Annotated[int, middle]:
        return n * 2

    @hl.task
    def more(n: int) -> Annotated[int, result]:
        return n + 1

    for name, task, heard in (("double", double, source), ("more", more, middle)):
        trigger = hl.OnArtifact(heard, inputs={"n": heard})
        hl.LaunchPlan.get_or_create(name, task, trigger=trigger, auto_activate=True)
    yield opened
    reset()


@pytest.fixture
def staffed(session: hl.Session) -> Iterator[Callable[[Strike], Staff]]:
    """Starts a reactor with one worker, which is struck."""
    started: list[Staff] = []

    def start(strike: Strike) -> Staff:
        started.append(Staff(session.settings, strike=strike))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def _settled(attempts: int) -> None:
    """Settle; each event has had one result, after so many attempts in all."""
    settled = hl.settle(timeout=60)
    assert not settled.still
    runs = [each for plan in ("double", "more") for each in hl.executions(plan=plan)]
    assert [each.state for each in runs] == ["succeeded"] * 2
    assert sum(each.attempt for each in runs) == attempts
    assert {row.execution_id for row in hl.ledger()} == {each.id for each in runs}
    assert [hl.search(f"name={name}").total for name in ("middle", "result")] == [1, 1]
    assert hl.pull("result") == 41


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("number", _SIGNALS, ids=lambda number: str(number.name))
@pytest.mark.parametrize("who", ["worker", "reactor"])
def test_struck_at_a_point(
    session: hl.Session, staffed: Any, room: Path, count: Any, who: str, number: Any, point: str
) -> None:
    """Each event has one committed result: none is lost, and none is there twice."""
    strike = Strike(point, number, who, room / "struck")
    reactor = staffed(strike)
    hl.publish(20, "source")
    struck = strike.wait()
    if number == signal.SIGSTOP:
        until(lambda: stopped(struck), f"the {who} stops")
        os.kill(struck, signal.SIGCONT)
    died = who == "worker" and number == signal.SIGKILL
    again = died and point not in ("queued", "after commit")
    _settled(3 if again else 2)
    assert reactor.stop() == (-signal.SIGKILL if (who, number) == _KILLED else 0)
    until(lambda: not session.lives.names("worker"), "the workers end")
    count(strikes=1, taken_over=int(again), lost=0, twice=0)


@pytest.mark.parametrize("point", ["queued", "claimed", "body done"])
def test_a_zombie_is_refused(
    session: hl.Session, staffed: Any, room: Path, count: Any, point: str
) -> None:
    """A worker that was held, and lost its lock meanwhile, commits nothing when it goes on."""
    strike = Strike(point, signal.SIGSTOP, "worker", room / "struck")
    reactor = staffed(strike)
    hl.publish(20, "source")
    zombie = strike.wait()
    until(lambda: stopped(zombie), "the worker stops")
    (lock,) = (session.home / "locks").glob(f"worker-{zombie}-*.lock")
    lock.unlink()
    attempts = 2 if point == "queued" else 3
    _settled(attempts)
    before = session.catalog.position()
    os.kill(zombie, signal.SIGCONT)
    assert reactor.stop() == 0
    assert session.catalog.position() == before
    _settled(attempts)
    count(zombies=1, commits=0)
