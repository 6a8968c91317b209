"""The lineage of a version as a graph that answers: click to follow, switch its triggers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets as W

from heirloom.render import Html, execution_html, version_html
from heirloom_widgets.facts import execution_words, label, version_words
from heirloom_widgets.graph_model import Drawing, drawing
from heirloom_widgets.graph_network import OPTIONS, network, page
from heirloom_widgets.graph_view import GraphView
from heirloom_widgets.layout import Size, Spot, place
from heirloom_widgets.panel import Panel, column, row
from heirloom_widgets.snapshot import lineage_html
from heirloom_widgets.triggers import Switches, ledger_html

__all__ = ["Graph"]

MANY, MOST = 300, 1000
NO_PLANS = "No trigger listens to what is shown."


class Graph(Panel):
    """Versions, executions and triggers around one version.

    A click on a version makes it the centre, with a way back; on an execution or a trigger it
    shows its details; on a trigger's switch it arms or disarms the plan in the catalog. What
    is shown already keeps its place when more is loaded.

    Attributes:
        centre: The version in the middle.
        up: Hops shown of what it came from; `None` for all. `down`: of what came of it.
        trail: The centres before this one, oldest first.
    """

    title = "Lineage"

    def __init__(
        self,
        ref: Any = None,
        session: Any = None,
        up: int | None = 1,
        down: int | None = 1,
        *,
        height: str = "300px",
        on_open: Callable[[Any], None] | None = None,
    ) -> None:
        """Draw the lineage of `ref`.

        Args:
            ref: A ref's text, or a version.
            session: What to look through; by default the current session.
            up: Hops towards what it came from; a hop is version, execution, version.
            down: Hops towards what came of it.
            height: Of the canvas, in CSS.
            on_open: Called with each version that becomes the centre by a click.

        Raises:
            NotFound: There is no such version.
        """
        super().__init__(session)
        self.centre: Any = None
        self.up, self.down = self._hops = (up, down)
        self.trail: list[Any] = []
        self.lineage: Any = None
        self._plans: list[Any] = []
        self._on_open = on_open or (lambda version: None)
        self._drawing = Drawing((), ())
        self._spots: dict[str, Spot] = {}
        self._sizes: dict[str, Size] = {}
        self._full: set[str] = set()
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
            self.trail = []
            self._turn_to(version)
        else:
            self.refresh()

    def open(self, node: str) -> None:
        """What a click on a node does: see the class."""
        mark = next(mark for mark in self._drawing.marks if mark.id == node)
        if mark.plan:
            self._open_plan(mark.plan)
            self.view.selected = node
        elif mark.kind == "version":
            self.follow(self.session.get(node))
        else:
            self.view.selected = node
            self.details.value = self._about(node)

    def follow(self, version: Any) -> None:
        """Make `version` the centre; `back` returns to the one before."""
        if version.ref != self.centre.ref:
            self.trail.append(self.centre)
            self._turn_to(version)
        self._on_open(version)

    def back(self) -> None:
        """Return to the centre before this one."""
        if self.trail:
            self._turn_to(self.trail.pop())
            self._on_open(self.centre)

    def more(self, way: str) -> None:
        """Load one more hop: `way` is ``up`` or ``down``; ``all`` loads every hop both ways."""
        before = len(self._drawing.marks)
        if way in {"up", "all"}:
            self.up = None if way == "all" or self.up is None else self.up + 1
        if way in {"down", "all"}:
            self.down = None if way == "all" or self.down is None else self.down + 1
        self._load()
        if way == "all" or len(self._drawing.marks) == before:
            self._full |= {"up", "down"} if way == "all" else {way}
        self._draw(move="all" if way == "all" else "")

    def tidy(self) -> None:
        """Lay out anew what is shown; nodes may move."""
        self._spots, self._sizes = {}, {}
        self._draw(move="all")

    def refresh(self) -> None:
        """Show what the catalog says now; nodes that stay keep their places."""
        if self.centre is not None:
            self.view.attempt(self._reload)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write what is shown as one HTML file that needs no network.

        Returns:
            The path of the file.
        """
        net = network(self._drawing, self._spots, self.centre.ref)
        target = Path(path)
        target.write_text(page(net, f"Lineage of {label(self.centre)}"), "utf-8")
        return target

    def twin(self) -> str:
        """The graph as HTML without script: a drawing, and its edges as a table."""
        return lineage_html(self.lineage, self._plans, root=self._root) if self.lineage else ""

    def text(self) -> str:
        """What it came from, as an indented tree."""
        return self.lineage.to_text() if self.lineage else repr(self)

    def _listen(self) -> None:
        view = self.view
        view.answers("open", lambda message: self.open(message["id"]))
        view.answers("back", lambda message: self.back())
        view.answers("more", lambda message: self.more(message["way"]))
        view.answers("tidy", lambda message: self.tidy())
        view.answers("switch", lambda message: self.switches.switch(message["plan"], message["on"]))

    def _turn_to(self, version: Any) -> None:
        self.centre = version
        self.up, self.down = self._hops
        self._full = set()
        if version.ref not in self._spots:
            self._spots, self._sizes = {}, {}
        self._load()
        self._draw(move="centre")
        self.view.selected = version.ref
        self.details.value = self._about(version.ref)

    def _reload(self) -> None:
        self._load()
        self._draw(move="")

    def _load(self) -> None:
        whole = self.up is None or self.down is None
        self.lineage = self.session.lineage(
            self.centre.ref, up=self.up, down=self.down, limit=MOST if whole else MANY
        )
        self._plans = self.session.plans()
        self._drawing = drawing(self.lineage, self._plans, root=self._root)

    def _root(self, execution: Any) -> Any:
        if execution.plan or execution.root_id == execution.id:
            return execution
        return self.session.execution(execution.root_id)

    def _draw(self, *, move: str) -> None:
        shown = self._drawing
        # What was shown before and is hidden now keeps its spot too, for the way back.
        sizes = self._sizes | shown.sizes
        self._spots = place(sizes, shown.pairs, self._spots)
        self._sizes = sizes
        nodes, edges, *_ = network(shown, self._spots, self.centre.ref).get_network_data()
        self.view.picture = {
            "nodes": nodes,
            "edges": edges,
            "centre": self.centre.ref,
            "trail": [label(version) for version in self.trail],
            "where": label(self.centre),
            "up": "up" not in self._full and self.up is not None,
            "down": "down" not in self._full and self.down is not None,
            "note": self._note(),
            "move": move,
        }
        names = {mark.plan for mark in shown.marks if mark.kind == "plan"}
        self.switches.show((p for p in self._plans if p.name in names), NO_PLANS)

    def _open_plan(self, name: str) -> None:
        self.switches.view.selected = name
        self.view.selected = next(self._of_plan(name), "")
        self.details.value = ledger_html(self.session, name, 8)

    def _of_plan(self, name: str) -> Iterator[str]:
        return (m.id for m in self._drawing.marks if m.kind == "plan" and m.plan == name)

    def _note(self) -> str:
        count = f"{len(self._drawing.marks)} nodes"
        cut = f" · {self.lineage.cut} more not shown" if self.lineage.cut else ""
        return count + cut + (" · some edges lead back: Tidy" if self._leads_back() else "")

    def _leads_back(self) -> bool:
        spots = self._spots
        return any(spots[a].column >= spots[b].column for a, b in self._drawing.pairs if a != b)

    def _data(self, node: str) -> Any:
        return next(found.data for found in self.lineage.nodes if found.id == node)

    def _about(self, node: str) -> Html:
        data = self._data(node)
        if hasattr(data, "partitions"):
            return version_html({**version_words(data), "card": "", "snippet": ""})
        return execution_html(execution_words(data))
