"""A graph as it is shown, in a file: a page that asks for nothing, an SVG picture, Mermaid text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom_widgets.facts import label
from heirloom_widgets.graph_marks import Drawing
from heirloom_widgets.graph_network import network, page
from heirloom_widgets.layout import Spot
from heirloom_widgets.snapshot import drawing_svg

__all__ = ["Export"]

_SHAPES = {
    "version": ('["', '"]'),
    "execution": ('(["', '"])'),
    "plan": ('{{"', '"}}'),
    "fold": ('[["', '"]]'),
}


@dataclass(frozen=True, slots=True)
class Export:
    """What is shown around `centre`, ready to be written."""

    drawing: Drawing
    spots: Mapping[str, Spot]
    centre: Any

    @property
    def network(self) -> Any:
        """It as a ``pyvis.network.Network``."""
        return network(self.drawing, self.spots, self.centre.ref)

    def html(self) -> str:
        """One page with that network in it and its library in line."""
        return page(self.network, f"Lineage of {label(self.centre)}")

    def svg(self) -> str:
        """A picture of its own, dark on white."""
        return drawing_svg(self.drawing, dict(self.spots))

    def mermaid(self) -> str:
        """A flowchart from left to right; what was seen while running is dotted."""
        number = {mark.id: f"n{i}" for i, mark in enumerate(self.drawing.marks)}
        lines = ["flowchart LR"]
        for mark in self.drawing.marks:
            left, right = _SHAPES[mark.kind]
            lines.append(f"    {number[mark.id]}{left}{_quoted(mark.title, mark.sub)}{right}")
        for link in self.drawing.links:
            arrow = "-.->" if link.watched else "-->"
            how = f"|{link.how}|" if link.how else ""
            lines.append(f"    {number[link.source]} {arrow}{how} {number[link.target]}")
        return "\n".join(lines) + "\n"

    def file(self, what: str) -> dict[str, str]:
        """One of them for the page to save: ``html``, ``svg`` or ``mermaid``."""
        made: dict[str, tuple[str, str, Callable[[], str]]] = {
            "html": ("html", "text/html", self.html),
            "svg": ("svg", "image/svg+xml", self.svg),
            "mermaid": ("mmd", "text/plain", self.mermaid),
        }
        ending, kind, text = made[what]
        name = f"{label(self.centre).replace('/', '-')}.{ending}"
        return {"name": name, "type": f"{kind};charset=utf-8", "text": text()}


def _quoted(title: str, sub: str) -> str:
    """A label of one or two lines inside Mermaid's quotes, without its marks."""
    lines = (part.replace("&", "&amp;").replace("<", "&lt;") for part in (title, sub) if part)
    return "<br>".join(lines).replace('"', "#quot;").replace("\n", " ")
