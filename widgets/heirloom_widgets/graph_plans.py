"""Plans on a drawing of lineage: where they fired, and where they listen.

A plan stands between the version that it heard and the execution that it started, once for
each that it started. Where a version at the edge of the picture is one that a plan listens
to, the plan stands there with a ghost of what it would start next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from heirloom_widgets.facts import listens
from heirloom_widgets.graph_marks import Link, Mark

__all__ = ["put_fired", "put_listening"]


def put_fired(
    marks: dict[str, Mark],
    links: list[Link],
    nodes: dict[str, Any],
    plans: dict[str, Any],
    root: Callable[[Any], Any],
) -> None:
    """Put each plan between the versions that fired it here and what it started."""
    for started, reached in _runs(nodes, root):
        if started.plan in plans:
            _put_one(marks, links, plans[started.plan], started, reached)


def _runs(nodes: dict[str, Any], root: Callable[[Any], Any]) -> Iterable[tuple[Any, list[str]]]:
    """Each outermost execution, with the nodes that are it or of it."""
    found: dict[str, tuple[Any, list[str]]] = {}
    for node in nodes.values():
        if node.kind == "execution":
            outermost = root(node.data)
            found.setdefault(outermost.id, (outermost, []))[1].append(node.id)
    return found.values()


def _put_one(
    marks: dict[str, Mark], links: list[Link], plan: Any, started: Any, reached: list[str]
) -> None:
    """Put the plan between the versions that fired it here and what it started."""
    fired = [ref for ref in started.triggered_by if ref in marks]
    direct = {link for link in links if link.source in fired and link.target in reached}
    mark = _plan_mark(plan, started.id, started.started_at.isoformat())
    marks[mark.id] = mark
    links[:] = [link for link in links if link not in direct]
    links += [Link(ref, mark.id, "trigger") for ref in fired]
    begun = dict.fromkeys(link.target for link in direct) or dict.fromkeys(reached)
    links += [Link(mark.id, node) for node in begun]


def put_listening(
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


def _plan_mark(plan: Any, beside: str, at: str = "") -> Mark:
    state = "armed: a new version starts it" if plan.is_active else "off: nothing starts it"
    return Mark(
        id=f"plan:{plan.name}|{beside}",
        kind="plan",
        title=plan.name,
        sub="armed" if plan.is_active else "off",
        tone="good" if plan.is_active else "plain",
        hover=f"trigger {plan.name}\n{listens(plan)}\n{state}",
        plan=plan.name,
        at=at,
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
