"""Executions as people get them: with versions and values, where records name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from heirloom.engine.looks import Edges, Looks
from heirloom.engine.payloads import Payloads
from heirloom.records import executions
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Execution", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Execution(executions.Execution):
    """One execution as it stands now: what the front gives.

    Attributes:
        inputs: By name, a version, or the plain value; of a nameless value that its record does
            not hold, a `Value`.
        outputs: The same.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)


def shown(looks: Looks, payloads: Payloads, recorded: executions.Execution) -> Execution:
    """The execution with the versions and values that its record names."""
    edges = Edges(looks.catalog.view())

    def one(name: str, bound: executions.Item | Payload) -> Any:
        item = (
            Value(execution_id=recorded.id, output=name, payload=bound)
            if isinstance(bound, Payload)
            else edges.record(bound.id)
        )
        if isinstance(item, ArtifactVersion):
            return looks.shown(item)
        return payloads.load(item.payload) if item and payloads.in_record(item.payload) else item

    facts = {each.name: getattr(recorded, each.name) for each in fields(recorded)}
    facts["inputs"] = {name: one(name, bound) for name, bound in recorded.inputs.items()}
    facts["outputs"] = {name: one(name, bound) for name, bound in recorded.outputs.items()}
    return Execution(**facts)
