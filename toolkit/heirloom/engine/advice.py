"""What is said of a plan that may stand, and is perhaps not meant so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heirloom.callers import warn_caller
from heirloom.catalog.protocol import View
from heirloom.declare.interface import Interface
from heirloom.declare.types import spell
from heirloom.engine.expected import emitted_by
from heirloom.engine.firing import given_by
from heirloom.engine.payloads import Payloads
from heirloom.engine.taking import takes
from heirloom.errors import LoopWarning, did_you_mean
from heirloom.react.circles import Circle, Name, circle
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query

__all__ = ["advice", "circle_of", "misfits", "warn_of_endless"]


def advice(view: View, plan: LaunchPlanRecord) -> str:
    """What its author may not have meant, in words; mostly empty."""
    if plan.trigger is None:
        return ""
    found = [_undeclared(view, plan, query) for query in plan.trigger.on]
    found += [_wider(plan, query) for query in plan.trigger.on]
    return "; ".join(filter(None, found))


def misfits(view: View, plan: LaunchPlanRecord, interface: Interface, payloads: Payloads) -> str:
    """The first input that what is there now would not fit, in words.

    It is no error: the type of a version is its own, and the next one may fit.
    """
    trigger = plan.trigger.inputs if plan.trigger is not None else {}
    for name, spec in {**plan.defaults, **trigger, **plan.fixed}.items():
        query = _asked(plan, spec)
        version = view.resolve(query.within(plan.project)) if query is not None else None
        hint = interface.inputs[name].type
        if version is not None and not takes(hint, version.payload, payloads):
            has = f"{version.name}@{version.version} is {version.type_name}"
            return f"input {name!r} takes {spell(hint)}, and {has}"
    return ""


def _asked(plan: LaunchPlanRecord, spec: Mapping[str, Any]) -> Query | None:
    """What an input asks for, as far as it is known before anything fires."""
    if "firing" in spec and plan.trigger is not None:
        if plan.trigger.window is not None:
            return None
        return next(each for each in plan.trigger.on if fold(each.name) == fold(spec["firing"]))
    value = given_by(spec) if "query" in spec else None
    if not isinstance(value, Query) or value.binds or value.each:
        return None
    return value


def circle_of(view: View, plan: LaunchPlanRecord) -> Circle | None:
    """The circle of active plans that `plan` closes, by what their code and past runs emit."""
    emits = {(plan.project, plan.name): emitted_by(view, plan)}
    for switch in view.switches():
        other = view.plan(switch.project, switch.plan, switch.version)
        if switch.active and other is not None:
            emits.setdefault((other.project, other.name), emitted_by(view, other))
    return circle(plan, emits)


def warn_of_endless(found: Circle) -> None:
    """Warn, once and by name, of plans that start each other for ever."""
    if found.limit is None:
        warn_caller(f"{found}. One max_depth would stop it.", LoopWarning)


def _undeclared(view: View, plan: LaunchPlanRecord, query: Query) -> str:
    project = query.project or plan.project
    if view.declaration(project, query.name) is not None:
        return ""
    near = did_you_mean(query.name, [each.name for each in view.declarations(project)])
    return f"there is no {query.name!r} yet.{near}" if near else f"there is no {query.name!r} yet"


def _wider(plan: LaunchPlanRecord, on: Query) -> str:
    """What to say where a plan is started by versions that none of its inputs takes."""
    trigger = plan.trigger.inputs if plan.trigger is not None else {}
    specs = {**plan.defaults, **trigger, **plan.fixed}.values()
    if any(fold(spec.get("firing", "")) == fold(on.name) for spec in specs):
        return ""
    asked = [given_by(spec) for spec in specs if "query" in spec]
    reads = [q for q in asked if isinstance(q, Query) and _same_artifact(plan, q, on)]
    if not reads or not all(set(query.clauses) - set(on.clauses) for query in reads):
        return ""
    return (
        f"listens to {on}, and reads {reads[0]}: any other version starts it on an older one. "
        "Listen to that query to be started by what is read"
    )


def _same_artifact(plan: LaunchPlanRecord, query: Query, on: Query) -> bool:
    def name(each: Query) -> Name:
        return each.project or plan.project, fold(each.name)

    return name(query) == name(on) and query.at is None and not query.binds
