"""Small tables of what is there, in text and in HTML."""

from __future__ import annotations

from heirloom.records.ledger import LedgerRow
from heirloom.render import counted, events_of, within_project
from heirloom.render.listing import Listing
from heirloom.session import Session

__all__ = ["events", "overview", "triggers"]

_EVENTS = 20


def triggers(session: Session) -> Listing:
    """The launch plans, each with what became of its last event."""
    rows = []
    for plan in session.plans():
        names = [str(query.ref) for query in plan.trigger.on] if plan.trigger else []
        on = events_of(names, plan.trigger.condition) if plan.trigger else "by hand"
        last = session.ledger(plan.name, limit=1)
        told = zip(last, session.outcomes(last), strict=True)
        event = next((f"{_event(row)}: {became}" for row, became in told), "no event yet")
        state = "on" if plan.is_active else "off"
        if not plan.approved:
            state += ", awaits approval"
        rows.append((plan.name, f"v{plan.version}", state, on, plan.workflow, event))
    headers = ("plan", "version", "switch", "listens to", "starts", "last")
    return Listing(counted(len(rows), "launch plan"), headers, tuple(rows))


def events(session: Session, plan: str) -> Listing:
    """What became of the last events at a plan, and why, the newest first."""
    found = session.ledger(plan, limit=_EVENTS)
    rows = tuple(
        (f"{row.at:%Y-%m-%d %H:%M:%S}", _event(row), became.state, became.reason)
        for row, became in zip(found, session.outcomes(found), strict=True)
    )
    title = repr(session.plan(plan)).strip("<>")
    return Listing(title, ("at", "event", "state", "why"), rows)


def _event(row: LedgerRow) -> str:
    return ", ".join(map(within_project, row.refs))


def overview(session: Session) -> Listing:
    """Where a session records, and how much is there."""
    status = session.reactor.status()
    rows = (
        ("home", str(session.home)),
        ("project", session.project),
        ("user", session.user),
        ("artifacts", str(len(session.names()))),
        ("versions", str(session.search(limit=1).total)),
        ("plans on", str(sum(plan.is_active for plan in session.plans()))),
        ("reactors", str(len(status.reactors))),
    )
    return Listing("Heirloom", ("", ""), rows)
