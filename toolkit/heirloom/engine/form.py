"""What a target takes now: its launch form, filled in from the catalog."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from heirloom.declare.launch import LaunchPlan
from heirloom.declare.specs import MISSING, InputSpec, as_query
from heirloom.declare.types import members_of_union, plain_type, spell
from heirloom.engine.fields import Field, Fitting, LaunchForm
from heirloom.engine.finding import find_each, find_version
from heirloom.engine.taking import may_be_of, takes, takes_any
from heirloom.engine.written import reads
from heirloom.errors import HeirloomError
from heirloom.records import search_tree
from heirloom.records.files import Directory, File
from heirloom.records.payloads import Payload
from heirloom.records.queries import Query
from heirloom.records.search_tree import AllOf, Negated, Node, OfTypes
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.catalog.protocol import Catalog
    from heirloom.engine.launching import Launching
    from heirloom.engine.targets import Named

__all__ = ["launch_form"]

_PAGE = 200
"""Versions that are asked of the catalog at once."""

_WIDGETS: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    datetime: "datetime",
    date: "date",
    File: "file",
    Directory: "file",
}

_AS_JSON = (list, dict, tuple, set, frozenset, bool, int, float, str, object, Any)
"""What a person may write as JSON, where no plainer way asks for it."""


def launch_form(launching: Launching, target: Any) -> LaunchForm:
    """The launch form of a target; nothing is written, and no query is resolved for good.

    Args:
        launching: How the session runs targets.
        target: As of `Launching.run`.
    """
    found = launching.targets.find(target)
    plain = _constants(launching, found)
    fields = tuple(
        _field(launching, found, spec, plain) for spec in found.target.interface.inputs.values()
    )
    plan = found.plan.name if found.plan is not None else None
    plan = target.name if isinstance(target, LaunchPlan) else plan
    return LaunchForm(name=found.target.name, kind=found.target.kind, plan=plan, fields=fields)


def _constants(launching: Launching, found: Named) -> dict[str, Any]:
    """Defaults and fixed inputs that are no queries, alive where the record has them."""
    payloads = launching.runner.payloads
    values = {**found.defaults, **found.fixed}
    return {
        name: payloads.load(value)
        if isinstance(value, Payload) and payloads.in_record(value)
        else value
        for name, value in values.items()
        if not isinstance(as_query(value), Query)
    }


def _field(
    launching: Launching,
    found: Named,
    spec: InputSpec,
    plain: Mapping[str, Any],
) -> Field:
    value = as_query({**found.defaults, **found.fixed}.get(spec.name, MISSING))
    query = launching.runner.resolver.within(value) if isinstance(value, Query) else None
    resolved, reason = _resolved(launching, query, plain) if query is not None else (None, None)
    kind, choices = _widget(spec.type)
    return Field(
        name=spec.name,
        type=spell(spec.type),
        widget="version" if query is not None else kind,
        required=value is MISSING or (query is not None and not (resolved or spec.optional)),
        fixed=spec.name in found.fixed,
        default=plain.get(spec.name),
        query=str(value) if isinstance(value, Query) else None,
        resolved=resolved,
        reason=reason,
        choices=choices,
        versions=Fitting(lambda: _fitting(launching, found, spec, query, resolved)),
        held=lambda value: spec.check(value, found.target.interface.owner),
        reads=lambda text: reads(text, spec.type),
    )


def _resolved(
    launching: Launching, query: Query, plain: Mapping[str, Any]
) -> tuple[ArtifactVersion | None, str | None]:
    view = launching.looks.catalog.view()
    try:
        bound = query.bind(plain, {})
    except LookupError as error:
        return None, f"It asks for {str(query.ref)!r}, and {error} has no value yet."
    try:
        version = find_each(view, bound)[0] if bound.each else find_version(view, bound)
        return launching.looks.shown(version), None
    except HeirloomError as error:
        return None, str(error)


def _fitting(
    launching: Launching,
    found: Named,
    spec: InputSpec,
    query: Query | None,
    resolved: ArtifactVersion | None,
) -> Iterator[ArtifactVersion]:
    """What fits: what the query means, its artifact's others, then those of other names."""
    hint = Any if takes_any(spec.type, found.target.kind) else spec.type
    for version in _offered(launching, hint, query, resolved):
        if takes(hint, version.payload, launching.runner.payloads):
            yield launching.looks.shown(version)


def _offered(
    launching: Launching, hint: Any, query: Query | None, resolved: ArtifactVersion | None
) -> Iterator[ArtifactVersion]:
    catalog, here = launching.looks.catalog, launching.looks.project
    fitting = OfTypes(tuple(name for name in catalog.type_names() if may_be_of(hint, name)))
    if query is None:
        yield from _found(catalog, fitting, here)
        return
    if resolved is not None:
        yield resolved
    named = search_tree.Field("name", query.name)
    own = _found(catalog, AllOf((named, fitting)), query.project or here)
    yield from (each for each in own if resolved is None or each.ref != resolved.ref)
    others = AllOf((Negated(named), fitting)) if query.project == here else fitting
    yield from _found(catalog, others, here)


def _found(catalog: Catalog, node: Node, project: str) -> Iterator[ArtifactVersion]:
    """What a search finds, the newest first, a page at a time."""
    cursor = None
    while True:
        page, cursor, _ = catalog.search(node, project=project, limit=_PAGE, cursor=cursor)
        yield from page
        if cursor is None:
            return


def _widget(hint: Any) -> tuple[str, tuple[Any, ...]]:
    """What asks for a value of a type, and what it offers."""
    hint = plain_type(hint)
    members = [each for each in members_of_union(hint) or (hint,) if each is not type(None)]
    if len(members) != 1:
        return ("json" if all(map(_is_json, members)) else "version"), ()
    (hint,) = members
    if get_origin(hint) is Literal:
        return "choice", get_args(hint)
    if hint not in _WIDGETS and _is_json(hint):
        return "json", ()
    if not isinstance(hint, type):
        return "version", ()
    if issubclass(hint, enum.Enum):
        return "choice", tuple(hint)
    known = (widget for kind, widget in _WIDGETS.items() if issubclass(hint, kind))
    return next(known, "version"), ()


def _is_json(hint: Any) -> bool:
    return (get_origin(hint) or hint) in _AS_JSON
