"""The plans, one row each, with the switch that arms or disarms it in the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import traitlets

from heirloom.errors import UserFault
from heirloom.render import time_text, within_project
from heirloom_widgets.assets import script, style
from heirloom_widgets.facts import listens
from heirloom_widgets.panel import Panel
from heirloom_widgets.view import Message, View

__all__ = ["SwitchView", "Switches"]

_COUNTED = 200
"""Open events of one plan that are counted; of more, that there are."""
NOTHING: dict[str, Any] = {}


class SwitchView(View):
    """One row with a switch for each plan; see ``switches.js``.

    `asks` is the plan that is being switched on, and what came while it was off; else empty.
    """

    _esm = script("switches.js")
    _css = style("panel.css", "triggers.css")
    plans: traitlets.List[dict[str, Any]] = traitlets.List([]).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    empty = traitlets.Unicode("No plan listens yet.").tag(sync=True)
    asks: traitlets.Dict[str, Any] = traitlets.Dict(NOTHING).tag(sync=True)


class Switches(Panel):
    """The rows; whoever holds them says which plans, and what follows a click."""

    def __init__(
        self, session: Any, on_plan: Callable[[str], None], on_switched: Callable[[], None]
    ) -> None:
        super().__init__(session)
        self._on_switched = on_switched
        self.widget = self.view = SwitchView()
        self.view.answers("plan", lambda message: on_plan(message["plan"]))
        self.view.answers("switch", self._asked)
        self.view.answers("leave", lambda _message: self._leave())

    def show(self, plans: Iterable[Any], empty: str = "No plan listens yet.") -> None:
        """Show these plans as they are now."""
        self.view.empty = empty
        self.view.plans = [self._row(plan) for plan in plans]

    def switch(
        self, name: str, on: bool, *, version: int | None = None, missed: str | None = None
    ) -> None:
        """Arm or disarm the plan in the catalog, then show what the catalog says.

        Where events came while it was off, and `missed` does not say what becomes of them, it is
        asked first and nothing is switched. To queue each of thousands takes its time: it is done
        beside the kernel, one switch after the other.

        Args:
            name: The plan.
            on: Whether it is to listen.
            version: The version that is to; `None` for the newest.
            missed: As of ``plan.activate``.

        Raises:
            UserFault: A switch is being thrown here.
        """
        if self.beside.does("switch"):
            msg = "A switch is being thrown here. Wait for its end, then throw this one."
            raise UserFault(msg)
        plan = self.session.plan(name)
        self.view.asks = NOTHING
        if on and missed is None and not plan.is_active:
            waiting = self.session.ledger(name, state="paused", limit=_COUNTED + 1)
            if waiting:
                self.view.asks = _question(name, version, waiting)
                return

        def work() -> Any:
            return plan.activate(version, missed=missed or "none") if on else plan.deactivate()

        self.beside.do("switch", work, self._switched)

    def _switched(self, plan: Any) -> None:
        self._on_switched()
        self.view.said = plan.note

    def _asked(self, message: Message) -> None:
        more = {key: message.get(key) for key in ("version", "missed")}
        self.switch(message["plan"], message["on"], **more)

    def _leave(self) -> None:
        self.view.asks = NOTHING

    def _row(self, plan: Any) -> dict[str, Any]:
        rows = self.session.ledger(plan.name, limit=1)
        newer = f" · v{plan.newest} is newer" if plan.newest != plan.version else ""
        return {
            "name": plan.name,
            "armed": bool(plan.is_active),
            "approved": bool(plan.approved),
            "about": f"{listens(plan)} · v{plan.version}{newer}",
            "last": self._last(rows[0]) if rows else "",
            "next": self._next(plan.name),
        }

    def _last(self, row: Any) -> str:
        what = ", ".join(map(within_project, row.refs))
        (became,) = self.session.outcomes([row])
        return f"last: {what} → {became.state} · {time_text(row.at)}"

    def _next(self, name: str) -> str:
        """What is open at a plan; empty where nothing is."""
        ask = self.session
        runs = [
            (len(ask.executions(plan=name, state=state, limit=_COUNTED + 1)), state)
            for state in ("running", "queued")
        ]
        waiting = ask.ledger(name, state="waiting", limit=_COUNTED + 1)
        paused = ask.ledger(name, state="paused", limit=_COUNTED + 1)
        counts = [*runs, (len(waiting), "waiting"), (len(paused), "paused")]
        told = [f"{_counted(count)} {word}" for count, word in counts if count]
        due = min((row.due for row in waiting if row.due), default=None)
        if waiting:
            why = ", ".join(dict.fromkeys(str(row.waits) for row in waiting))
            told[-1 - bool(paused)] += f" ({why})" + (f" until {time_text(due)}" if due else "")
        return f"next: {', '.join(told)}" if told else ""


def _question(name: str, version: int | None, waiting: list[Any]) -> dict[str, Any]:
    newest = ", ".join(map(within_project, waiting[0].refs))
    return {
        "plan": name,
        "version": version,
        "count": _counted(len(waiting)),
        "one": len(waiting) == 1,
        "newest": newest,
    }


def _counted(count: int) -> str:
    return str(count) if count <= _COUNTED else f"more than {_COUNTED}"
