"""A reactor from its start to its end, and what its own death leaves."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import heirloom as hl
from heirloom.session import Session

pytestmark = pytest.mark.process


def test_an_event_starts_in_a_worker(reactor: hl.Session, listening: Any, bodies: Any) -> None:
    """A version starts a body in another process, which commits its result."""
    warm = [_warmed(bodies, n) for n in (1, 2, 3)]
    (first, *_) = bodies.ended(3)
    assert (first.state, first.attempt) == ("succeeded", 1)
    assert hl.pull("result@1") == 2
    assert {bodies.begun(n)[0] for n in (1, 2, 3)} <= set(reactor.reactor.status().workers)
    print("commit to body:", ", ".join(f"{seconds * 1000:.0f} ms" for seconds in warm))


def _warmed(bodies: Any, n: int) -> float:
    hl.publish(n, "source")
    committed = time.time()
    bodies.wait(n)
    bodies.ended(n)
    return float(bodies.began(n)) - committed


def test_status(session: hl.Session) -> None:
    """It says whether anything runs events, whose it is, and which processes they are."""
    assert repr(session.reactor.status()) == (
        "<no reactor: events wait; %reactor start, or heirloom reactor>"
    )
    started = session.reactor.start()
    assert (started.here, started.running, len(started.workers)) == (True, True, 2)
    assert session.reactor.start() == started
    _until(lambda: repr(session.reactor.status()).endswith(" 2 workers, 0 busy>"))
    other = Session(session.settings)
    assert (other.reactor.status().here, other.reactor.status().running) == (False, True)
    other.close()
    stopped = session.reactor.stop()
    assert (stopped.here, stopped.running, stopped.workers) == (False, False, ())
    assert session.reactor.stop() == stopped
    assert "process" not in stopped._repr_mimebundle_()["text/plain"]


def test_status_says_who_runs_what(
    standalone: Callable[[], Any], session: hl.Session, listening: Any, bodies: Any
) -> None:
    """Each reactor with its workers, what each runs and since when; who is stopped; orphans."""
    bodies.let("hold", 1)
    first, second = standalone(), session.reactor
    hl.publish(1, "source")
    worker = bodies.wait(1)
    second.start()
    _until_at_work(session, 4)
    processes = second.status().processes
    reactors = [each for each in processes if each.kind == "reactor"]
    assert [each.pid for each in reactors] == [first.process.pid, os.getpid()]
    assert Counter(each.reactor for each in processes if each.kind == "worker") == {
        each.pid: 2 for each in reactors
    }
    (busy,) = (each for each in processes if each.execution_id)
    (running,) = hl.executions(state="running")
    assert (busy.pid, busy.execution_id, busy.plan) == (worker, running.id, "work")
    assert (busy.refs, busy.attempt, busy.host) == (running.triggered_by, 1, platform.node())
    assert busy.seconds is not None
    assert busy.seconds >= 0
    assert repr(second.status()) == "<2 reactors, one of this session: 4 workers, 1 busy>"
    told = repr(second.status().listing())
    assert f"worker  {worker}" in told
    assert "work (source@1)" in told
    os.kill(worker, signal.SIGSTOP)
    _until(lambda: f"worker (stopped)  {worker}" in repr(second.status().listing()))
    os.kill(worker, signal.SIGCONT)
    second.stop()
    first.kill()
    _until_at_work(session, 1)
    (left,) = second.status().processes
    assert (left.pid, left.reactor) == (worker, None)
    assert repr(second.status()).endswith("; still run: 1>")
    bodies.go("hold", 1)
    bodies.wait_gone(worker)
    assert second.status().processes == ()


def test_what_settles_is_told_too(session: hl.Session, listening: Any, bodies: Any) -> None:
    """A process that runs an event in `hl.settle` is among those who run something."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    settling = threading.Thread(target=hl.settle)
    settling.start()
    bodies.wait(1)
    (told,) = session.reactor.status().processes
    assert (told.kind, told.pid, told.plan) == ("settle", os.getpid(), "work")
    bodies.go("hold", 1)
    settling.join()


