"""Lineage and listening plans as one drawing: what the nodes are, before anything is placed.

A plan stands between the version that it heard and the execution that it started, once for
each that it started. Where a version at the edge of the picture is one that a plan listens
to, the plan stands there with a ghost of what it would start next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from heirloom.render import size_text, time_text, tone_of
from heirloom_widgets.facts import label, listens, partitions_text

__all__ = ["SIZES", "Drawing", "Link", "Mark", "drawing"]

SIZES = {
    "version": (172.0, 58.0),
    "execution": (162.0, 58.0),
    "plan": (176.0, 58.0),
    "value": (104.0, 28.0),
}
WATCHED = frozenset({"read", "free-variable", "derived"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A node of the drawing.

    Attributes:
        kind: ``version``, ``execution``, ``plan`` or ``value``.
        title: The first line; `sub` is the second, or empty.
        tone: What colours it.
        hover: What the pointer shows.
        plan: The plan that it is of, or empty.
        faded: Whether it is no record: an execution that would come next.
    """

    id: str
    kind: str
    title: str
    sub: str = ""
    tone: str = "plain"
    hover: str = ""
    plan: str = ""
    armed: bool = False
    faded: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the drawing; `how` is how it is known, empty for what was made."""

    source: str
    target: str
    how: str = ""

    @property
    def watched(self) -> bool:
        """Whether it was seen while running, and not declared before."""
        return self.how in WATCHED


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and edges, each once, in a stable order."""

    marks: tuple[Mark, ...]
    links: tuple[Link, ...]

    @property
    def sizes(self) -> dict[str, tuple[float, float]]:
        """Width and height by node."""
        return {mark.id: SIZES[mark.kind] for mark in self.marks}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The edges as the layout takes them."""
        return [(link.source, link.target) for link in self.links]


def drawing(
    lineage: Any,
    plans: Iterable[Any],
    *,
    root: Callable[[Any], Any] = lambda execution: execution,
    values: bool = False,
) -> Drawing:
    """What to draw of `lineage`.

    Args:
        lineage: Its nodes and edges.
        plans: The plans; those that neither fired nor listen here are not drawn.
        root: Gives the outermost execution around one; it knows the plan that started it.
        values: Draw nameless values, instead of joining what made them to what took them.
    """
    links = [Link(edge.source, edge.target, edge.how) for edge in lineage.edges]
    nodes = {node.id: node for node in lineage.nodes}
    if not values:
        links = list(_folded(links, {i for i, node in nodes.items() if node.kind == "value"}))
    marks = {i: _mark(node) for i, node in nodes.items() if values or node.kind != "value"}
    known = {plan.name: plan for plan in plans if plan.trigger is not None}
    for started, reached in _runs(nodes, root):
        if started.plan in known:
            _put_fired(marks, links, known[started.plan], started, reached)
    _put_listening(marks, links, nodes, known, lineage.centre)
    return Drawing(tuple(marks.values()), tuple(dict.fromkeys(links)))


def _runs(nodes: dict[str, Any], root: Callable[[Any], Any]) -> Iterable[tuple[Any, list[str]]]:
    """Each outermost execution, with the nodes that are it or of it."""
    found: dict[str, tuple[Any, list[str]]] = {}
    for node in nodes.values():
        if node.kind == "execution":
            outermost = root(node.data)
            found.setdefault(outermost.id, (outermost, []))[1].append(node.id)
    return found.values()


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


def _put_fired(
    marks: dict[str, Mark], links: list[Link], plan: Any, started: Any, reached: list[str]
) -> None:
    """Put the plan between the versions that fired it here and what it started."""
    fired = [ref for ref in started.triggered_by if ref in marks]
    direct = {link for link in links if link.source in fired and link.target in reached}
    mark = _plan_mark(plan, started.id)
    marks[mark.id] = mark
    links[:] = [link for link in links if link not in direct]
    links += [Link(ref, mark.id, "trigger") for ref in fired]
    begun = dict.fromkeys(link.target for link in direct) or dict.fromkeys(reached)
    links += [Link(mark.id, node) for node in begun]


def _put_listening(
    marks: dict[str, Mark],
    links: list[Link],
    nodes: dict[str, Any],
    plans: dict[str, Any],
    centre: str,
) -> None:
    """Put each plan that listens to the centre, or to a version that nothing here took."""
    taken = {link.source for link in links}
    heard = {(link.source, marks[link.target].plan) for link in links if link.target in marks}
    for ref, node in nodes.items():
        if node.kind != "version" or (ref in taken and ref != centre):
            continue
        for plan in plans.values():
            if (ref, plan.name) in heard or not _listens_to(plan, node.data):
                continue
            mark, ghost = _plan_mark(plan, ref), _ghost(plan, ref)
            marks[mark.id], marks[ghost.id] = mark, ghost
            links += [Link(ref, mark.id, "trigger"), Link(mark.id, ghost.id)]


def _listens_to(plan: Any, version: Any) -> bool:
    return any(query.matches(version) for query in plan.trigger.on)


def _plan_mark(plan: Any, beside: str) -> Mark:
    state = "armed: a new version starts it" if plan.is_active else "off: nothing starts it"
    return Mark(
        id=f"plan:{plan.name}|{beside}",
        kind="plan",
        title=plan.name,
        sub="armed" if plan.is_active else "off",
        tone="good" if plan.is_active else "plain",
        hover=f"trigger {plan.name}\n{listens(plan)}\n{state}",
        plan=plan.name,
        armed=bool(plan.is_active),
    )


def _ghost(plan: Any, ref: str) -> Mark:
    when = "on the next version" if plan.is_active else "not while off"
    return Mark(
        id=f"next:{plan.name}|{ref}",
        kind="execution",
        title=plan.workflow,
        sub=when,
        hover=f"{plan.workflow}\nwould run {when}",
        plan=plan.name,
        faded=True,
    )


def _mark(node: Any) -> Mark:
    data = node.data
    if node.kind == "version":
        return _version_mark(node.id, data)
    if node.kind == "value":
        text = f"{data.output}: {data.payload.type_name}"
        return Mark(id=node.id, kind="value", title=data.output, tone="value", hover=text)
    sub = data.kind if data.state == "succeeded" else f"{data.kind} · {data.state}"
    hover = f"{data.kind} {data.name}\n{data.state}\n{time_text(data.started_at)}\n{data.id}"
    return Mark(
        id=node.id,
        kind="execution",
        title=data.name,
        sub=sub,
        tone=tone_of(data.state),
        hover=hover,
    )


def _version_mark(ref: str, version: Any) -> Mark:
    state = "" if version.state == "live" else version.state
    parts = partitions_text(version)
    what = f"{version.kind} · {version.type_name} · {size_text(version.size)}"
    aliases = " ".join(f"@{alias}" for alias in version.aliases)
    about = (label(version), parts, what, time_text(version.created_at), aliases, state)
    return Mark(
        id=ref,
        kind="version",
        title=label(version),
        sub=" · ".join(filter(None, (state, aliases, parts))),
        tone=version.kind,
        hover="\n".join(filter(None, about)),
        faded=state in {"yanked", "purged"},
    )
