"""What an emitting cell would make, read and start; nothing of it runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from heirloom.declare.launch import LaunchPlan
from heirloom.engine.cell_order import Order
from heirloom.engine.preview import Preview
from heirloom.errors import ArtifactNotFound
from heirloom.render import events_of
from heirloom.render.listing import Listing
from heirloom.session import Session

__all__ = ["made", "started"]


def made(session: Session, order: Order, plan: LaunchPlan | None) -> Listing:
    """What the line of a cell asks for, as rows of what it would do.

    Raises:
        NotFound: An input has no version.
    """
    output = order.output
    project = output.artifact.project or session.project
    number = session.catalog.view().latest_number(project, order.name) + 1
    options = [
        *(["a draft"] if output.draft else []),
        *([f"as {output.format}"] if output.format else []),
        *(["with a card"] if order.card else []),
        *(["unless an equal run made it"] if order.cache else []),
    ]
    emitted = ", ".join([str(replace(output.ref, at=number)), *options])
    rows = [("emit", emitted)]
    rows += [("read", f"{session.get(ref).label}, as {x}") for x, ref in order.inputs.items()]
    if plan is not None and plan.trigger is not None:
        names = (str(query.ref) for query in plan.trigger.queries)
        on = events_of(names, plan.trigger.condition)
        new = "new content" if plan.trigger.when == "change" else "a new version"
        rows.append(("run again", f"by plan {plan.name}, on {new} of {on}"))
    return Listing(f"%%artifact {output.ref} would", ("", ""), tuple(rows))


def started(session: Session, order: Order, plan: LaunchPlan | None) -> list[Preview]:
    """What the version would start, then what the cell's own plan would from then on.

    Of a draft, and of what nothing can listen to yet, there is only the second.
    """
    found = []
    if not order.output.draft:
        with suppress(ArtifactNotFound):
            found.append(session.preview(order.output.ref))
    return [*found, plan.preview()] if plan is not None else found