def test_stopping_drains(reactor: hl.Session, listening: Any, bodies: Any) -> None:
    """What runs is let end and commits; what is queued waits; no process is left."""
    for n in (1, 2, 3):
        bodies.let("hold", n)
        hl.publish(n, "source")
    for n in (1, 2):
        bodies.wait(n)
    workers = reactor.reactor.status().workers
    for n in (1, 2):
        _later(0.2, partial(bodies.go, "hold", n))
    reactor.reactor.stop()
    bodies.wait_gone(*workers)
    states = [e.state for e in hl.executions(plan="work")]
    assert states == ["queued", "succeeded", "succeeded"]
    assert not bodies.begun(3)


def test_what_takes_too_long_is_killed(reactor: hl.Session, listening: Any, bodies: Any) -> None:
    """After the timeout the worker is killed, and whoever claims next runs it again."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    worker = bodies.wait(1)
    reactor.reactor.stop(timeout=0.2)
    assert bodies.gone(worker)
    bodies.go("hold", 1)
    (done,) = hl.settle().done
    assert (done.state, done.attempt) == ("succeeded", 2)


def test_closing_the_session_stops_its_reactor(reactor: hl.Session, bodies: Any) -> None:
    """No worker outlives the session that started it."""
    workers = reactor.reactor.status().workers
    hl.connect(reactor.home)
    bodies.wait_gone(*workers)
    assert not hl.current().reactor.status().running


def test_a_killed_reactor_lets_its_workers_end(
    standalone: Callable[[], Any], session: hl.Session, listening: Any, bodies: Any
) -> None:
    """Its workers finish what they run, commit it, and end; the rest waits for another."""
    for n in (1, 2, 3):
        bodies.let("hold", n)
        hl.publish(n, "source")
    killed = standalone()
    workers = [bodies.wait(n) for n in (1, 2)]
    assert session.reactor.status().running
    killed.kill()
    assert not session.reactor.status().running
    for n in (1, 2, 3):
        bodies.go("hold", n)
    bodies.wait_gone(*workers)
    assert [e.state for e in bodies.ended(2)] == ["succeeded"] * 2
    assert not bodies.begun(3)
    (done,) = hl.settle().done
    assert (done.state, done.attempt) == ("succeeded", 1)


def test_another_reactor_takes_over(
    standalone: Callable[[], Any], session: hl.Session, listening: Any, bodies: Any
) -> None:
    """Where one reactor and its workers were killed, the next runs what they had begun."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    first = standalone()
    bodies.wait(1)
    os.kill(first.process.pid, signal.SIGSTOP)  # so that it replaces nobody
    workers = [int(name.split("-")[1]) for name in session.lives.names("worker")]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    first.kill()
    bodies.wait_gone(*workers)
    begun = len(bodies.begun(1))
    bodies.go("hold", 1)
    standalone()
    assert bodies.wait(1, times=begun + 1) not in workers
    (done,) = bodies.ended(1)
    assert (done.state, done.attempt) == ("succeeded", begun + 1)
    assert hl.search("name=result").total == 1


def test_a_service_manager_stops_it(
    standalone: Callable[[], Any], session: hl.Session, listening: Any, bodies: Any
) -> None:
    """``heirloom reactor`` ends well on SIGTERM, when what runs has ended."""
    bodies.let("hold", 1)
    hl.publish(1, "source")
    service = standalone()
    bodies.wait(1)
    _later(0.2, partial(bodies.go, "hold", 1))
    assert service.stop() == 0
    assert [e.state for e in bodies.ended(1)] == ["succeeded"]


def test_an_interactive_activation_starts_a_reactor(
    session: hl.Session, listening: Any, bodies: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a notebook, ``activate`` starts this kernel's reactor unless one lives, and says so."""
    monkeypatch.setattr(Session, "interactive", True)
    assert "nothing runs events now" in listening.activate().note
    monkeypatch.delenv("HEIRLOOM_REACTOR")
    kernel = hl.connect(session.home)
    assert hl.plan("work").activate().note.endswith("this kernel's reactor runs it")
    assert "reactor" not in hl.plan("work").activate().note
    hl.publish(1, "source")
    bodies.ended(1)
    assert kernel.reactor.status().here


def _later(seconds: float, do: Callable[[], object]) -> None:
    threading.Timer(seconds, do).start()


def _until(met: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not met():
        assert time.monotonic() < end
        time.sleep(0.01)


def _until_at_work(session: hl.Session, workers: int) -> None:
    _until(lambda: len(session.lives.living("worker")) == workers)
