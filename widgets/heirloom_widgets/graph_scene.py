"""A walk and the chart of what is seen from there: drawn anew as a whole, never while shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heirloom_widgets.facts import label
from heirloom_widgets.graph_chart import Chart
from heirloom_widgets.graph_path import told
from heirloom_widgets.graph_walk import Walk

__all__ = ["Change", "Scene"]


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the picture that is shown.

    Attributes:
        load: The catalog is asked.
        anew: All is laid out anew, with siblings folded.
        turned: Another version is the centre.
        move: What the view turns to: ``centre``, ``all``, or empty for where it is.
    """

    load: bool = False
    anew: bool = False
    turned: bool = False
    move: str = ""

    def and_then(self, later: Change) -> Change:
        """Both, where the first was not drawn before the second came."""
        return Change(
            self.load or later.load,
            self.anew or later.anew,
            self.turned or later.turned,
            later.move or self.move,
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """What is shown: where one stands and what is drawn of that."""

    walk: Walk
    chart: Chart

    def copy(self) -> Scene:
        """The same, to be drawn while this one is shown."""
        return Scene(self.walk.copy(), self.chart.copy())

    def draw(self, change: Change) -> Scene:
        """Do what has changed, which may take a second; this scene, drawn."""
        if change.anew:
            self.chart.forget()
        whole = self.walk.load() if change.load else self.chart.whole
        self.chart.way = self.walk.way()
        self.chart.put(whole, self.walk.centre.ref)
        return self

    def picture(self, move: str) -> dict[str, Any]:
        """What ``graph.js`` takes."""
        walk = self.walk
        picture = self.chart.picture(walk.centre.ref)
        picture["path"] |= {"ends": list(walk.ends), "told": self._path()}
        return {
            **picture,
            **walk.ways(),
            "trail": [label(version) for version in walk.trail],
            "where": label(walk.centre),
            "cut": walk.lineage.cut,
            "at": walk.as_of.isoformat() if walk.as_of else "",
            "note": " · ".join((*self.chart.told(), *walk.told())),
            "move": move,
        }

    def _path(self) -> str:
        """The way between the two ends in words; empty without any."""
        walk = self.walk
        if not walk.ends:
            return ""
        one, other = (label(walk.lineage.node(end).data) for end in walk.ends)
        whole = not walk.lineage.cut and not any(walk.ways().values())
        return told(self.chart.way, one, other, whole=whole)
