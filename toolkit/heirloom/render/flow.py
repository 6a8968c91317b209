"""A graph drawn from left to right, as Mermaid text and as SVG that runs and fetches nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heirloom.render.markup import TONES, Html, escape, join

__all__ = ["Box", "flow_mermaid", "flow_svg"]

_INK = "var(--jp-ui-font-color1,currentColor)"
_LINE = "var(--jp-ui-font-color3,#8a8f98)"
_PAPER = "var(--jp-layout-color1,#fff)"
_SIGN, _PADDING, _HEIGHT, _GAP, _BETWEEN, _MARGIN = 7.4, 28, 40, 56, 16, 8
_MARKS = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " "}
_LONGEST = 34  # signs of a line in a box

Place = tuple[float, float, float]
"""Left edge, middle and width of a box."""


@dataclass(frozen=True, slots=True)
class Box:
    """One node: its title, a smaller line below, and the tone of its frame.

    Attributes:
        round: Whether it is a value that comes in or goes out, not a call.
    """

    id: str
    title: str
    sub: str = ""
    tone: str = "plain"
    round: bool = False


def flow_mermaid(boxes: Sequence[Box], arrows: Sequence[tuple[str, str]]) -> str:
    """Boxes and arrows as Mermaid text, in which nobody's text is markup."""
    number = {box.id: f"n{i}" for i, box in enumerate(boxes)}
    lines = ["flowchart LR"]
    for box in boxes:
        left, right = ('(["', '"])') if box.round else ('["', '"]')
        label = "<br/>".join(_quoted(text) for text in (box.title, box.sub) if text)
        lines.append(f"    {number[box.id]}{left}{label}{right}")
    lines += [f"    {number[source]} --> {number[target]}" for source, target in arrows]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A text inside Mermaid's quotes."""
    return "".join(_MARKS.get(sign, sign) for sign in text)


def flow_svg(boxes: Sequence[Box], arrows: Sequence[tuple[str, str]], title: str) -> Html:
    """Boxes and the arrows between them, which lead from one column to a later one.

    Args:
        boxes: Each with an id of its own; what an arrow leaves stands before what it reaches.
        arrows: From id, to id.
        title: What is drawn, for who cannot see it.
    """
    places = _placed(boxes, arrows)
    wide = max((x + w for x, _, w in places.values()), default=0) + _MARGIN
    high = max((y for _, y, _ in places.values()), default=0) + _HEIGHT / 2 + _MARGIN
    lines = join(_arrow(places[source], places[target]) for source, target in arrows)
    drawn = join(_box(box, places[box.id]) for box in boxes)
    return Html(
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" '
        f'style="max-width:100%;height:auto;font-family:system-ui,sans-serif">{lines}{drawn}</svg>'
    )


def _placed(boxes: Sequence[Box], arrows: Sequence[tuple[str, str]]) -> dict[str, Place]:
    """Columns by the longest way to a box; in each, beside what leads there."""
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        before[target].append(source)
    column: dict[str, int] = {}
    for box in boxes:
        column[box.id] = max((column[each] + 1 for each in before[box.id]), default=0)
    columns: dict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        columns[column[box.id]].append(box)
    tallest = max(map(len, columns.values()), default=0)
    places: dict[str, Place] = {}
    left = float(_MARGIN)
    for _, stack in sorted(columns.items()):
        stack.sort(key=lambda box: _height(places, before[box.id]))
        width = max(map(_width, stack))
        top = _MARGIN + (tallest - len(stack)) * (_HEIGHT + _BETWEEN) / 2 + _HEIGHT / 2
        for at, box in enumerate(stack):
            places[box.id] = (left, top + at * (_HEIGHT + _BETWEEN), width)
        left += width + _GAP
    return places


def _height(places: Mapping[str, Place], before: Sequence[str]) -> float:
    """Where, on average, that stands which leads to a box."""
    return sum(places[each][1] for each in before) / len(before) if before else 0.0


def _width(box: Box) -> float:
    return max(len(_short(box.title)), len(_short(box.sub)) * 0.88) * _SIGN + _PADDING


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _arrow(source: Place, target: Place) -> Html:
    (x0, y0), (x1, y1) = (source[0] + source[2], source[1]), (target[0] - 6, target[1])
    bend = max(20.0, (x1 - x0) / 2)
    return Html(
        f'<path d="M{x0:.0f} {y0:.0f}C{x0 + bend:.0f} {y0:.0f} {x1 - bend:.0f} {y1:.0f} '
        f'{x1:.0f} {y1:.0f}" fill="none" stroke="{_LINE}" stroke-width="1.3"/>'
        f'<path d="M{x1:.0f} {y1 - 4:.0f}l7 4l-7 4z" fill="{_LINE}"/>'
    )


def _box(box: Box, place: Place) -> Html:
    x, y, width = place
    corner = _HEIGHT / 2 if box.round else 6
    dash = ' stroke-dasharray="5 4"' if box.round else ""
    hover = f"{box.title}\n{box.sub}" if box.sub else box.title
    return Html(
        f'<g><title>{escape(hover)}</title><rect x="{x:.0f}" y="{y - _HEIGHT / 2:.0f}" '
        f'width="{width:.0f}" height="{_HEIGHT}" rx="{corner:.0f}" fill="{_PAPER}" '
        f'stroke="{TONES[box.tone]}" stroke-width="1.4"{dash}/>'
        f"{_text(box.title, x + width / 2, y + (-2 if box.sub else 5), 13)}"
        f"{_text(box.sub, x + width / 2, y + 13, 11) if box.sub else ''}</g>"
    )


def _text(text: str, x: float, y: float, size: int) -> Html:
    weight = ' font-weight="600"' if size > 12 else ' opacity=".7"'
    return Html(
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="middle" '
        f'fill="{_INK}"{weight}>{escape(_short(text))}</text>'
    )
