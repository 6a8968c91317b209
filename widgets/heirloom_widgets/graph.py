"""The lineage of a version as a graph that answers: click to follow, switch its triggers."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as W

from heirloom.errors import NotFound, UserFault
from heirloom.render import Html
from heirloom_widgets.facts import label
from heirloom_widgets.graph_chart import Chart
from heirloom_widgets.graph_export import Export
from heirloom_widgets.graph_network import OPTIONS
from heirloom_widgets.graph_scene import Change, Scene
from heirloom_widgets.graph_view import GraphView
from heirloom_widgets.graph_walk import Walk
from heirloom_widgets.ledger import ledger_html
from heirloom_widgets.panel import Panel, column, row
from heirloom_widgets.snapshot import lineage_html, record_html
from heirloom_widgets.switches import Switches
from heirloom_widgets.view import Message

__all__ = ["Graph"]

NO_PLANS = "No trigger listens to what is shown."


class Graph(Panel):
    """Versions, executions and triggers around one version.

    A click on a version makes it the centre, with a way back; on an execution or a trigger it
    shows its details; on a trigger's switch it arms or disarms the plan in the catalog; on
    folded siblings it shows them. What is shown already keeps its place when more is loaded.
    What a click asks for is looked up and laid out beside the kernel.
    """

    title = "Lineage"

    def __init__(
        self,
        ref: Any = None,
        session: Any = None,
        up: int | None = 1,
        down: int | None = 1,
        *,
        as_of: datetime | None = None,
        height: str = "300px",
        on_open: Callable[[Any], None] | None = None,
        on_run: Callable[[str], None] | None = None,
    ) -> None:
        """Draw the lineage of `ref`.

        Args:
            ref: A ref's text, or a version.
            session: What to look through; by default the current session.
            up: Hops towards what it came from; a hop is version, execution, version.
            down: Hops towards what came of it.
            as_of: Show it as it was known then (with a time zone).
            height: Of the canvas, in CSS.
            on_open: Called with each version that becomes the centre by a click.
            on_run: Called with an execution's id when it is to be opened elsewhere.

        Raises:
            NotFound: There is no such version.
        """
        super().__init__(session)
        self._scene = Scene(Walk(self.session, up, down, as_of), Chart())
        self._due = Change()
        self._on_open = on_open or (lambda version: None)
        self._on_run = on_run
        self.view = GraphView(height=height, options=OPTIONS)
        self.switches = Switches(self.session, self._open_plan, self.refresh)
        self.details = W.HTML()
        self._listen()
        below = row(
            column(self.switches.widget, name="hl-half"),
            column(self.details, name="hl-half"),
            name="hl-below",
        )
        self.widget = column(self.view, below, name="hl-panel")
        if ref is not None:
            self.show(self.session.get(ref) if isinstance(ref, str) else ref)
            self.live()

    def show(self, version: Any) -> None:
        """Make `version` the centre, and forget the trail."""
        if self.centre is None or version.ref != self.centre.ref:
            self.walk.trail.clear()
            self._turn_to(version)
        else:
            self.refresh()

    def open(self, node: str) -> None:
        """What a click on a node does: see the class; an execution that is selected is opened.

        Raises:
            NotFound: No such node is shown.
        """
        mark = next((mark for mark in self.chart.shown.marks if mark.id == node), None)
        if mark is None:
            msg = f"{node!r} is not in the graph that is shown."
            raise NotFound(msg, name=node)
        if mark.kind == "fold":
            self.chart.unfold(node)
            self._draw()
        elif mark.plan:
            self._open_plan(mark.plan)
            self.view.selected = node
        elif mark.kind == "version":
            self.follow(self.session.get(node))
        elif self.view.selected == node and self._on_run and mark.kind == "execution":
            self._on_run(node)
        else:
            self.view.selected = node
            self.details.value = self._about(node)

    def follow(self, version: Any) -> None:
        """Make `version` the centre; `back` returns to the one before."""
        if version.ref != self.centre.ref:
            self.walk.trail.append(self.centre)
            self._turn_to(version)
        self._on_open(version)

    def back(self, steps: int = 1) -> None:
        """Return to the centre before this one, or to that so many steps before."""
        if self.walk.back(steps):
            self._turn_to(self.centre)
            self._on_open(self.centre)

    def more(self, way: str) -> None:
        """Load one more hop: `way` is ``up`` or ``down``; ``all`` loads every hop both ways.

        ``cut`` loads what was left out where there was too much.
        """
        self.walk.further(way, len(self.chart.whole.marks))
        self._draw(load=True, move="all" if way in {"all", "cut"} else "")

    def at(self, moment: datetime | None) -> None:
        """Show the lineage as it was known then; `None` for now."""
        self.walk.as_of = moment
        self._draw(load=True)

    def steps(self, run: str) -> None:
        """Show an execution as the leaves inside of it, or those as one node again.

        Raises:
            NotFound: There is no such execution, or nothing inside of it has run.
        """
        self.walk.toggle(run)
        self._draw(load=True)

    def colour(self, by: str) -> None:
        """Colour by ``kind``, ``project`` or ``state``."""
        self.chart.colour = by
        self._draw()

    def path(self, *ends: str) -> None:
        """Draw the way between two versions that are shown strong and the rest faint.

        Args:
            ends: Their full refs; none for no path.

        Raises:
            UserFault: It is neither two nor none; what is drawn stays.
        """
        if len(ends) not in {0, 2}:
            msg = f"A path has two ends, or none for no path; got {len(ends)}."
            raise UserFault(msg)
        self.walk.ends = ends
        self._draw()

    def tidy(self) -> None:
        """Lay out anew what is shown, with siblings folded; nodes may move."""
        self._draw(anew=True, move="all")

    def refresh(self) -> None:
        """Show what the catalog says now; nodes that stay keep their places."""
        if self.centre is not None:
            self.view.renew(lambda: self._draw(load=True))

    @property
    def walk(self) -> Walk:
        """Where one stands, how far one sees, and the trail that led there."""
        return self._scene.walk

    @property
    def chart(self) -> Chart:
        """What is shown of it, and where."""
        return self._scene.chart

    @property
    def centre(self) -> Any:
        """The version in the middle; `None` before the first."""
        return self.walk.centre

    @property
    def export(self) -> Export:
        """What is shown, to be written as a page, a picture or text."""
        return Export(self.chart.shown, self.chart.spots, self.centre)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write what is shown as one HTML file that needs no network.

        Returns:
            The path of the file.
        """
        target = Path(path)
        target.write_text(self.export.html(), "utf-8")
        return target

    def to_mermaid(self) -> str:
        """What is shown as Mermaid text."""
        return self.export.mermaid()

    def twin(self) -> str:
        """The graph as HTML without script: a drawing, and its edges as a table."""
        lineage = self.walk.lineage
        return lineage_html(self.chart.whole, lineage.cut) if lineage else ""

    def text(self) -> str:
        """What it came from, as an indented tree."""
        return self.walk.lineage.to_text() if self.walk.lineage else repr(self)

    def subject(self) -> str:
        """The version in the middle."""
        return label(self.centre) if self.centre is not None else ""

    def _listen(self) -> None:
        view = self.view
        view.answers("open", lambda message: self.open(message["id"]))
        view.answers("back", lambda message: self.back(message.get("steps", 1)))
        view.answers("more", lambda message: self.more(message["way"]))
        view.answers("tidy", lambda message: self.tidy())
        view.answers("steps", lambda message: self.steps(message["id"]))
        view.answers("colour", lambda message: self.colour(message["by"]))
        view.answers("path", lambda message: self.path(*message["ends"]))
        view.answers("at", self._at)
        view.answers("save", lambda message: self._save(message["what"]))
        view.answers("switch", lambda message: self.switches.switch(message["plan"], message["on"]))

    def _at(self, message: Message) -> None:
        self.at(datetime.fromisoformat(message["at"]) if message["at"] else None)

    def _turn_to(self, version: Any) -> None:
        self.walk.to(version)
        anew = version.ref not in self.chart.spots
        self._draw(load=True, anew=anew, turned=True, move="centre")

    def _draw(self, **changed: Any) -> None:
        """Show what has changed; it is a copy of the scene that is drawn on."""
        due = self._due = self._due.and_then(Change(**changed))
        scene = self._scene.copy()

        def work() -> tuple[Scene, dict[str, Any]]:
            drawn = scene.draw(due)
            return drawn, {**drawn.picture(due.move), "runs": self._on_run is not None}

        self.beside.do("graph", work, self._put)

    def _put(self, drawn: tuple[Scene, dict[str, Any]]) -> None:
        self._scene, self.view.picture = drawn
        due, self._due = self._due, Change()
        names = {mark.plan for mark in self.chart.whole.marks if mark.kind == "plan"}
        self.switches.show((p for p in self.walk.plans if p.name in names), NO_PLANS)
        if due.turned:
            self.view.selected = self.centre.ref
            self.details.value = self._about(self.centre.ref)

    def _save(self, what: str) -> None:
        export = self.export
        self.beside.do("export", lambda: export.file(what), self.view.send)

    def _open_plan(self, name: str) -> None:
        self.switches.view.selected = name
        self.view.selected = self.chart.trigger(name)
        self.details.value = ledger_html(self.session, name, 8)

    def _about(self, node: str) -> Html:
        return record_html(self.walk.record(node))
