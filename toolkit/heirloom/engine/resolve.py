"""The inputs of an execution, from what was given, the trigger, the plan and the defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.interface import Interface
from heirloom.declare.specs import as_query, is_of_versions
from heirloom.engine.finding import Lookup, find_each, find_version, warn_of_unknown, with_types
from heirloom.engine.known import Known
from heirloom.engine.looks import Page
from heirloom.engine.parts import Parts
from heirloom.engine.payloads import Payloads
from heirloom.engine.slots import Slot
from heirloom.errors import CodecError, InputError, Unmet
from heirloom.records.executions import Item
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Resolver", "Wanted"]


@dataclass(slots=True)
class Wanted:
    """What each input is to be, before the catalog is asked.

    `slots` are decided; `queries` are asked for in the transaction that starts the first
    attempt, each with the label of its edge and whether `None` will do.
    """

    slots: dict[str, Slot] = field(default_factory=dict)
    queries: dict[str, tuple[Query, str, bool]] = field(default_factory=dict)


class Resolver:
    """Turns what callers give into slots; holds no state of a run."""

    def __init__(self, payloads: Payloads, known: Known, project: Callable[[], str]) -> None:
        self.payloads = payloads
        self.known = known
        self._project = project

    def slot_of(self, value: Any, name: str = "") -> Slot:
        """A live value as a slot: the item that it is known as, or a payload of its own.

        One that is called `name`, or looks, as a secret does stays out of the record.

        What was changed since it became known is no longer that item, but came from it.
        """
        found = self.known.find(value)
        if found is None:
            payload = self.payloads.save_or_alive(value, name)
            return Slot(payload, payload, value, within=self.known.inside(value))
        if found.payload.format == "alive" or found.payload.link is not None:
            return replace(found, alive=value)
        payload = self._saved_as(value, found.payload.format)
        if payload.digest == found.payload.digest:
            return replace(found, alive=value)
        items = found.items.items()
        origin = {replace(item, how="derived"): payload for item, payload in items}
        return Slot(payload, payload, value, within=origin)

    def _saved_as(self, value: Any, format: str) -> Payload:
        try:
            return self.payloads.save(value, format=format)
        except CodecError:  # it was pulled in another form than it is kept in
            return self.payloads.save_or_alive(value)

    def know(self, value: Any, slot: Slot) -> None:
        """Know a value, and what is inside of it, as what it came as."""
        self.known.remember(value, slot)
        if slot.within:
            parts = Parts(slot, self.payloads)
            for member, payload in self.payloads.paired(value, slot.payload):
                self.known.remember(member, parts.slot_of(payload))

    def slot_of_version(self, version: ArtifactVersion, how: str) -> Slot:
        """A version as a slot."""
        return Slot(Item(version.ref, how), version.payload, ABSENT, version)

    def slot_of_versions(self, versions: Sequence[ArtifactVersion], how: str) -> Slot:
        """Several versions as the list of their payloads, none of which is loaded."""
        payload = self.payloads.collect(list(versions), lambda version: version.payload)
        return Slot(
            payload, payload, within={Item(each.ref, how): each.payload for each in versions}
        )

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
        if not isinstance(value, ArtifactVersion):
            asked = as_query(value, spec.type)
            if isinstance(asked, Query):
                label = "query" if isinstance(value, Artifact | Query) else how
                wanted.queries[name] = (self.within(asked), label, spec.optional)
                return
        if not (isinstance(value, Slot | Payload | Page) or is_of_versions(value)):
            spec.check(value, interface.owner)
        wanted.slots[name] = self.slot_given(value, how, name)

    def slot_given(self, value: Any, how: str, name: str = "") -> Slot:
        """What was given for an input as a slot: a slot, a version, a payload, a live value."""
        if isinstance(value, Slot):
            return value
        if isinstance(value, ArtifactVersion):
            return self.slot_of_version(value, how)
        if isinstance(value, Page) or is_of_versions(value):
            return self.slot_of_versions(list(value), how)
        return Slot(value, value) if isinstance(value, Payload) else self.slot_of(value, name)

    def within(self, query: Query) -> Query:
        """The query in the session's project, where it names none."""
        return query.within(self._project())

    def settle(
        self, view: Lookup, wanted: Wanted, firing: Mapping[str, str] | None = None
    ) -> dict[str, Slot]:
        """Ask the catalog for what is still open; every slot, by input.

        Args:
            view: The catalog at one moment.
            wanted: The inputs.
            firing: Partition values of what fired, where a claim starts the run.

        Raises:
            Unmet: A query finds nothing, and `None` will not do.
        """
        slots = dict(wanted.slots)
        plain = self.plain(slots)
        for name, (query, how, optional) in wanted.queries.items():
            try:
                bound = query.bind(plain, firing or {})
            except LookupError as error:
                msg = f"Input {name!r} asks for {str(query.ref)!r}, but {error} has no value here."
                raise Unmet(msg, name=query.name) from error
            version = view.resolve(with_types(view, bound))
            if version is not None and bound.each:
                slots[name] = self.slot_of_versions(find_each(view, bound), how)
            elif version is not None:
                slots[name] = self.slot_of_version(version, how)
            elif optional:
                warn_of_unknown(view, bound)
                nothing = self.payloads.save(None)
                slots[name] = Slot(nothing.unmet(how), nothing, None)
            else:
                find_version(view, replace(bound, each=()))
        return slots

    def plain(self, slots: Mapping[str, Slot]) -> dict[str, Any]:
        """The values that stand in the records themselves: what ``Inputs.x`` can read."""
        return {
            name: slot.alive if slot.alive is not ABSENT else self.payloads.load(slot.payload)
            for name, slot in slots.items()
            if self.payloads.in_record(slot.payload)
        }
