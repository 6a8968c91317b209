"""Colours of the graph by kind, project or state, and the legend that says what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from heirloom.render import tone_of
from heirloom_widgets.graph_marks import Drawing, Mark

__all__ = ["COLOURINGS", "coloured", "legend"]

COLOURINGS = ("kind", "project", "state")
_PROJECTS = ("data", "amber", "model", "file", "bad", "good")
"""Tones for projects in the order of their names; those beyond share the last, grey."""

Entry = tuple[str, str, str]


def coloured(drawing: Drawing, by: str) -> Drawing:
    """The drawing with its versions and executions in the tones of `by`."""
    if by == "kind":
        return drawing
    tones = _projects(drawing)
    return replace(drawing, marks=tuple(_toned(mark, by, tones) for mark in drawing.marks))


def legend(drawing: Drawing, by: str) -> list[Entry]:
    """What the colours and shapes of the drawing mean: shape, tone and words."""
    kinds = dict.fromkeys(mark.kind for mark in drawing.marks if not mark.faded)
    seen = dict.fromkeys(_entries(drawing, by))
    shapes = [("execution", "", "execution")] if "execution" in kinds and by != "kind" else []
    plans = [("plan", "", "trigger")] if "plan" in kinds else []
    lines = {"dashed" if link.watched else "solid" for link in drawing.links if link.how}
    known = (("solid", "", "declared input"), ("dashed", "", "read while running"))
    return [*seen, *shapes, *plans, *(entry for entry in known if entry[0] in lines)]


def _entries(drawing: Drawing, by: str) -> Iterator[Entry]:
    marks = [mark for mark in drawing.marks if mark.kind in {"version", "execution"}]
    if by == "kind":
        yield from sorted(("version", m.tone, m.sort) for m in marks if m.kind == "version")
        runs = [mark for mark in marks if mark.kind == "execution" and not mark.faded]
        yield from sorted(("execution", m.tone, m.state) for m in runs)
    elif by == "project":
        tones = _projects(drawing)
        yield from (("version", tone, project) for project, tone in tones.items())
    else:
        yield from sorted(("version", tone_of(m.state), m.state) for m in marks if m.state)


def _projects(drawing: Drawing) -> dict[str, str]:
    names = sorted({mark.project for mark in drawing.marks if mark.project})
    return {name: (*_PROJECTS, "plain")[min(i, len(_PROJECTS))] for i, name in enumerate(names)}


def _toned(mark: Mark, by: str, tones: dict[str, str]) -> Mark:
    if mark.kind not in {"version", "execution"} or not mark.state:
        return mark
    return replace(mark, tone=tones[mark.project] if by == "project" else tone_of(mark.state))
