"""The way between two versions of a graph: what of the drawing is on it, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heirloom_widgets.facts import label
from heirloom_widgets.graph_marks import Drawing, Link

__all__ = ["along", "told"]


def along(drawing: Drawing, way: Iterable[Any]) -> tuple[set[str], set[Link]]:
    """The nodes and edges of the drawing on the way: lineage's nodes from end to end.

    A trigger between two of them is on it, and so are the leaves of an execution that is open.
    """
    ids = {node.id for node in way}
    on = {mark.id for mark in drawing.marks if mark.id in ids or mark.inside in ids}
    heard = {link.target for link in drawing.links if link.source in on}
    started = {link.source for link in drawing.links if link.target in on}
    plans = {mark.id for mark in drawing.marks if mark.kind == "plan"}
    on |= plans & heard & started
    return on, {link for link in drawing.links if {link.source, link.target} <= on}


def told(way: Iterable[Any], one: str, other: str, *, whole: bool) -> str:
    """The way in words; where there is none, that, and whether there may be one."""
    nodes = list(way)
    if not nodes:
        none = f"No path: neither of {one} and {other} came of the other"
        return f"{none}." if whole else f"{none}, as far as is loaded here. All loads the rest."
    hops = sum(node.kind == "execution" for node in nodes)
    names = " → ".join(label(n.data) if n.kind == "version" else n.label for n in nodes)
    return f"{names}  ({hops} hop{'' if hops == 1 else 's'})"
