"""From what a body returned to the versions that it emits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import Creation, Emits
from heirloom.engine.declaring import Declarations, emitted
from heirloom.engine.frame import Place
from heirloom.errors import DeclarationError, PartitionError
from heirloom.records.binds import Bind
from heirloom.records.clock import now
from heirloom.records.declarations import Declaration
from heirloom.records.names import canonical, parse_moment
from heirloom.records.payloads import Payload
from heirloom.records.periods import truncated
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Emission", "bound_by", "claim_creation", "emission_of", "unclaimed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """One output that becomes a version, all but its number known.

    Attributes:
        kind: The version's; empty for what its card says, else its type.
        declares: Whether it declares its keys where the artifact is new and names none.
    """

    artifact: Artifact
    output: str
    payload: Payload
    partitions: Mapping[str, str]
    time_partition: datetime | None = None
    card: Card | None = None
    attachments: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    draft: bool = False
    declares: bool = False

    def declared(
        self,
        view: Declarations,
        project: str,
        user: str,
        author: Callable[[], str] | None = None,
    ) -> tuple[Declaration, bool]:
        """The declaration that it is an emission of, and whether that is new.

        Raises:
            DeclarationError: The name is declared with other keys, or is another's.
        """
        found, new = emitted(view, self.artifact, project, user, author)
        if new and self.declares and self.artifact.refers and found.version == 1:
            granularity = "day" if self.time_partition else None
            found = replace(found, keys=tuple(self.partitions), granularity=granularity)
        return found, new

    def version(self, place: Place, declaration: Declaration, user: str) -> ArtifactVersion:
        """The version as it will stand, number aside.

        Raises:
            PartitionError: Partitions are not those that are declared.
        """
        partitions = declaration.checked(self.partitions)
        when = self.time_partition
        if (when is not None) != (declaration.granularity is not None):
            has = "needs a time_partition" if when is None else "is not time partitioned"
            msg = f"Artifact {self.artifact.name!r} {has}."
            raise PartitionError(msg)
        kind = self.kind or (self.card.kind if self.card else "") or self.payload.kind
        return ArtifactVersion(
            project=declaration.project,
            name=declaration.name,
            version=0,
            payload=replace(self.payload, kind=kind),
            partitions=partitions,
            time_partition=truncated(when, declaration.granularity) if when else None,
            created_at=now(),
            created_by=user,
            execution_id=place.execution_id,
            root_id=place.root_id,
            path=place.path,
            output=self.output,
            card=self.card,
            attachments=self.attachments,
            state="draft" if self.draft else "live",
        )


def claim_creation(creations: list[Creation], artifact: Artifact, value: Any) -> Creation | None:
    """What ``create_from`` said of this very value under this artifact; it is used up."""
    for at, creation in enumerate(creations):
        if creation.artifact.name == artifact.name and creation.value is value:
            return creations.pop(at)
    return None


def bound_by(emits: Emits, inputs: Mapping[str, Any]) -> tuple[dict[str, str], datetime | None]:
    """The partition values and the time that an annotation binds, of a run with these inputs.

    Raises:
        PartitionError: A bound input is no scalar.
        DeclarationError: A bound input has a value that is not in the record.
    """
    bound: dict[str, str] = {}
    when: datetime | None = None
    for key, value in emits.bindings.items():
        if isinstance(value, Bind):
            try:
                value = value.value(inputs, {})
            except KeyError as error:
                msg = f"Partition {key!r} of {emits.artifact.name!r} needs input {error}, a scalar."
                raise DeclarationError(msg) from error
        if key == "time_partition":
            when = parse_moment(canonical(value, key))
        else:
            bound[key] = canonical(value, key, emits.artifact.types.get(key, "str"))
    return bound, when


def emission_of(
    emits: Emits,
    output: str,
    payload: Payload,
    creation: Creation | None,
    inputs: Mapping[str, Any],
) -> Emission:
    """Bring together the annotation's bindings and what ``create_from`` said.

    Raises:
        HeirloomError: As `bound_by`.
    """
    bound, when = bound_by(emits, inputs)
    if creation is None:
        return Emission(
            artifact=emits.artifact,
            output=output,
            payload=payload,
            partitions=bound,
            time_partition=when,
        )
    return Emission(
        artifact=emits.artifact,
        output=output,
        payload=payload,
        partitions={**bound, **creation.partitions},
        time_partition=creation.time_partition or when,
        card=creation.card,
        attachments=creation.attachments,
        kind=creation.kind,
        draft=creation.draft,
    )


def unclaimed(creations: Iterable[Creation], owner: str) -> None:
    """Refuse what ``create_from`` promised and the body did not return.

    Raises:
        DeclarationError: Something is left; no run is green while a promised artifact is absent.
    """
    for creation in creations:
        msg = (
            f"{owner!r} said {creation.artifact.name}.create_from(…), but did not return that "
            f"value under an output annotated with {creation.artifact.name!r}."
        )
        raise DeclarationError(msg)
