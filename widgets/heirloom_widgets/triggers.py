"""The plans that listen: their switches, what they would start, and what became of each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W

from heirloom.render import badge, escape, join, section, table
from heirloom_widgets.background import Newest
from heirloom_widgets.desk import Desk
from heirloom_widgets.facts import listens
from heirloom_widgets.ledger import Ledger, ledger_html
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.reactors import Reactors
from heirloom_widgets.runs import run_html
from heirloom_widgets.switches import Switches

__all__ = ["Triggers"]

_ROWS = 12


class Triggers(Panel):
    """Who runs events; every plan with its switch; and the ledger of the one selected, or of all.

    Of the plan that is selected: its versions, what it would start, its code and its approval.
    """

    title = "Triggers"

    def __init__(
        self,
        session: Any = None,
        *,
        live: bool = True,
        on_open: Callable[[str, str], None] | None = None,
    ) -> None:
        """Show the plans of `session`, by default the current one.

        Args:
            session: What to look through.
            live: Follow what others write.
            on_open: Shows an execution elsewhere; by default it is shown below the ledger.
        """
        super().__init__(session)
        self.plan: str | None = None
        self.reactors = Reactors(self.session, self._reacts)
        self.switches = Switches(self.session, self.open, self.refresh)
        self.desk = Desk(self.session, self._activate, self.refresh)
        self.ledger = Ledger(self.session, self.open, on_open or self._open_run)
        self._run = W.HTML()
        self._reader = Newest("heirloom-event")
        self._parts = (self.reactors, self.switches, self.desk, self.ledger)
        self._ends.append(self._reader.drop)
        self.holds(*self._parts)
        widgets = (part.widget for part in self._parts)
        self.widget = column(*widgets, self._run, name="hl-panel hl-triggers")
        self.refresh()
        if live:
            self.live()

    def open(self, plan: str) -> None:
        """Select a plan; asked again, or of an empty name, none."""
        self.plan = plan if plan and plan != self.plan else None
        self.switches.view.selected = self.plan or ""
        self._run.value = ""
        self.ledger.show(self.plan)
        self.desk.show(self.plan)

    def show(self, version: Any) -> None:
        """Every version has the same plans."""
        self.refresh()

    def refresh(self) -> None:
        """Show how everything stands now; each part says what is wrong with it."""
        self.reactors.view.renew(self.reactors.refresh)
        self.switches.view.renew(lambda: self.switches.show(self.session.plans()))
        self.desk.view.renew(self.desk.refresh)
        self.ledger.view.renew(self.ledger.refresh)

    def twin(self) -> str:
        """The same as HTML without script."""
        rows = [
            (plan.name, badge("armed" if plan.is_active else "off"), f"v{plan.version}", told)
            for plan in self.session.plans()
            for told in [listens(plan) + ("" if plan.approved else " · awaits approval")]
        ]
        plans = section("Triggers", table(rows, ("plan", "switch", "version", "what")))
        status = escape(repr(self.session.reactor.status()).strip("<>"))
        return join((plans, status, ledger_html(self.session, self.plan, _ROWS)))

    def _reacts(self) -> None:
        """Who runs events has changed: what was said of that is no longer so."""
        self.switches.view.said = ""
        self.refresh()

    def _activate(self, name: str, version: int) -> None:
        self.switches.view.attempt(lambda: self.switches.switch(name, True, version=version))

    def _open_run(self, _kind: str, execution_id: str) -> None:
        run = self.session.execution(execution_id)
        self._reader.ask(lambda: run_html(self.session, run), self._put)

    def _put(self, shown: Any) -> None:
        self._run.value = shown
