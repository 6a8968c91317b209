"""Lineage and listening plans as one drawing: what the nodes are, before anything is placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from heirloom.render import partial_text, size_text, time_text, tone_of
from heirloom_widgets.facts import card_line, label, partitions_text
from heirloom_widgets.graph_marks import Drawing, Link, Mark
from heirloom_widgets.graph_plans import put_fired, put_listening

__all__ = ["drawing", "run_mark"]


def drawing(
    lineage: Any,
    plans: Iterable[Any],
    *,
    root: Callable[[Any], Any] = lambda execution: execution,
    listening: bool = True,
) -> Drawing:
    """What to draw of `lineage`; what made a nameless value is joined to what took it.

    Args:
        lineage: Its nodes and edges.
        plans: The plans; those that neither fired nor listen here are not drawn.
        root: Gives the outermost execution around one; it knows the plan that started it.
        listening: Draw plans where they listen, with what they would start, and not only
            where they have fired.
    """
    nodes = {node.id: node for node in lineage.nodes}
    nameless = {i for i, node in nodes.items() if node.kind == "value"}
    edges = [Link(edge.source, edge.target, edge.how) for edge in lineage.edges]
    links = list(_folded(edges, nameless))
    marks = {i: _mark(node) for i, node in nodes.items() if i not in nameless}
    known = {plan.name: plan for plan in plans if plan.trigger is not None}
    put_fired(marks, links, nodes, known, root)
    if listening:
        put_listening(marks, links, nodes, known, lineage.centre)
    return Drawing(tuple(marks.values()), tuple(dict.fromkeys(links)))


def _folded(links: list[Link], values: set[str]) -> Iterator[Link]:
    """The links without the nameless values between: from what made one to what took it."""
    makers, takers = defaultdict(list), defaultdict(list)
    for link in links:
        if link.target in values:
            makers[link.target].append(link.source)
        elif link.source in values:
            takers[link.source].append(link.target)
        else:
            yield link
    for value, sources in makers.items():
        for source in sources:
            yield from (Link(source, target, "value") for target in takers[value])


def _mark(node: Any) -> Mark:
    return _version_mark(node.id, node.data) if node.kind == "version" else run_mark(node.data)


def run_mark(run: Any) -> Mark:
    """The mark of an execution."""
    sub = run.kind if run.state == "succeeded" else f"{run.kind} · {run.state}"
    hover = f"{run.kind} {run.name}\n{run.state}\n{time_text(run.started_at)}\n{run.id}"
    return Mark(
        id=run.id,
        kind="execution",
        title=run.name,
        sub=sub,
        tone=tone_of(run.state),
        hover=hover,
        sort=run.kind,
        project=run.project,
        state=run.state,
        at=run.started_at.isoformat(),
        steps=run.is_envelope,
    )


def _version_mark(ref: str, version: Any) -> Mark:
    state = "" if version.state == "live" else version.state
    parts = partitions_text(version)
    what = f"{version.kind} · {version.type_name} · {size_text(version.size)}"
    aliases = " ".join(f"@{alias}" for alias in version.aliases)
    told, made = partial_text(version.partial), time_text(version.created_at)
    about = (label(version), parts, what, made, aliases, state, told, card_line(version))
    return Mark(
        id=ref,
        kind="version",
        title=label(version),
        sub=" · ".join(filter(None, (state, told and "partial", aliases, parts))),
        tone=version.kind,
        sort=version.kind,
        project=version.project,
        state=version.state,
        at=version.created_at.isoformat(),
        hover="\n".join(filter(None, about)),
        faded=state in {"yanked", "purged"},
    )
