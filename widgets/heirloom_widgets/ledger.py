"""The ledger: what became of each event at each plan, and why."""

from __future__ import annotations

from typing import Any

import traitlets

from heirloom.render import (
    Html,
    badge,
    escape,
    join,
    section,
    table,
    time_text,
    tone_of,
    within_project,
)
from heirloom_widgets.assets import script, style
from heirloom_widgets.panel import Panel
from heirloom_widgets.view import View

__all__ = ["STATES", "Ledger", "ledger_html"]

PAGE = 15
STATES = (
    *("queued", "waiting", "paused", "filtered", "unchanged"),
    *("loop-stopped", "coalesced", "superseded", "skipped", "unmet"),
)


class LedgerView(View):
    """A table of events with a filter; see ``ledger.js``."""

    _esm = script("ledger.js")
    _css = style("panel.css", "triggers.css")
    rows: traitlets.List[dict[str, Any]] = traitlets.List([]).tag(sync=True)
    plans: traitlets.List[str] = traitlets.List([]).tag(sync=True)
    plan = traitlets.Unicode("").tag(sync=True)
    states: traitlets.List[str] = traitlets.List(list(STATES)).tag(sync=True)
    state = traitlets.Unicode("").tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    more = traitlets.Bool(False).tag(sync=True)


class Ledger(Panel):
    """A page of events, newest first: of one plan or all, in one state or any."""

    def __init__(self, session: Any, on_plan: Any, on_open: Any) -> None:
        super().__init__(session)
        self.widget = self.view = LedgerView()
        self.view.answers("plan", lambda message: on_plan(message["plan"]))
        self.view.answers("state", lambda message: self.filter(message["state"]))
        self.view.answers("page", lambda message: self.turn(message["step"]))
        self.view.answers("open", lambda message: on_open("execution", message["id"]))

    def show(self, plan: str | None) -> None:
        """Show the first page of a plan's events; `None` for all."""
        self.view.plan, self.view.page = plan or "", 0
        self.refresh()

    def filter(self, state: str) -> None:
        """Show only rows in that state; an empty one for any."""
        self.view.state, self.view.page = state, 0
        self.refresh()

    def turn(self, step: int) -> None:
        """Show the page `step` pages on; there is none beyond the last."""
        if step < 0 or self.view.more:
            self.view.page = max(0, self.view.page + step)
            self.refresh()

    def refresh(self) -> None:
        """Show what the catalog says now; a page far down takes a while, beside the kernel."""
        plan, state, page = self.view.plan, self.view.state, self.view.page
        self.beside.do("ledger", lambda: self._found(plan, state, page), self._put)

    def _found(self, plan: str, state: str, page: int) -> dict[str, Any]:
        """That page, or the last where it is beyond that, as the view takes it."""
        limit = (page + 1) * PAGE + 1
        found = self.session.ledger(plan or None, state=state or None, limit=limit)
        page = min(page, max(0, (len(found) - 1) // PAGE))
        found = found[page * PAGE :]
        told = zip(found[:PAGE], self.session.outcomes(found[:PAGE]), strict=True)
        return {
            "page": page,
            "plans": [each.name for each in self.session.plans()],
            "more": len(found) > PAGE,
            "rows": [_row(row, became) for row, became in told],
        }

    def _put(self, found: dict[str, Any]) -> None:
        for name, value in found.items():
            setattr(self.view, name, value)


def _row(row: Any, became: Any) -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "plan": row.plan,
        "version": row.plan_version,
        "what": ", ".join(map(within_project, row.refs)),
        "state": became.state,
        "tone": tone_of(became.state.partition(" ")[0]),
        "why": became.reason,
        "execution": row.execution_id or "",
    }


def ledger_html(session: Any, plan: str | None, limit: int) -> Html:
    """Ledger rows, newest first: what fired, at which plan, and what became of it."""
    title = f"Ledger · {plan}" if plan else "Ledger"
    rows = session.ledger(plan, limit=limit)
    if not rows:
        return section(title, "Nothing has fired yet.")
    headers = ("at", *(() if plan else ("plan",)), "version", "state", "what came of it")
    told = zip(rows, session.outcomes(rows), strict=True)
    cells = [_event(row, became, named=not plan) for row, became in told]
    return section(title, table(cells, headers))


def _event(row: Any, became: Any, *, named: bool) -> tuple[Html, ...]:
    """The cells of a ledger's row; a time breaks between its day and its hour only."""
    day, _, hour = time_text(row.at).partition(" ")
    came = join(filter(None, (became.reason, row.execution_id and _whole(row.execution_id))), " · ")
    return (
        join((_whole(day), _whole(hour)), " "),
        *([_whole(row.plan)] if named else []),
        join((_whole(within_project(ref)) for ref in row.refs), ", "),
        badge(became.state, became.state.partition(" ")[0]),
        came,
    )


def _whole(text: str) -> Html:
    return Html(f'<span style="white-space:nowrap">{escape(text)}</span>')
