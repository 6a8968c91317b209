"""Events: how soon one starts its body, and how many a second are decided and run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure
from bench.taken import Taken

import heirloom as hl

__all__ = ["figures"]

ROUNDS = 60
EVENTS = 300
"""Versions that are emitted for a rate."""
source = hl.Artifact("source")


@hl.task
def moment() -> float:
    """When its body begins."""
    import time

    return time.time()


@hl.workflow
def started() -> Any:
    """What an event starts."""
    return moment()


@hl.task
def take(n: int) -> int:
    """As little as a body can do."""
    return n


def figures() -> Iterator[Figure]:
    """Each on a home of its own, on the disk that the system's temporary files are on."""
    yield from _latencies()
    yield from _quoted()
    for plans in (1, 10, 100):
        yield _decided(plans)
    for plans in (1, 10):
        yield _run(plans, "settle", hl.settle, reactor=False)
        yield _run(plans, "2 warm workers", _ended, reactor=True)


def _latencies() -> Iterator[Figure]:
    """From the return of `hl.publish` to the first line of the body; from its call, in the note."""
    with tempfile.TemporaryDirectory() as place:
        session = hl.connect(Path(place) / "home")
        hl.LaunchPlan.get_or_create(
            "started", started, trigger=hl.OnArtifact(source), auto_activate=True
        )
        yield _latency("settle", hl.settle, 5.0)
        session.reactor.start()
        _warm(session)
        yield _latency("warm worker process", _ended, 60.0)
        session.close()


def _latency(name: str, run: Callable[[], object], limit: float) -> Figure:
    returned, called = [], []
    for n in range(ROUNDS):
        before = time.time()
        hl.publish(n, "source")
        committed = time.time()
        run()
        done: Any = hl.executions(plan="started", limit=1)[0]
        returned.append(done.outputs["o0"] - committed)
        called.append(done.outputs["o0"] - before)
    took, whole = Taken(tuple(sorted(returned))), Taken(tuple(sorted(called)))
    note = f"p99 {took.p99 * 1000:.1f} ms; from the call on {whole.note('ms')}"
    return Figure(f"commit to body: {name}", took.p50 * 1000, limit, "ms", note)


def _quoted() -> Iterator[Figure]:
    """What polling takes by default: measured on another machine, for the landscape of systems."""
    dagster = "quoted: 24.8, 29.0, 30.3 s, eager() in `dagster dev`; its sensors look every 30 s"
    prefect = "quoted: 8.7, 13.9, 15.2, 15.3 s, an event to its flow; its runner looks every 10 s"
    yield Figure("  Dagster, upstream to downstream, defaults", 29.0, None, "s", dagster)
    yield Figure("  Prefect 3, event to flow, defaults", 14.55, None, "s", prefect)


def _listening(place: str, plans: int) -> hl.Session:
    """A home in which so many plans listen to ``source``."""
    session = hl.connect(Path(place) / "home")
    for n in range(plans):
        trigger = hl.OnArtifact(source, {"n": source})
        plan = hl.LaunchPlan.get_or_create(f"take{n}", take, trigger=trigger, max_concurrent=None)
        plan.activate()
    return session


def _decided(plans: int) -> Figure:
    """Milliseconds of an emission that so many plans listen to: so many events at a time."""
    with tempfile.TemporaryDirectory() as place:
        session = _listening(place, plans)
        seconds = []
        for n in range(EVENTS // plans + 20):
            began = time.perf_counter()
            hl.publish(n, "source")
            seconds.append(time.perf_counter() - began)
        session.close()
    took = Taken(tuple(sorted(seconds[5:])))
    note = f"{plans / took.p50:.0f} events a second; {took.note('ms')}"
    return Figure(f"emission, {_counted(plans)} listening", took.p50 * 1000, None, "ms", note)


def _run(plans: int, name: str, run: Callable[[], object], *, reactor: bool) -> Figure:
    """Milliseconds for each event, from the first emission to the last end."""
    with tempfile.TemporaryDirectory() as place:
        session = _listening(place, plans)
        if reactor:
            session.reactor.start()
            _warm(session)
        began = time.perf_counter()
        for n in range(EVENTS // plans):
            hl.publish(n, "source")
        run()
        took = (time.perf_counter() - began) / EVENTS
        session.close()
    note = f"{1 / took:.0f} events a second"
    return Figure(f"emitted and run, {_counted(plans)}, {name}", took * 1000, None, "ms", note)


def _warm(session: hl.Session) -> None:
    """Wait until both workers are there and have run something."""
    while len(session.lives.names("worker")) < session.reactor.workers:
        time.sleep(0.05)
    for _ in range(2 * session.reactor.workers):
        hl.publish(0, "source")
        _ended()


def _ended() -> None:
    """Look until nothing is open any more, as seldom as a person's panel would."""
    view = hl.current().catalog.view()
    while any(view.executions(state=state, limit=1) for state in ("queued", "running")):
        time.sleep(0.02)


def _counted(plans: int) -> str:
    return f"{plans} plans" if plans > 1 else "1 plan"
