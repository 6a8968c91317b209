"""What a graph shows of a drawing, where it stands, and what the reader chose to see of it."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from typing import Any

from heirloom_widgets.graph_colours import coloured, legend
from heirloom_widgets.graph_fold import folded
from heirloom_widgets.graph_marks import SIZES, Drawing
from heirloom_widgets.graph_network import drawn, edge_name, network
from heirloom_widgets.graph_path import along
from heirloom_widgets.layout import Size, Spot, place
from heirloom_widgets.room import close_up, open_up

__all__ = ["Chart"]


class Chart:
    """A drawing on its spots; what is shown keeps its spot, and so does what was.

    Attributes:
        whole: All that was put on it last.
        shown: The same with siblings folded, and in colours.
        spots: Where the nodes stand, by id.
        colour: What the colours mean: one of `COLOURINGS`.
        way: Nodes of the lineage that are drawn strong, the others faint; empty for all alike.
    """

    def __init__(self) -> None:
        self.whole = self.shown = Drawing((), ())
        self.spots: dict[str, Spot] = {}
        self.colour = "kind"
        self.way: tuple[Any, ...] = ()
        self._sizes: dict[str, Size] = {}
        self._unfolded: set[str] = set()
        self._rooms: dict[str, tuple[float, set[str]]] = {}

    def copy(self) -> Chart:
        """Another that shows the same."""
        other = copy(self)
        other.spots, other._sizes = dict(self.spots), dict(self._sizes)
        other._unfolded = set(self._unfolded)
        other._rooms = {run: (height, set(held)) for run, (height, held) in self._rooms.items()}
        return other

    def forget(self) -> None:
        """Let the next drawing be laid out anew, with siblings folded."""
        self.shown = Drawing((), ())
        self.spots, self._sizes = {}, {}
        self._unfolded, self._rooms = set(), {}

    def put(self, whole: Drawing, centre: str) -> None:
        """Show a drawing."""
        kept = {mark.id for mark in self.shown.marks} | along(whole, self.way)[0]
        shown = folded(whole, centre, opened=self._unfolded, kept=kept)
        self._make_room(shown)
        # What was shown before and is hidden now keeps its spot too, for the way back.
        self._sizes = self._sizes | shown.sizes
        self.spots = place(self._sizes, shown.pairs, self.spots)
        self.whole, self.shown = whole, coloured(shown, self.colour)

    def unfold(self, fold: str) -> None:
        """From the next drawing on, show all that was folded under that id."""
        self._unfolded.add(fold)

    def picture(self, centre: str) -> dict[str, Any]:
        """Nodes, edges and legend as ``graph.js`` takes them."""
        nodes, edges = drawn(network(self.shown, self.spots, centre))
        on, links = along(self.shown, self.way)
        names = {edge_name(link) for link in links}
        joins = [edge["id"] for edge in edges if edge["id"].partition("|")[0] in names]
        steps = sorted(on, key=lambda node: (self.spots[node].x, self.spots[node].y))
        return {
            "nodes": nodes,
            "edges": edges,
            "centre": centre,
            "legend": legend(self.shown, self.colour),
            "colour": self.colour,
            "path": {"nodes": steps, "edges": joins},
        }

    def trigger(self, plan: str) -> str:
        """The first node of a plan that is shown; empty where none is."""
        nodes = (mark.id for mark in self.shown.marks if mark.kind == "plan" and mark.plan == plan)
        return next(nodes, "")

    def _make_room(self, shown: Drawing) -> None:
        """Give what is newly opened its place, and take that of what is closed again back."""
        inner: dict[str, dict[str, Size]] = defaultdict(dict)
        for mark in shown.marks:
            if mark.inside:
                inner[mark.inside][mark.id] = SIZES[mark.kind]
        for run in [run for run in self._rooms if run not in inner]:
            height, held = self._rooms.pop(run)
            self.spots = close_up(self.spots, run, held & self.spots.keys(), height)
            self._sizes = {key: size for key, size in self._sizes.items() if key not in held}
            self._sizes[run] = SIZES["execution"]
        for run, sizes in inner.items():
            if run in self.spots:
                self._rooms[run] = self.spots[run].y, set()
                self.spots = open_up(self.spots, self._sizes, run, sizes, shown.pairs)
                del self._sizes[run]
            if run in self._rooms:
                self._rooms[run][1].update(sizes)

    def told(self) -> list[str]:
        """How much there is, how much of it is folded, and whether laying out anew would help."""
        count, hidden = len(self.whole.marks), self.shown.hidden
        told = [f"{count} node{'' if count == 1 else 's'}"]
        told += [f"{hidden} folded"] if hidden else []
        return told + (["some edges lead back: Tidy"] if self._leads_back() else [])

    def _leads_back(self) -> bool:
        spots = self.spots
        return any(spots[a].column >= spots[b].column for a, b in self.shown.pairs if a != b)
