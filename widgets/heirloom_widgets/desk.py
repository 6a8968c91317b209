"""One plan under one's eyes: its versions, what it would start, its code and its approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W
import traitlets

from heirloom.render import Html, block
from heirloom_widgets.assets import script, style
from heirloom_widgets.background import Newest
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import Message, View

__all__ = ["Desk"]

_VERSIONS = 200


class DeskView(View):
    """The version that is picked, and what can be done with it; see ``desk.js``."""

    _esm = script("desk.js")
    _css = style("panel.css", "triggers.css")
    plan: traitlets.Dict[str, Any] = traitlets.Dict({}).tag(sync=True)
    picked = traitlets.Int(0).tag(sync=True)
    shows = traitlets.Unicode("").tag(sync=True)
    approvable = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)


class Desk(Panel):
    """A plan's versions to pick from, a preview, and the code with its approval.

    Code is approved only while it is shown. Without a plan, the preview is of what one more
    version would start at every plan.
    """

    def __init__(
        self, session: Any, on_activate: Callable[[str, int], None], on_done: Callable[[], None]
    ) -> None:
        super().__init__(session)
        self._on_activate, self._on_done = on_activate, on_done
        self._plan = self._asked = ""
        self._worker = Newest("heirloom-preview")
        self._ends.append(self._worker.drop)
        self.view = DeskView()
        self.shown = W.HTML()
        self.widget = column(self.view, self.shown, name="hl-deskbox")
        self.view.answers("pick", lambda message: self.pick(message["version"]))
        self.view.answers("preview", lambda message: self.preview(message["ref"]))
        self.view.answers("review", lambda _message: self.review())
        self.view.answers("approve", lambda _message: self.approve())
        self.view.answers("activate", self._activate)
        self.view.answers("close", lambda _message: self.clear())

    def show(self, name: str | None) -> None:
        """Put a plan on the desk, its code if it awaits approval; `None` for all plans."""
        self.clear()
        self._plan, self.view.picked = name or "", 0
        self.refresh()
        if self.view.plan and not self.view.plan["approved"]:
            self.review()

    def refresh(self) -> None:
        """Show how the plan stands now."""
        if not self._plan:
            self.view.plan = {}
            return
        plan = self.session.plan(self._plan)
        self.view.plan = {
            "name": plan.name,
            "version": plan.version,
            "versions": list(range(plan.newest, max(0, plan.newest - _VERSIONS), -1)),
            "armed": bool(plan.is_active),
            "approved": bool(plan.approved),
            "by": plan.registered_by,
            "switched": plan.activated_by or "",
            "listens": plan.trigger is not None,
        }
        self.view.picked = self.view.picked or plan.version

    def pick(self, version: int) -> None:
        """Turn to another version of the plan; what is shown is of that one from now on."""
        self.view.picked = version
        if self.view.shows == "review":
            self.review()
        elif self.view.shows == "preview":
            self.preview(self._asked)

    def preview(self, ref: str = "") -> None:
        """Show what one more version of `ref` would start; by itself, of what the plan hears.

        With a plan it is what the version that is picked would start. It is worked out beside the
        kernel; nothing is written.
        """
        name, version, self._asked = self._plan, self.view.picked, ref.strip()
        asked = self._asked
        self._cover("preview")
        self.view.busy = True
        self._worker.ask(lambda: self._previewed(name, version, asked), self._put)

    def review(self) -> None:
        """Show the code of the version that is picked, with what differs from what was approved."""
        found = self.session.plan(self._plan).review(self.view.picked)
        self._cover("review")
        self.shown.value = found._repr_mimebundle_()["text/html"]
        self.view.approvable = not found.approved

    def approve(self) -> None:
        """Approve the code that is shown, and let go what waited for that."""
        if self.view.shows != "review" or self.beside.does("approval"):
            return
        plan, picked = self.session.plan(self._plan), self.view.picked
        self.beside.do("approval", lambda: plan.approve(picked), self._approved)

    def _approved(self, plan: Any) -> None:
        if (self._plan, self.view.shows) == (plan.name, "review"):
            self.review()
        self._on_done()
        self.view.said = plan.note

    def clear(self) -> None:
        """Show neither code nor preview."""
        self._worker.drop()
        self._cover("")

    def _activate(self, _message: Message) -> None:
        self._on_activate(self._plan, self.view.picked)

    def _cover(self, what: str) -> None:
        self._worker.drop()
        self.view.shows, self.view.approvable, self.view.busy = what, False, False
        self.view.said = self.shown.value = ""

    def _previewed(self, name: str, version: int, ref: str) -> Html:
        try:
            if not name:
                found = self.session.preview(ref)
            else:
                found = self.session.plan(name).preview(ref or None, version=version)
        except Exception as error:  # a ref that is none is said where the preview would be
            return block("hl-trouble", complaint(error))
        return Html(found._repr_mimebundle_()["text/html"])

    def _put(self, shown: Html) -> None:
        self.view.busy = False
        self.shown.value = shown
