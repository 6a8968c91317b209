"""The inputs of a triggered execution, seen from the version that fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heirloom.engine.resolve import Resolver, Wanted
from heirloom.errors import Unmet
from heirloom.records.binds import Bind, FiringTime, bind_from_doc
from heirloom.records.clauses import Clause
from heirloom.records.names import fold
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["given_by", "wanted_by"]


def wanted_by(resolver: Resolver, plan: LaunchPlanRecord, firing: ArtifactVersion) -> Wanted:
    """What a plan gives to what it runs when `firing` starts it, from its record alone.

    Precedence: fixed inputs, the trigger's, defaults. A default query that the firing version
    satisfies is that version, so that it never resolves to an older one; any other is asked as
    it stands.

    Raises:
        Unmet: An input is bound to a partition that the firing version has not.
    """
    wanted = Wanted()
    trigger = plan.trigger.inputs if plan.trigger is not None else {}
    for name, spec in {**plan.defaults, **trigger, **plan.fixed}.items():
        if name in trigger and name not in plan.fixed:
            value, how = _triggered(name, spec, plan, firing), "trigger"
        else:
            value, how = given_by(spec), "query"
            if name not in plan.fixed and _meets(value, firing, plan.project):
                value, how = firing, "trigger"
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


def _meets(value: Query | Payload, firing: ArtifactVersion, project: str) -> bool:
    if not isinstance(value, Query) or value.binds:
        return False
    return value.within(project).matches(firing)


def _triggered(
    name: str, spec: Mapping[str, Any], plan: LaunchPlanRecord, firing: ArtifactVersion
) -> Any:
    """The value that the trigger gives: a version, a query, a payload, a plain value."""
    try:
        if "firing" in spec:
            return _fired(spec["firing"], plan, firing)
        if "bind" in spec:
            return _bound(bind_from_doc(spec["bind"]), firing.conditions)
        value = given_by(spec)
        if not isinstance(value, Query):
            return value
        query = value.within(plan.project).bind({}, firing.conditions)
    except LookupError as error:
        msg = f"Input {name!r} of plan {plan.name!r} needs partition {error}; {firing!r} has none."
        raise Unmet(msg, name=firing.name) from error
    if query.at is not None or not _same_name(query.name, firing):
        return query
    query = _closed(query, firing.conditions)
    return firing if query.matches(firing) else query


def _fired(artifact: str, plan: LaunchPlanRecord, firing: ArtifactVersion) -> Any:
    """The version that fired; of another artifact listened to, the newest that is listened to."""
    if plan.trigger is None or _same_name(artifact, firing):
        return firing
    return next(query for query in plan.trigger.on if query.name == artifact)


def _bound(bind: Bind, conditions: Mapping[str, str]) -> Any:
    return bind.when(conditions) if isinstance(bind, FiringTime) else bind.value({}, conditions)


def _same_name(name: str, firing: ArtifactVersion) -> bool:
    return fold(name) == fold(firing.name)


def _closed(query: Query, conditions: Mapping[str, str]) -> Query:
    """A query on the firing artifact: what it leaves open is the firing version's."""
    named = {clause.key for clause in query.clauses}
    rest = [Clause(key, "=", (value,)) for key, value in conditions.items() if key not in named]
    return replace(query, clauses=(*query.clauses, *rest))
