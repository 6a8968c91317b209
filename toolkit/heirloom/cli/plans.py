"""Verbs on launch plans: plans, on, off, approve, preview, backfill, ledger."""

from __future__ import annotations

from argparse import Namespace

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import block, line, table, when
from heirloom.engine.plan import Plan
from heirloom.engine.preview import Preview
from heirloom.errors import ArtifactNotFound, InputError
from heirloom.render import events_of, within_project
from heirloom.session import Session

__all__ = ["approve", "backfill", "ledger", "off", "on", "plans", "preview"]


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
    if plan.trigger is None:
        return "by hand"
    return events_of(map(str, plan.trigger.on), plan.trigger.condition)


def on(session: Session, args: Namespace) -> Answer:
    """Activate a plan."""
    return _told(session.plan(args.plan).activate(args.plan_version, missed=args.missed))


def off(session: Session, args: Namespace) -> Answer:
    """Deactivate a plan."""
    return _told(session.plan(args.plan).deactivate())


def approve(session: Session, args: Namespace) -> Answer:
    """Let this user's reactors run a plan's code, or only show it."""
    plan = session.plan(args.plan)
    if not args.show:
        return _told(plan.approve(args.plan_version))
    review = plan.review(args.plan_version)
    return Answer(document(review), block(repr(review)))


def _told(plan: Plan) -> Answer:
    return Answer(document(plan), line(repr(plan).strip("<>")))


def preview(session: Session, args: Namespace) -> Answer:
    """What a version, or a plan's history, would start; nothing is written."""
    found = _previewed(session, args)
    text = table(found.table(), ("plan", "event", "state", "reason"), "nothing listens")
    return Answer(document(found), f"{line(repr(found).strip('<>'))}\n{text}")


def _previewed(session: Session, args: Namespace) -> Preview:
    """By the plan that is named, else by the artifact, else by the plan of that name."""
    if args.since is not None:
        return session.plan(args.of).preview(since=args.since, version=args.plan_version)
    if args.plan is not None:
        return session.plan(args.plan).preview(args.of, version=args.plan_version)
    named = [plan for plan in session.plans() if plan.name == args.of]
    if args.plan_version is not None and not named:
        msg = f"--version is a plan's: heirloom preview {args.of} --plan PLAN --version N."
        raise InputError(msg)
    try:
        if args.plan_version is None:
            return session.preview(args.of)
    except ArtifactNotFound:
        if not named:
            raise
    return named[0].preview(version=args.plan_version)


def backfill(session: Session, args: Namespace) -> Answer:
    """Run past versions through a plan, each that it has no row of."""
    return _told(session.plan(args.plan).backfill(since=args.since, where=args.where))


def ledger(session: Session, args: Namespace) -> Answer:
    """What became of each event at each plan, newest first."""
    rows = session.ledger(args.plan, state=args.state, ref=args.ref, limit=args.limit)
    pairs = list(zip(rows, session.outcomes(rows), strict=True))
    cells = [
        (
            when(row.at),
            row.plan,
            " ".join(map(within_project, row.refs)),
            became.state,
            became.reason,
        )
        for row, became in pairs
    ]
    told = [document(row) | {"became": became.state, "why": became.reason} for row, became in pairs]
    return Answer(told, table(cells, ("at", "plan", "event", "state", "reason"), "no events yet"))
