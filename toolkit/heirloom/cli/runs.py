"""Verbs that run: run, settle, reactor, and the reactor's own worker."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import Namespace
from types import FrameType
from typing import Any

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.parameters import inputs_of
from heirloom.cli.plans import became
from heirloom.cli.text import label, line, table
from heirloom.engine.worker import serve
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.versions import ArtifactVersion
from heirloom.session import Session

__all__ = ["reactor", "run", "settle", "worker"]


def run(session: Session, args: Namespace) -> Answer:
    """Run a notebook or a plan to its end."""
    interface = session.targets.find(args.target).target.interface
    inputs = inputs_of(session, interface, args.parameters, args.versions)
    execution = session.run(args.target, inputs)
    emitted = _emitted(session, execution)
    events = [row for version in emitted for row in session.ledger(ref=version.ref)]
    lines = [_spoken(execution), *(f"emitted  {line(label(version))}" for version in emitted)]
    lines += [f"event    {row.plan}: {became(session, row)}" for row in events]
    if _waits(session, events):
        lines.append("nothing runs events now: heirloom settle, or heirloom reactor")
    told = document(execution) | {
        "emitted": [version.ref for version in emitted],
        "events": [document(row) for row in events],
    }
    return Answer(told, "\n".join(lines))


def _emitted(session: Session, execution: Execution) -> list[ArtifactVersion]:
    """Every version that a run made, in the order it made them."""
    steps = session.executions(root=execution.root_id, limit=sys.maxsize)
    made: list[Any] = [value for step in reversed(steps) for value in step.outputs.values()]
    versions = {value.ref: value for value in made if isinstance(value, ArtifactVersion)}
    return list(versions.values())


def _waits(session: Session, events: list[LedgerRow]) -> bool:
    queued = any(row.state == "queued" for row in events)
    return queued and not session.reactor.status().running


def _spoken(execution: Execution) -> str:
    took = ""
    if execution.ended_at is not None:
        took = f"  {(execution.ended_at - execution.started_at).total_seconds():.1f} s"
    return line(f"{execution.state}  {execution.kind} {execution.name}  {execution.id}{took}")


def settle(session: Session, args: Namespace) -> Answer:
    """Run here what is queued, until nothing moves."""
    settled = session.settle(args.timeout)
    rows = [(e.state, e.kind, e.name, e.id, _last(e.error)) for e in settled.done]
    rows += [("open", e.kind, e.name, e.id, reason) for e, reason in settled.still]
    told = {
        "done": [document(execution) for execution in settled.done],
        "still": [document(execution) | {"reason": why} for execution, why in settled.still],
    }
    well = all(execution.state == "succeeded" for execution in settled.done)
    text = table(rows, ("state", "kind", "name", "id", "reason"), "nothing was waiting")
    return Answer(told, text, 0 if well else 1)


def _last(error: str | None) -> str:
    return error.strip().splitlines()[-1] if error and error.strip() else ""


def reactor(session: Session, args: Namespace) -> Answer:
    """Run events until SIGINT or SIGTERM comes; what runs then is let end."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = session.reactor.start()
        log = session.home / "logs" / "workers.log"
        print(f"{len(status.workers)} workers run events of {session.home}; log: {log}", flush=True)
        stopping.wait()
        session.reactor.stop(args.timeout)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return Answer({"home": str(session.home)}, "stopped")


def worker(session: Session, args: Namespace) -> Answer:
    """Run what a reactor hands out, until it lets this process go."""
    life = session.lives.begin("worker")
    try:
        serve(session.catalog, session.claims(life.name))
    finally:
        life.end()
    return Answer({}, "")
