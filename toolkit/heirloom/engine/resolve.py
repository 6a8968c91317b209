"""The inputs of an execution, from what was given, the trigger, the plan and the defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from heirloom.declare.artifact import Artifact
from heirloom.declare.interface import Interface, as_query
from heirloom.engine.known import Known
from heirloom.engine.payloads import Payloads
from heirloom.engine.slots import Slot
from heirloom.errors import (
    ArtifactNotFound,
    CodecError,
    InputError,
    Unmet,
    VersionNotFound,
    did_you_mean,
)
from heirloom.records.executions import Item
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.queries import Query
from heirloom.records.refs import SCHEME, Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["Lookup", "Resolver", "Wanted", "find_version", "with_types"]


class Lookup(Protocol):
    """What resolving asks of the catalog, at one moment."""

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        ...

    def declarations(self, project: str | None = None) -> list[Any]:
        """What is declared, for the nearest names."""
        ...

    def declaration(self, project: str, name: str) -> Any:
        """The newest declaration of a name."""
        ...


@dataclass(slots=True)
class Wanted:
    """What each input is to be, before the catalog is asked.

    `slots` are decided; `queries` are asked for in the transaction that starts the first
    attempt, each with the label of its edge and whether `None` will do.
    """

    slots: dict[str, Slot] = field(default_factory=dict)
    queries: dict[str, tuple[Query, str, bool]] = field(default_factory=dict)


def find_version(view: Lookup, query: Query) -> ArtifactVersion:
    """The version that `query` means.

    Raises:
        ArtifactNotFound: The catalog has no artifact of that name; the nearest are named.
        VersionNotFound: The number or alias does not exist.
        Unmet: No version meets the conditions.
        VersionNotFound: The pinned version does not meet the conditions beside it.
    """
    found = view.resolve(with_types(view, query))
    if found is not None:
        return found
    project = query.project or ""
    if view.declaration(project, query.name) is None:
        known = [declaration.name for declaration in view.declarations(project)]
        near = did_you_mean(query.name, known)
        msg = (
            f"No artifact named {query.name!r} in project {project!r}.{near} %artifacts lists them."
        )
        raise ArtifactNotFound(msg, name=query.name)
    asked = str(replace(query, project=None))
    if query.number is not None or query.alias is not None:
        beside = " meets the conditions beside it" if query.clauses else " exists"
        msg = f"No version {asked!r}: {query.name!r} is known, no such number or alias{beside}."
        raise VersionNotFound(msg, name=query.name)
    msg = f"No version meets {asked!r}. %artifacts name={query.name} shows what there is."
    raise Unmet(msg, name=query.name)


def with_types(view: Lookup, query: Query) -> Query:
    """`query` with the declared types that its ranges are compared by."""
    ranged = any(clause.op in {"<", "<=", ">", ">="} for clause in query.clauses)
    if not ranged or query.types:
        return query
    declaration = view.declaration(query.project or "", query.name)
    types = {**declaration.types, "time": "datetime"} if declaration else {}
    return replace(query, types=types)


class Resolver:
    """Turns what callers give into slots; holds no state of a run."""

    def __init__(self, payloads: Payloads, known: Known, project: Callable[[], str]) -> None:
        self.payloads = payloads
        self.known = known
        self._project = project

    def slot_of(self, value: Any) -> Slot:
        """A live value as a slot: the item that it is known as, or a payload of its own.

        What was changed since it became known is no longer that item, but came from it.
        """
        found = self.known.find(value)
        if found is None:
            payload = self.payloads.save_or_alive(value)
            return Slot(payload, payload, value, within=self.known.inside(value))
        if found.payload.format == "alive" or found.payload.link is not None:
            return replace(found, alive=value)
        payload = self._saved_as(value, found.payload.format)
        if payload.digest == found.payload.digest:
            return replace(found, alive=value)
        origin = tuple(replace(item, how="derived") for item in found.items)
        return Slot(payload, payload, value, within=origin)

    def _saved_as(self, value: Any, format: str) -> Payload:
        try:
            return self.payloads.save(value, format=format)
        except CodecError:  # it was pulled in another form than it is kept in
            return self.payloads.save_or_alive(value)

    def slot_of_version(self, version: ArtifactVersion, how: str) -> Slot:
        """A version as a slot."""
        return Slot(Item(version.ref, how), version.payload, ABSENT, version)

    def wanted(
        self,
        interface: Interface,
        given: Mapping[str, Any],
        *,
        defaults: Mapping[str, Any],
        fixed: Mapping[str, Any] | None = None,
    ) -> Wanted:
        """Decide every input by precedence: fixed, given, defaults.

        Raises:
            InputError: An input is missing, or of another type, or a fixed one is given.
        """
        fixed = fixed or {}
        for name in given:
            if name in fixed:
                msg = f"Input {name!r} of {interface.owner!r} is fixed and cannot be given."
                raise InputError(msg, name=name)
        wanted = Wanted()
        for name in interface.inputs:
            for layer, how in ((fixed, "declared"), (given, "declared"), (defaults, "query")):
                if name in layer:
                    self._want(wanted, interface, name, layer[name], how)
                    break
            else:
                raise interface.missing(name)
        return wanted

    def _want(self, wanted: Wanted, interface: Interface, name: str, value: Any, how: str) -> None:
        spec = interface.inputs[name]
        if isinstance(value, str) and value.startswith(SCHEME) and spec.type is not str:
            value = Ref.parse(value)
        if isinstance(value, Artifact | Ref | Query):
            label = "query" if how == "declared" and not isinstance(value, Ref) else how
            wanted.queries[name] = (self.within(as_query(value)), label, spec.optional)
            return
        if not isinstance(value, Slot | ArtifactVersion | Payload):
            spec.check(value, interface.owner)
        wanted.slots[name] = self.slot_given(value, how)

    def slot_given(self, value: Any, how: str) -> Slot:
        """What was given for an input as a slot: a slot, a version, a payload, a live value."""
        if isinstance(value, Slot):
            return value
        if isinstance(value, ArtifactVersion):
            return self.slot_of_version(value, how)
        return Slot(value, value) if isinstance(value, Payload) else self.slot_of(value)

    def within(self, query: Query) -> Query:
        """The query in the session's project, where it names none."""
        return query.within(self._project())

    def settle(self, view: Lookup, wanted: Wanted, firing: Mapping[str, str]) -> dict[str, Slot]:
        """Ask the catalog for what is still open; every slot, by input.

        Raises:
            Unmet: A query finds nothing, and `None` will not do.
        """
        slots = dict(wanted.slots)
        plain = self.plain(slots)
        for name, (query, how, optional) in wanted.queries.items():
            try:
                bound = query.bind(plain, firing)
            except LookupError as error:
                msg = f"Input {name!r} asks for {str(query.ref)!r}, but {error} has no value here."
                raise Unmet(msg, name=query.name) from error
            version = view.resolve(with_types(view, bound))
            if version is not None:
                slots[name] = self.slot_of_version(version, how)
            elif optional:
                slots[name] = self.slot_of(None)
            else:
                find_version(view, bound)
        return slots

    def plain(self, slots: Mapping[str, Slot]) -> dict[str, Any]:
        """The values that stand in the records themselves: what ``Inputs.x`` can read."""
        return {
            name: slot.alive if slot.alive is not ABSENT else self.payloads.load(slot.payload)
            for name, slot in slots.items()
            if slot.payload.inline
        }
