"""Workers that die, at once or at their own hand, and who takes over."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("listening")]


def test_a_killed_worker_is_taken_over(reactor: hl.Session, bodies: Any) -> None:
    """Killed in mid-body, its execution is run by another worker and commits once."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    dead = bodies.wait(1)
    bodies.go("hold", 1)
    bodies.let("hold", 1)
    os.kill(dead, signal.SIGKILL)
    killed = time.time()
    assert bodies.wait(1, times=2) != dead
    print(f"taken over after {(bodies.began(1) - killed) * 1000:.0f} ms")
    assert _became() == ["running: attempt 2"]
    bodies.go("hold", 1)
    (done,) = bodies.ended(1)
    assert (done.state, done.attempt) == ("succeeded", 2)
    assert hl.search("name=result").total == 1
    assert hl.pull("result") == 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGRTMIN + 1])
def test_a_dead_worker_is_replaced(reactor: hl.Session, bodies: Any, number: int) -> None:
    """There are two workers again, and events go on, also after a signal that has no name."""
    before = reactor.reactor.status().workers
    os.kill(before[0], number)
    bodies.wait_gone(before[0])
    hl.publish(1, "source")
    bodies.ended(1)
    end = time.monotonic() + 10
    while len(after := reactor.reactor.status().workers) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert len(set(after) - set(before)) == 1


def test_a_stray_child_keeps_nobody_alive(reactor: hl.Session, bodies: Any) -> None:
    """A process that a body has left behind does not keep its dead worker's claim."""
    bodies.let("child", 1)
    bodies.let("hold", 1)
    hl.publish(1, "source")
    dead = bodies.wait(1)
    child = bodies.child(1)
    bodies.go("child", 1)
    os.kill(dead, signal.SIGKILL)
    try:
        bodies.wait(1, times=2)
        assert not bodies.gone(child)
    finally:
        os.kill(child, signal.SIGKILL)
    bodies.go("hold", 1)
    (done,) = bodies.ended(1)
    assert (done.state, done.attempt) == ("succeeded", 2)


def test_settle_takes_over_from_a_killed_worker(reactor: hl.Session, bodies: Any) -> None:
    """With the reactor gone, ``settle`` runs what its worker had begun; the ledger says so."""
    for n in (1, 2, 3):
        bodies.let("hold", n)
        hl.publish(n, "source")
    dead = bodies.wait(1)
    bodies.wait(2)
    assert _became() == ["queued: waits for a worker", "running", "running"]
    workers = reactor.reactor.status().workers
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    assert dead in workers
    reactor.reactor.leave()  # it replaces nobody any more
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    bodies.wait_gone(*workers)
    for n in (1, 2, 3):
        bodies.go("hold", n)
    died = "running: its worker died; nothing runs events now"
    assert _became() == ["queued: nothing runs events now", died, died]
    settled = hl.settle(timeout=30)
    assert not settled.still
    assert hl.search("name=result").total == 3


def test_workers_killed_with_their_reactor_are_taken_over(
    standalone: Callable[[], Any], session: hl.Session, bodies: Any
) -> None:
    """SIGKILL to a reactor and both its workers at once: another reactor ends what they began."""
    lost = standalone()
    for n in (1, 2):
        bodies.let("hold", n)
        hl.publish(n, "source")
    workers = {bodies.wait(1), bodies.wait(2)}
    assert len(workers) == 2
    session.reactor.start()
    for pid in (lost.process.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    killed = time.time()
    heirs = {bodies.wait(1, times=2), bodies.wait(2, times=2)}
    print(f"taken over after {(bodies.began(1) - killed) * 1000:.0f} ms")
    assert not heirs & workers
    for n in (1, 2):
        bodies.go("hold", n)
    done = bodies.ended(2)
    session.reactor.stop()
    assert [(e.state, e.attempt) for e in done] == [("succeeded", 2)] * 2
    assert [len(bodies.begun(n)) for n in (1, 2)] == [2, 2]
    assert sorted(hl.pull(version) for version in hl.search("name=result")) == [2, 3]


def test_a_poison_pill_dies_alone(reactor: hl.Session, bodies: Any) -> None:
    """A body that kills its worker four times is dead; others run, and workers come at once."""
    bodies.let("die", 1)
    hl.publish(1, "source")
    hl.publish(2, "source")
    first, second = bodies.ended(2)
    assert (first.state, first.attempt, second.state) == ("dead", 4, "succeeded")
    assert len(bodies.begun(1)) == 4
    assert len(set(bodies.begun(1))) == 4
    assert "died 4 times" in str(first.error)
    assert [post.falls for post in reactor.reactor._posts] == [0, 0]
    assert [hl.pull(version) for version in hl.search("name=result")] == [3]


def test_a_stopped_worker_is_not_dead(reactor: hl.Session, bodies: Any) -> None:
    """A worker that sleeps holds its claim: it goes on where it was, and nobody else runs it."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    asleep = bodies.wait(1)
    os.kill(asleep, signal.SIGSTOP)
    bodies.go("hold", 1)
    hl.publish(2, "source")
    bodies.wait(2)
    time.sleep(0.3)
    assert bodies.begun(1) == [asleep]
    os.kill(asleep, signal.SIGCONT)
    first, second = bodies.ended(2)
    assert [(e.state, e.attempt) for e in (first, second)] == [("succeeded", 1)] * 2


def test_a_worker_that_is_asked_to_end_drains(reactor: hl.Session, bodies: Any) -> None:
    """SIGTERM lets the body end and commit; an interrupt at the keyboard is not a worker's."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    worker = bodies.wait(1)
    os.kill(worker, signal.SIGINT)
    os.kill(worker, signal.SIGTERM)
    time.sleep(0.1)
    assert not bodies.gone(worker)
    bodies.go("hold", 1)
    (done,) = bodies.ended(1)
    assert (done.state, done.attempt) == ("succeeded", 1)
    bodies.wait_gone(worker)


def test_workers_that_cannot_start_are_not_started_in_a_row(
    session: hl.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time that they end at once the wait doubles."""
    starts = tmp_path / "starts"
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\necho started >> {starts}\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    session.reactor.start()
    time.sleep(2.0)
    status = session.reactor.stop()
    assert status.workers == ()
    # At 0, 0.5 and 1.5 seconds, for each of the two.
    assert 4 <= len(starts.read_text().split()) <= 6


def test_two_reactors_run_each_event_once(
    standalone: Callable[[], Any], reactor: hl.Session, bodies: Any
) -> None:
    """Any number of reactors share a home: one result for each event."""
    standalone()
    assert len(reactor.reactor.status().reactors) == 2
    for n in range(8):
        hl.publish(n, "source")
    done = bodies.ended(8)
    assert {(e.state, e.attempt) for e in done} == {("succeeded", 1)}
    assert [len(bodies.begun(n)) for n in range(8)] == [1] * 8
    found = sorted(hl.pull(version) for version in hl.search("name=result"))
    assert found == list(range(1, 9))


def _became() -> list[str]:
    """What became of each event so far, the newest first."""
    return [str(each) for each in hl.current().outcomes(hl.ledger("work"))]
