"""Small tables of what is there, in text and in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.session import Session

__all__ = ["Listing", "overview", "triggers"]


@dataclass(frozen=True, slots=True)
class Listing:
    """A titled table."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[Sequence[str], ...]

    def __repr__(self) -> str:
        table = [self.headers, *self.rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
        return "\n".join([self.title, *lines])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = render.frame(self.title, render.table(self.rows, self.headers))
        return {"text/plain": repr(self), "text/html": html}


def triggers(session: Session, only: str | None = None) -> Listing:
    """The launch plans, each with what became of its last events."""
    rows = []
    for plan in session.plans():
        if only not in (None, plan.name):
            continue
        on = ", ".join(str(query.ref) for query in plan.trigger.on) if plan.trigger else "by hand"
        last = session.ledger(plan.name, limit=1 if only is None else 10)
        events = "; ".join(_event(session, row) for row in last) or "no event yet"
        state = "on" if plan.is_active else "off"
        if not plan.approved:
            state += ", awaits approval"
        rows.append((plan.name, f"v{plan.version}", state, on, plan.workflow, events))
    headers = ("plan", "version", "switch", "listens to", "starts", "last")
    return Listing(f"{len(rows)} launch plans", headers, tuple(rows))


def _event(session: Session, row: Any) -> str:
    event = ", ".join(ref.rpartition("/")[2] for ref in row.refs)
    state = session.execution(row.execution_id).state if row.execution_id else row.state
    return f"{event}: {state}" + (f" ({row.reason})" if row.reason else "")


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
