"""The inputs of a triggered execution, seen from the version that fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heirloom.engine.resolve import Resolver, Wanted
from heirloom.records.binds import FiringTime, bind_from_doc
from heirloom.records.clauses import Clause
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion, Payload

__all__ = ["given_by", "wanted_by"]


def wanted_by(
    resolver: Resolver, target: Any, plan: LaunchPlanRecord, firing: ArtifactVersion
) -> Wanted:
    """What a plan gives its target when `firing` starts it.

    A default query that the firing version satisfies is that version, so that it never
    resolves to an older one; any other is asked as it stands.

    Raises:
        InputError: An input has no value, or one of another type.
    """
    defaults = {**target.defaults, **{name: given_by(s) for name, s in plan.defaults.items()}}
    met = {
        name
        for name, value in defaults.items()
        if isinstance(value, Query) and _meets(value, firing, plan.project)
    }
    trigger = {name: firing for name in met}
    if plan.trigger is not None:
        given = plan.trigger.inputs.items()
        trigger |= {name: _triggered(spec, firing, plan.project) for name, spec in given}
    return resolver.wanted(
        target.interface,
        {},
        defaults=defaults,
        fixed={name: given_by(spec) for name, spec in plan.fixed.items()},
        trigger=trigger,
    )


def given_by(spec: Mapping[str, Any]) -> Query | Payload:
    """An input of a plan as its record has it."""
    if "query" in spec:
        return Query.from_doc(spec["query"])
    return Payload.from_doc(spec["value"])


def _meets(query: Query, firing: ArtifactVersion, project: str) -> bool:
    return not query.binds and query.within(project).matches(firing)


def _triggered(spec: Mapping[str, Any], firing: ArtifactVersion, project: str) -> Any:
    if "firing" in spec:
        return firing
    conditions = firing.conditions
    if "bind" in spec:
        bind = bind_from_doc(spec["bind"])
        return bind.when(conditions) if isinstance(bind, FiringTime) else bind.value({}, conditions)
    value = given_by(spec)
    if not isinstance(value, Query):
        return value
    query = value.within(project).bind({}, conditions)
    if query.name != firing.name:
        return query
    query = _closed(query, conditions)
    return firing if query.matches(firing) else query


def _closed(query: Query, conditions: Mapping[str, str]) -> Query:
    """A query on the firing artifact: what it leaves open is the firing version's."""
    named = {clause.key for clause in query.clauses}
    rest = [Clause(key, "=", (value,)) for key, value in conditions.items() if key not in named]
    return replace(query, clauses=(*query.clauses, *rest))
