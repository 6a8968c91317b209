"""An execution opened: the leaves inside of it in its place, joined as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from heirloom_widgets.graph_marks import Drawing, Link, Mark
from heirloom_widgets.graph_model import run_mark

__all__ = ["leaves", "opened"]

STEPS = 500


def leaves(session: Any, run: Any) -> list[Any]:
    """The leaves inside of an execution, in the order in which they began."""
    # As they are recorded: the front gives inputs as people read them, without how they are known.
    steps = session.catalog.view().executions(root=run.root_id, limit=STEPS)
    known = {step.id: step for step in steps}

    def inside(step: Any) -> bool:
        while step is not None and step.parent_id != run.id:
            step = known.get(step.parent_id)
        return step is not None

    found = [step for step in known.values() if not step.is_envelope and inside(step)]
    return sorted(found, key=lambda step: step.started_at)


def opened(
    drawing: Drawing, runs: Mapping[str, Any], steps: Callable[[Any], Sequence[Any]]
) -> Drawing:
    """The drawing with these executions replaced by what is inside of them.

    Args:
        drawing: With each of them as one node.
        runs: The executions to open, by id; those that are not drawn are passed over.
        steps: Gives the leaves of one; one without any stays as it is.
    """
    for mark in drawing.marks:
        if mark.id in runs and (inner := steps(runs[mark.id])):
            drawing = _open_one(drawing, mark, runs[mark.id], inner)
    return drawing


def _open_one(drawing: Drawing, run: Mark, record: Any, steps: Sequence[Any]) -> Drawing:
    marks = {mark.id: mark for mark in drawing.marks}
    makers = {item: step.id for step in steps for item in _made(step)}
    plans = {link.source for link in drawing.links if link.target == run.id}
    plans = {node for node in plans if marks[node].kind == "plan"}
    heard = {link.source: link.target for link in drawing.links if link.target in plans}
    inner = {
        replace(link, source=heard[link.source], how="") if link.source in heard else link: None
        for link in _joined(steps, makers, marks)
    }
    behind = [makers[read.item] for read in record.all_reads() if read.item in makers]
    sources, targets = {link.source for link in inner}, {link.target for link in inner}
    firsts = [step.id for step in steps if step.id not in _fed(inner, makers)] or [steps[0].id]
    lasts = behind or [step.id for step in steps if step.id not in _feeding(inner, makers)]
    links: dict[Link, None] = {}
    for link in drawing.links:
        if link.target == run.id and link.source not in sources:
            links |= dict.fromkeys(replace(link, target=first) for first in firsts)
        elif link.source == run.id and link.target not in targets:
            links |= dict.fromkeys(replace(link, source=last) for last in lasts)
        elif run.id not in (link.source, link.target):
            links[link] = None
    drawn = [replace(run_mark(step), inside=run.id, within=run.title) for step in steps]
    shown = [each for mark in drawing.marks for each in (drawn if mark.id == run.id else [mark])]
    return replace(drawing, marks=tuple(shown), links=(*links, *inner))


def _made(step: Any) -> Iterator[str]:
    """The items that a leaf made: versions by their refs, nameless values by theirs."""
    yield from (value.item for value in step.values())
    yield from (output.id for output in step.outputs.values() if hasattr(output, "id"))


def _joined(
    steps: Iterable[Any], makers: Mapping[str, str], marks: Mapping[str, Mark]
) -> Iterator[Link]:
    """From what is drawn to the leaves that read it, from leaf to leaf, and to what they made."""
    for step in steps:
        for read in step.all_reads():
            if read.item in marks:
                yield Link(read.item, step.id, read.how)
            elif makers.get(read.item, step.id) != step.id:
                yield Link(makers[read.item], step.id, "value")
        yield from (Link(step.id, item) for item in _made(step) if item in marks)


def _fed(inner: Iterable[Link], makers: Mapping[str, str]) -> set[str]:
    """The leaves that take what another of them made."""
    own = set(makers.values())
    return {link.target for link in inner if link.source in own or link.source in makers}


def _feeding(inner: Iterable[Link], makers: Mapping[str, str]) -> set[str]:
    """The leaves whose outputs another of them takes."""
    taken = {link.source for link in inner if link.how}
    own = set(makers.values())
    return (taken & own) | {makers[item] for item in taken if item in makers}
