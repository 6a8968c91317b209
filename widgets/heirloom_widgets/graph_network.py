"""A drawing on its spots as a pyvis network; and that network as one page that asks for nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from heirloom.render import TONES, escape
from heirloom_widgets.facts import shortened
from heirloom_widgets.graph_marks import SIZES, Drawing, Link, Mark
from heirloom_widgets.layout import Spot
from heirloom_widgets.routes import Point, routes

if TYPE_CHECKING:
    from pyvis.network import Network

__all__ = ["drawn", "edge_name", "network", "page"]

INK = "#1f2328"
OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "nodes": {"fixed": True, "font": {"color": INK, "face": "system-ui, sans-serif", "size": 13}},
    "edges": {
        "arrows": {"to": {"scaleFactor": 0.55}},
        "smooth": {
            "enabled": True,
            "type": "cubicBezier",
            "forceDirection": "horizontal",
            "roundness": 0.45,
        },
        "color": {"color": "#97a1ac", "highlight": "#1f6feb", "hover": "#1f6feb"},
        "selectionWidth": 0.6,
        "hoverWidth": 0.4,
    },
    "interaction": {
        "hover": True,
        "tooltipDelay": 500,
        "dragNodes": False,
        "hideEdgesOnDrag": False,
        "selectConnectedEdges": False,
    },
}
_SHAPES = {
    "version": "box",
    "execution": "ellipse",
    "plan": "hexagon",
    "fold": "text",
}
_LOOKS = frozenset(
    ("color", "borderWidth", "shapeProperties", "size", "margin", "label", "shape", "font")
)
# pyvis writes its page's frame from a CDN even when its resources are in line.
_FETCHES = re.compile(r"<link\b[^>]*>|<script\b[^>]*\bsrc=[^>]*>\s*</script>", re.S)
_HEADING = re.compile(r"<center>\s*<h1>.*?</h1>\s*</center>", re.S)


def network(drawing: Drawing, spots: Mapping[str, Spot], centre: str = "") -> Network:
    """The network with every node where its spot is, and physics off."""
    from pyvis.network import Network  # a second, which no panel without a graph shall cost

    net = Network(directed=True, cdn_resources="in_line", height="96vh")
    for mark in drawing.marks:
        net.add_node(mark.id, **_node(mark, spots[mark.id], mark.id == centre))
    ways = routes(spots, drawing.sizes, drawing.pairs)
    for link in drawing.links:
        _join(net, link, ways.get((link.source, link.target), []))
    net.options = OPTIONS
    return net


def edge_name(link: Link) -> str:
    """What the ids of an edge's pieces begin with, up to a bar."""
    # Two nodes may be joined twice; vis refuses a second edge without its own id.
    ends = f"{link.source}→{link.target}|{link.how}"
    return blake2b(ends.encode(), digest_size=8).hexdigest()


def _join(net: Network, link: Link, way: list[Point]) -> None:
    """An edge; one that goes around others is drawn in pieces, from point to point."""
    name = edge_name(link)
    stops = [link.source]
    for i, (x, y) in enumerate(way):
        stops.append(f"via:{name}|{i}")
        net.add_node(stops[-1], label=" ", shape="dot", size=0.1, x=x, y=y, kind="via", w=1, h=1)
    stops.append(link.target)
    last = len(stops) - 2
    about = "seen while running" if link.watched else "declared"
    for i, (source, target) in enumerate(pairwise(stops)):
        net.add_edge(
            source,
            target,
            id=f"{name}|{i}",
            arrows="to" if i == last else "",
            dashes=[5, 4] if link.watched or link.how == "value" else False,
            title=f"{link.how}: {about}" if link.how else "",
        )


def drawn(net: Network) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and edges as ``graph.js`` takes them, which draws their looks itself."""
    nodes, edges, *_ = net.get_network_data()
    return [{key: value for key, value in n.items() if key not in _LOOKS} for n in nodes], edges


def _node(mark: Mark, spot: Spot, centre: bool) -> dict[str, Any]:
    """What pyvis and vis draw by themselves, and beside it what ``graph_paint.js`` draws."""
    tone, (width, height) = TONES[mark.tone], SIZES[mark.kind]
    return {
        "label": "\n".join(filter(None, (shortened(mark.title), shortened(mark.sub)))),
        "shape": _SHAPES[mark.kind],
        "color": {"border": tone, "background": _pale(tone), "highlight": _pale(tone, 0.3)},
        "borderWidth": 3 if centre else 1,
        "shapeProperties": {
            "borderDashes": [5, 4] if mark.faded or (mark.plan and not mark.armed) else False
        },
        "size": 16,
        "margin": 9,
        "x": spot.x,
        "y": spot.y,
        "w": width,
        "h": height,
        "title": mark.hover,
        "centre": centre,
        "kind": mark.kind,
        "name": mark.title,
        "sub": mark.sub,
        "tone": mark.tone,
        "plan": mark.plan,
        "armed": mark.armed,
        "faded": mark.faded,
        "of": mark.of,
        "steps": mark.steps,
        "live": mark.state == "running",
        "inside": mark.inside,
        "within": mark.within,
    }


def page(net: Network, title: str = "Lineage") -> str:
    """The network as one HTML file: its library in line, and no request to anywhere."""
    for node in net.nodes:
        # pyvis shows a title that has this word as markup; parted, it is text again.
        node["title"] = node.get("title", "").replace("href", "h\u200bref")
    html = _HEADING.sub("", _FETCHES.sub("", net.generate_html()))
    return "<!doctype html>\n" + html.replace("<head>", f"<head><title>{escape(title)}</title>", 1)


def _pale(colour: str, strength: float = 0.16) -> str:
    """A light fill of the colour, on which dark text reads in every theme."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * strength):02x}" for part in parts)
