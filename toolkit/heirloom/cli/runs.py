"""Verbs that run: run, rerun, resume, cancel, settle."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import last_line, line, table
from heirloom.declare.artifact import Artifact
from heirloom.engine.declaring import as_artifact
from heirloom.engine.fields import LaunchForm
from heirloom.engine.written import inputs_of
from heirloom.errors import InputError, StoreError
from heirloom.lines.module import MARK, module_of
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.versions import ArtifactVersion
from heirloom.render import within_project
from heirloom.session import Session

__all__ = ["cancel", "export_module", "hold", "rerun", "resume", "run", "settle", "start", "update"]


def run(session: Session, args: Namespace) -> Answer:
    """Run a notebook or a plan to its end, or show what it takes."""
    if args.form:
        return _form(session.launch_form(args.target))
    interface = session.targets.find(args.target).target.interface
    inputs = inputs_of(session.get, interface, args.parameters, args.versions)
    lock = Path(f"{args.target.removesuffix('.ipynb')}.heirloom.lock")
    had_lock = lock.exists()
    execution = session.run(args.target, inputs, locked=args.locked)
    emitted = _emitted(session, execution)
    events = [row for version in emitted for row in session.ledger(ref=version.ref)]
    lines = [_spoken(execution), *(f"emitted  {line(version.label)}" for version in emitted)]
    became = session.outcomes(events)
    lines += [f"event    {row.plan}: {o}" for row, o in zip(events, became, strict=True)]
    if not had_lock and lock.exists():
        lines.append(line(f"lock     {lock}: what its defaults meant; heirloom update moves it"))
    if _waits(session, events):
        lines.append("nothing runs events now: heirloom settle, or heirloom reactor")
    told = document(execution) | {
        "emitted": [version.ref for version in emitted],
        "events": [document(row) for row in events],
    }
    return Answer(told, "\n".join(lines))


def update(session: Session, args: Namespace) -> Answer:
    """Move the lock of a notebook, and show what changes."""
    change = session.update_lock(args.notebook, args.run, dry_run=args.dry_run)
    listing = change.listing
    told = {
        "lock": str(change.path),
        "changed": list(change.changed),
        "before": dict(change.before),
        "after": dict(change.after),
    }
    text = table(listing.rows, listing.headers, "it has no smart defaults")
    return Answer(told, f"{listing.title}\n{text}")


def export_module(session: Session, args: Namespace) -> Answer:
    """Write a notebook as a plain module."""
    notebook = session.targets.find(Path(args.notebook)).target.closure

    def declared(name: str) -> Artifact | None:
        found = session.declaration(name)
        return None if found is None else as_artifact(found)

    module = module_of(notebook, declared)
    told = {"module": args.output, "left_out": list(module.left_out)}
    if args.output is None:
        return Answer(told | {"text": module.text}, module.text.rstrip())
    path = Path(args.output)
    try:
        if path.exists() and MARK not in path.read_text(encoding="utf-8", errors="replace")[:200]:
            msg = f"{args.output!r} is there, and was not {MARK}; nothing was written."
            raise InputError(msg, name="output")
        path.write_text(module.text, encoding="utf-8")
    except OSError as error:
        msg = f"{args.output!r} cannot be written: {error.strerror}."
        raise StoreError(msg, uri=args.output) from error
    lines = [f"written  {path}", *(f"left out {each}" for each in module.left_out)]
    return Answer(told, "\n".join(map(line, lines)))


def _form(form: LaunchForm) -> Answer:
    listing = form.listing
    return Answer(form.to_dict(), table(listing.rows, listing.headers, "it takes nothing"))


def rerun(session: Session, args: Namespace) -> Answer:
    """Run a recorded execution again, here: this process is a clean one."""
    if args.apart:  # another process asks, and reads one line
        docs = json.loads(sys.stdin.read() or "{}")
        with redirect_stdout(sys.stderr), session.here():
            told = session.again.rerun_of_docs(args.id, docs, latest=args.latest)
        return Answer(told, json.dumps(told))
    with session.here():
        interface = session.again.target(args.id).interface
        given = inputs_of(session.get, interface, args.parameters, args.versions)
        ended = session.again.rerun(args.id, given, latest=args.latest, check=False)
        differs = session.again.differs(ended)
    lines = [
        _told(ended),
        f"again    {ended.rerun_of}",
        *(f"differs  {each}" for each in differs),
    ]
    told = document(ended) | {"differs": differs}
    return Answer(told, "\n".join(lines), 0 if ended.state == "succeeded" else 1)


def resume(session: Session, args: Namespace) -> Answer:
    """Run the next attempt of a run that ended badly."""
    ended = session.resume(args.id, check=False)
    return Answer(document(ended), _told(ended), 0 if ended.state == "succeeded" else 1)


def cancel(session: Session, args: Namespace) -> Answer:
    """End a run."""
    ended = session.cancel(args.id)
    return Answer(document(ended), _spoken(ended))


def hold(session: Session, args: Namespace) -> Answer:
    """Keep what is queued from starting."""
    held = session.hold(args.id)
    return Answer(document(held), _spoken(held))


def start(session: Session, args: Namespace) -> Answer:
    """Let what is held, or counted down, start now."""
    queued = session.start(args.id)
    return Answer(document(queued), _spoken(queued))


def _emitted(session: Session, execution: Execution) -> list[ArtifactVersion]:
    """Every version that a run made, in the order it made them."""
    steps = session.executions(root=execution.root_id, limit=sys.maxsize)
    made: list[Any] = [value for step in reversed(steps) for value in step.outputs.values()]
    versions = {value.ref: value for value in made if isinstance(value, ArtifactVersion)}
    return list(versions.values())


def _waits(session: Session, events: list[LedgerRow]) -> bool:
    queued = any(row.state == "queued" for row in events)
    return queued and not session.reactor.runs_anywhere()


def _spoken(execution: Execution) -> str:
    took = ""
    if execution.ended_at is not None:
        took = f"  {(execution.ended_at - execution.started_at).total_seconds():.1f} s"
    return line(f"{execution.state}  {execution.kind} {execution.name}  {execution.id}{took}")


def _told(execution: Execution) -> str:
    """What became of a run, and why, where it ended badly."""
    why = last_line(execution.error)
    return _spoken(execution) + (f"\n{line(f'reason   {why}')}" if why else "")


def settle(session: Session, args: Namespace) -> Answer:
    """Run here what is queued, until nothing moves."""
    settled = session.settle(args.timeout)
    rows = [(e.state, e.kind, e.name, e.id, last_line(e.error)) for e in settled.done]
    rows += [_open(each, reason) for each, reason in settled.still]
    told = {
        "done": [document(execution) for execution in settled.done],
        "still": [document(execution) | {"reason": why} for execution, why in settled.still],
    }
    well = all(execution.state == "succeeded" for execution in settled.done)
    text = table(rows, ("state", "kind", "name", "id", "reason"), "nothing was waiting")
    return Answer(told, text, 0 if well else 1)


def _open(each: Execution | LedgerRow, reason: str) -> tuple[str, str, str, str, str]:
    if isinstance(each, LedgerRow):
        return "waiting", "event", each.plan, " ".join(map(within_project, each.refs)), reason
    return "open", each.kind, each.name, each.id, reason
