"""Static twins: what the panels show, as HTML without script and without any request."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from heirloom import render
from heirloom.render import TONES, Html, escape
from heirloom_widgets.facts import (
    execution_words,
    label,
    partitions_text,
    shortened,
    version_words,
)
from heirloom_widgets.graph_marks import Drawing, Link, Mark
from heirloom_widgets.graph_model import drawing
from heirloom_widgets.layout import Size, Spot, place
from heirloom_widgets.routes import Point, routes

__all__ = [
    "catalog_html",
    "drawing_svg",
    "heading_html",
    "lineage_html",
    "record_html",
    "version_page",
]

HEADERS = ("name", "version", "partitions", "kind", "created", "by", "size")
INK = "var(--jp-ui-font-color1,currentColor)"
PAPER = "var(--jp-layout-color1,transparent)"
LINE = "#8a949f"
MARGIN = 16


def catalog_html(versions: Iterable[Any], title: str = "Versions", note: str = "") -> Html:
    """Versions as a table, in the order given."""
    rows = [
        (
            Html(f"<b>{escape(version.name)}</b>"),
            version.version,
            partitions_text(version),
            render.badge(version.kind),
            render.time_text(version.created_at),
            version.created_by,
            render.size_text(version.size),
        )
        for version in versions
    ]
    body = render.table(rows, HEADERS) if rows else escape("No versions.")
    return render.frame(title, body, Html(f'<div style="opacity:.66">{escape(note)}</div>'))


def heading_html(version: Any) -> Html:
    """What is selected: its label, its badges, its partitions."""
    marks = [render.badge(version.kind)]
    marks += [render.badge(version.state)] if version.state != "live" else []
    marks += [render.badge(f"@{alias}", "good") for alias in version.aliases]
    marks += [render.partial_badge(version.partial)]
    parts = render.block("hl-sub", partitions_text(version))
    return render.block("hl-head", render.block("hl-title", label(version)), *marks, parts)


def record_html(data: Any) -> Html:
    """The facts of a version or an execution, without card and snippet."""
    if hasattr(data, "partitions"):
        return render.version_html({**version_words(data), "card": "", "snippet": ""})
    return render.execution_html(execution_words(data))


def lineage_html(shown: Drawing, cut: int = 0) -> Html:
    """A lineage as a picture, with its edges as a table beneath.

    Args:
        shown: What is drawn of it.
        cut: How many nodes are not.
    """
    names = {mark.id: mark.title for mark in shown.marks}
    edges = [(names[e.source], e.how or "made", names[e.target]) for e in shown.links]
    note = f"{cut} more nodes are not shown." if cut else ""
    rows = [(source, render.badge(how, "plain"), target) for source, how, target in edges]
    table = render.table(rows, ("from", "how", "to"))
    spots = place(shown.sizes, shown.pairs)
    return Html(drawing_svg(shown, spots) + render.details(f"{len(edges)} edges. {note}", table))


def version_page(version: Any, lineage: Any = None, producer: str = "") -> Html:
    """One whole page on a version: facts, snippet, card, and its lineage if it is given."""
    parts = [render.version_html(version_words(version, producer))]
    if lineage is not None:
        parts.append(render.section("Lineage", lineage_html(drawing(lineage, ()), lineage.cut)))
    return render.page(label(version), *parts)


def drawing_svg(shown: Drawing, spots: dict[str, Spot]) -> Html:
    """The drawing as SVG, coloured by the theme that surrounds it."""
    if not shown.marks:
        return Html("")
    sizes = shown.sizes
    left = min(spots[i].x - w / 2 for i, (w, _) in sizes.items()) - MARGIN
    top = min(spots[i].y - h / 2 for i, (_, h) in sizes.items()) - MARGIN
    wide = max(spots[i].x + w / 2 for i, (w, _) in sizes.items()) + MARGIN - left
    high = max(spots[i].y + h / 2 for i, (_, h) in sizes.items()) + MARGIN - top
    ways = routes(spots, sizes, shown.pairs)
    edges = render.join(
        _edge(spots, sizes, link, ways.get((link.source, link.target), [])) for link in shown.links
    )
    nodes = render.join(_node(mark, spots[mark.id], sizes[mark.id]) for mark in shown.marks)
    return Html(
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Lineage" '
        f'viewBox="{left:.0f} {top:.0f} {wide:.0f} {high:.0f}" width="{wide:.0f}" '
        f'style="max-width:100%;height:auto;font-family:system-ui,sans-serif">{edges}{nodes}</svg>'
    )


def _edge(spots: dict[str, Spot], sizes: dict[str, Size], link: Link, way: list[Point]) -> Html:
    start, end = spots[link.source], spots[link.target]
    tip = (end.x - sizes[link.target][0] / 2 - 6, end.y)
    points = [(start.x + sizes[link.source][0] / 2, start.y), *way, tip]
    path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = max(20.0, abs(x1 - x0) / 2)
        path += f"C{x0 + bend:.0f} {y0:.0f} {x1 - bend:.0f} {y1:.0f} {x1:.0f} {y1:.0f}"
    dashed = ' stroke-dasharray="5 4"' if link.watched or link.how == "value" else ""
    return Html(
        f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.3"{dashed}/>'
        f'<path d="M{tip[0]:.0f} {tip[1] - 4:.0f}l7 4l-7 4z" fill="{LINE}"/>'
    )


def _node(mark: Mark, spot: Spot, size: Size) -> Html:
    (w, h), tone = size, TONES[mark.tone]
    x, y = spot.x - w / 2, spot.y - h / 2
    dash = ' stroke-dasharray="5 4"' if mark.faded or (mark.plan and not mark.armed) else ""
    look = f'fill="{PAPER}" stroke="{tone}" stroke-width="1.4"{dash}'
    if mark.kind == "plan":
        tips = ((x, spot.y), (x + 14, y), (x + w - 14, y), (x + w, spot.y))
        below = ((x + w - 14, y + h), (x + 14, y + h))
        points = " ".join(f"{px:.0f},{py:.0f}" for px, py in (*tips, *below))
        shape = f'<polygon points="{points}" {look}/>'
    else:
        round_ = 8 if mark.kind == "version" else h / 2
        place_ = f'x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}"'
        shape = f'<rect {place_} rx="{round_:.0f}" {look}/>'
    dy = -3 if mark.sub else 5
    title = _text(mark.title, spot.x, spot.y + dy, 13, w, 'font-weight="600"')
    sub = _text(mark.sub, spot.x, spot.y + 15, 11, w, 'opacity=".7"') if mark.sub else ""
    return Html(f"<g>{shape}{title}{sub}<title>{escape(mark.hover)}</title></g>")


def _text(text: str, x: float, y: float, size: int, width: float, more: str) -> Html:
    shown = shortened(text, int((width - 40) / (size * 0.6)))
    return Html(
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="middle" '
        f'fill="{INK}" {more}>{escape(shown)}</text>'
    )
