"""The inputs of a triggered execution, seen from the versions that fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heirloom.engine.resolve import Resolver, Wanted
from heirloom.errors import Unmet
from heirloom.records.binds import (
    Bind,
    FiringPartition,
    FiringTime,
    bind_from_doc,
    fired_partitions,
)
from heirloom.records.clauses import Clause
from heirloom.records.names import fold
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["given_by", "partitions_of", "wanted_by"]


Fired = Sequence[ArtifactVersion]
"""The versions that started a run: one, or one for each query of a plan that joins."""


def partitions_of(fired: Fired) -> Mapping[str, str]:
    """The partition values of what fired, as a `Bind` reads them."""
    return fired_partitions((version.name, version.conditions) for version in fired)


def wanted_by(resolver: Resolver, plan: LaunchPlanRecord, fired: Fired) -> Wanted:
    """What a plan gives to what it runs when `fired` start it, from its record alone.

    Precedence: fixed inputs, the trigger's, defaults. A default query that a firing version
    satisfies is that version, so that it never resolves to an older one; any other is asked as
    it stands.

    Raises:
        Unmet: An input is bound to a partition that the firing version has not.
    """
    wanted = Wanted()
    trigger = plan.trigger.inputs if plan.trigger is not None else {}
    for name, spec in {**plan.defaults, **trigger, **plan.fixed}.items():
        if name in trigger and name not in plan.fixed:
            value, how = _triggered(name, spec, plan, fired), "trigger"
        else:
            value, how = given_by(spec), "query"
            met = None if name in plan.fixed else _meeting(value, fired, plan.project)
            if met is not None:
                value, how = met, "trigger"
        if isinstance(value, Query):
            query = resolver.within(value)
            wanted.queries[name] = (query, how, bool(spec.get("optional")))
        else:
            wanted.slots[name] = resolver.slot_given(value, how)
    return wanted


def given_by(spec: Mapping[str, Any]) -> Query | Payload:
    """An input of a plan as its record has it."""
    if "query" in spec:
        return Query.from_doc(spec["query"])
    return Payload.from_doc(spec["value"])


def _meeting(value: Query | Payload, fired: Fired, project: str) -> ArtifactVersion | None:
    """The firing version that a default query is satisfied by."""
    if not isinstance(value, Query) or value.binds or value.each:
        return None
    return value.within(project).pick(fired)


def _triggered(name: str, spec: Mapping[str, Any], plan: LaunchPlanRecord, fired: Fired) -> Any:
    """The value that the trigger gives: a version, a query, a payload, a plain value."""
    try:
        if "firing" in spec:
            return _fired(spec["firing"], plan, fired)
        if "bind" in spec:
            return _bound(bind_from_doc(spec["bind"]), partitions_of(fired))
        value = given_by(spec)
        if not isinstance(value, Query):
            return value
        query = value.within(plan.project).bind({}, partitions_of(fired))
    except LookupError as error:
        first = fired[0]
        msg = f"Input {name!r} of plan {plan.name!r} needs partition {error}; {first!r} has none."
        raise Unmet(msg, name=first.name) from error
    same = _named(query.name, fired)
    if query.at is not None or same is None:
        return query
    query = _closed(query, _shared(fired, same))
    return same if query.matches(same) and not query.each else query


def _fired(artifact: str, plan: LaunchPlanRecord, fired: Fired) -> Any:
    """The version that fired, or all of a window; else the newest that is listened to."""
    if plan.trigger is not None and plan.trigger.window is not None:
        return list(fired)
    found = _named(artifact, fired)
    if found is not None or plan.trigger is None:
        return found
    return next(query for query in plan.trigger.on if fold(query.name) == fold(artifact))


def _bound(bind: Bind, firing: Mapping[str, str]) -> Any:
    match bind:
        case FiringTime():
            return bind.when(firing)
        case FiringPartition():
            return bind.native(firing)
    return bind.value({}, firing)


def _named(name: str, fired: Fired) -> ArtifactVersion | None:
    return next((version for version in fired if fold(version.name) == fold(name)), None)


def _shared(fired: Fired, same: ArtifactVersion) -> Mapping[str, str]:
    """The partition values that every firing version of that artifact has."""
    alike = [each.conditions.items() for each in fired if fold(each.name) == fold(same.name)]
    return dict(set.intersection(*map(set, alike)))


def _closed(query: Query, conditions: Mapping[str, str]) -> Query:
    """A query on the firing artifact: what it leaves open is the firing version's."""
    named = {*query.each, *(clause.key for clause in query.clauses)}
    rest = [Clause(key, "=", (value,)) for key, value in conditions.items() if key not in named]
    return replace(query, clauses=(*query.clauses, *rest))
