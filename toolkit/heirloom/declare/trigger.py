"""What starts a plan: new versions of artifacts, and what the run is then given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.interface import as_query
from heirloom.errors import DeclarationError, NotSupported
from heirloom.records.binds import FiringPartition, FiringTime, Input
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["Firing", "OnArtifact"]

CONDITIONS = ("any",)
WHENS = ("version", "change")


@dataclass(frozen=True, slots=True)
class Firing:
    """In a trigger's inputs: the version of `artifact` that fired."""

    artifact: str


@dataclass(frozen=True)
class OnArtifact:
    """Start on every new version of an artifact, or of those that a query matches.

    Attributes:
        trigger_on: An artifact or a query; or several.
        inputs: By input of the workflow: the artifact itself (the version that fired), a
            query (asked when it fires; what it leaves open of the same artifact is the
            firing version's), ``artifact.partitions.key``, ``artifact.time_partition``
            plus or minus a timedelta, or a constant.
        condition: ``any``.
        when: ``version``: every version fires; ``change``: only one whose payload,
            partitions, kind or card differ from the last that this plan fired on.
        max_depth: Triggered executions in one chain; `None` for ever.
    """

    trigger_on: Any
    inputs: Mapping[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    condition: str = "any"
    when: str = "version"
    max_depth: int | None = 25

    def __post_init__(self) -> None:
        if self.condition not in CONDITIONS:
            msg = f"condition is {' or '.join(map(repr, CONDITIONS))}; got {self.condition!r}."
            raise NotSupported(msg)
        if self.when not in WHENS:
            msg = f"when is 'version' or 'change'; got {self.when!r}."
            raise DeclarationError(msg)
        if self.max_depth is not None and self.max_depth < 1:
            msg = f"max_depth is at least 1, or None for ever; got {self.max_depth}."
            raise DeclarationError(msg)
        if not self.queries:
            msg = "A trigger needs at least one artifact or query."
            raise DeclarationError(msg)

    @property
    def queries(self) -> tuple[Query, ...]:
        """What is listened to."""
        several = self.trigger_on
        if isinstance(several, str) or not isinstance(several, Sequence):
            several = [several]
        queries = tuple(map(_listened, several))
        for query in queries:
            if query.at is not None or query.binds:
                msg = f"A trigger listens to versions yet to come; {str(query)!r} names one."
                raise DeclarationError(msg)
        return queries

    def input_spec(self, name: str) -> Any:
        """The value of one input: a `Firing`, a `Query`, a `Bind` or a constant."""
        value = self.inputs[name]
        listened = {query.name for query in self.queries}
        if isinstance(value, Artifact) and value.name in listened and value.version is None:
            return Firing(value.name)
        value = as_query(value)
        binds = value.binds if isinstance(value, Query) else (value,)
        for bind in binds:
            if isinstance(bind, Input):
                msg = f"Trigger input {name!r} uses {bind}: a triggered run has no caller's inputs."
                raise DeclarationError(msg)
            foreign = isinstance(bind, FiringPartition | FiringTime) and (
                bind.artifact not in listened
            )
            if foreign:
                msg = (
                    f"Trigger input {name!r} refers to {bind}, which this trigger does not "
                    f"listen to. It listens to {sorted(listened)}."
                )
                raise DeclarationError(msg)
        return value

    def __heirloom_source__(self) -> str:
        on = [query.__heirloom_source__() for query in self.queries]
        inputs = {
            n: getattr(v, "__heirloom_source__", v.__repr__)() for n, v in self.inputs.items()
        }
        pairs = ", ".join(f"{name!r}: {text}" for name, text in inputs.items())
        return (
            f"heirloom.OnArtifact(trigger_on=[{', '.join(on)}], inputs={{{pairs}}}, "
            f"condition={self.condition!r}, when={self.when!r}, max_depth={self.max_depth!r})"
        )


def _listened(value: Any) -> Query:
    if isinstance(value, Artifact):
        return value.query()
    if isinstance(value, Query):
        return value
    if isinstance(value, Ref):
        return Query.of(value)
    msg = f"A trigger is on an artifact or a query; got a {type(value).__name__}."
    raise DeclarationError(msg)
