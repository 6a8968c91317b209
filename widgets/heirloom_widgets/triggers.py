"""The plans that listen: their switches, and what became of each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as W
import traitlets

from heirloom.render import Html, badge, escape, join, section, table, time_text
from heirloom_widgets.assets import script, style
from heirloom_widgets.facts import listens, short
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.view import View

__all__ = ["SwitchView", "Switches", "Triggers", "ledger_html"]

ROWS = 12


class SwitchView(View):
    """One row with a switch for each plan; see ``switches.js``."""

    _esm = script("switches.js")
    _css = style("panel.css")
    plans: traitlets.List[dict[str, Any]] = traitlets.List([]).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    empty = traitlets.Unicode("No plan listens yet.").tag(sync=True)


class Switches(Panel):
    """The rows; whoever holds them says which plans, and what follows a click."""

    def __init__(
        self, session: Any, on_plan: Callable[[str], None], on_switched: Callable[[], None]
    ) -> None:
        super().__init__(session)
        self._on_switched = on_switched
        self.widget = self.view = SwitchView()
        self.view.answers("plan", lambda message: on_plan(message["plan"]))
        self.view.answers("switch", lambda message: self.switch(message["plan"], message["on"]))

    def show(self, plans: Iterable[Any], empty: str = "No plan listens yet.") -> None:
        """Show these plans as they are now."""
        self.view.empty = empty
        self.view.plans = [self._row(plan) for plan in plans]

    def switch(self, name: str, on: bool) -> None:
        """Arm or disarm the plan in the catalog, then show what the catalog says."""
        plan = self.session.plan(name)
        switched = plan.activate() if on else plan.deactivate()
        self._on_switched()
        self.view.said = switched.note

    def _row(self, plan: Any) -> dict[str, Any]:
        rows = self.session.ledger(plan.name, limit=1)
        return {
            "name": plan.name,
            "armed": bool(plan.is_active),
            "about": f"{listens(plan)} · v{plan.version}",
            "last": self._last(rows[0]) if rows else "",
        }

    def _last(self, row: Any) -> str:
        what = ", ".join(map(short, row.refs))
        (became,) = self.session.outcomes([row])
        return f"last: {what} → {became.state} · {time_text(row.at)}"


class Triggers(Panel):
    """Every plan with its switch, and the ledger of the one selected, or of all."""

    title = "Triggers"

    def __init__(self, session: Any = None, *, live: bool = True) -> None:
        """Show the plans of `session`, by default the current one.

        Args:
            session: What to look through.
            live: Follow what others write.
        """
        super().__init__(session)
        self.plan: str | None = None
        self.switches = Switches(self.session, self.open, self.refresh)
        self._ledger = W.HTML()
        self.widget = column(self.switches.widget, self._ledger, name="hl-panel")
        self.refresh()
        if live:
            self.live()

    def open(self, plan: str) -> None:
        """Show the ledger of `plan`; asked again, that of all."""
        self.plan = None if plan == self.plan else plan
        self.switches.view.selected = self.plan or ""
        self.refresh()

    def show(self, version: Any) -> None:
        """Every version has the same plans."""
        self.refresh()

    def refresh(self) -> None:
        """Show the plans and the ledger as they are now."""
        self.switches.view.attempt(self._fill)

    def twin(self) -> str:
        """The same as HTML without script."""
        rows = [
            (plan.name, badge("armed" if plan.is_active else "off"), listens(plan))
            for plan in self.session.plans()
        ]
        return section("Triggers", table(rows, ("plan", "switch", "what"))) + ledger_html(
            self.session, self.plan, ROWS
        )

    def _fill(self) -> None:
        self.switches.show(self.session.plans())
        self._ledger.value = ledger_html(self.session, self.plan, ROWS)


def ledger_html(session: Any, plan: str | None, limit: int) -> str:
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
        join((_whole(short(ref)) for ref in row.refs), ", "),
        badge(became.state, became.state.partition(" ")[0]),
        came,
    )


def _whole(text: str) -> Html:
    return Html(f'<span style="white-space:nowrap">{escape(text)}</span>')
