"""Verbs on launch plans: plans, on, off, approve, ledger."""

from __future__ import annotations

from argparse import Namespace

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import line, table, when
from heirloom.engine.plans import Plan
from heirloom.records.ledger import LedgerRow
from heirloom.records.refs import SCHEME
from heirloom.session import Session

__all__ = ["approve", "became", "ledger", "off", "on", "plans"]


def plans(session: Session, args: Namespace) -> Answer:
    """Every launch plan of the project."""
    found = session.plans()
    rows = [
        (p.name, f"v{p.version}", _state(p), p.workflow, _listens(p), p.activated_by or "")
        for p in found
    ]
    headers = ("plan", "version", "state", "runs", "on", "by")
    return Answer([document(p) for p in found], table(rows, headers, "no launch plans"))


def _state(plan: Plan) -> str:
    state = "active" if plan.is_active else "off"
    return state if plan.approved else f"{state}, not approved"


def _listens(plan: Plan) -> str:
    return " or ".join(map(str, plan.trigger.on)) if plan.trigger else "by hand"


def on(session: Session, args: Namespace) -> Answer:
    """Activate a plan."""
    return _told(session.plan(args.plan).activate(args.plan_version, missed=args.missed))


def off(session: Session, args: Namespace) -> Answer:
    """Deactivate a plan."""
    return _told(session.plan(args.plan).deactivate())


def approve(session: Session, args: Namespace) -> Answer:
    """Let this user's reactors run a plan's code."""
    return _told(session.plan(args.plan).approve())


def _told(plan: Plan) -> Answer:
    return Answer(document(plan), line(repr(plan).strip("<>")))


def ledger(session: Session, args: Namespace) -> Answer:
    """What became of each event at each plan, newest first."""
    if args.plan is not None:
        session.plan(args.plan)
    rows = session.ledger(args.plan, limit=args.limit)
    states = [became(session, row) for row in rows]
    cells = [
        (when(row.at), row.plan, " ".join(map(_short, row.refs)), state, row.reason)
        for row, state in zip(rows, states, strict=True)
    ]
    told = [document(row) | {"became": now} for row, now in zip(rows, states, strict=True)]
    return Answer(told, table(cells, ("at", "plan", "event", "state", "reason"), "no events yet"))


def became(session: Session, row: LedgerRow) -> str:
    """A row's state; of a queued row, its execution's."""
    if row.state != "queued" or row.execution_id is None:
        return row.state
    execution = session.catalog.view().execution(row.execution_id)
    return execution.state if execution else row.state


def _short(ref: str) -> str:
    return ref.removeprefix(SCHEME).partition("/")[2]
