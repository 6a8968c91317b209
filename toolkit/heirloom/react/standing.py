"""What decisions ask of a catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Recorded", "Standing"]


class Standing(Protocol):
    """What decisions ask of the catalog, all of one moment."""

    def listening(self, project: str, name: str) -> Sequence[tuple[LaunchPlanRecord, Switch]]:
        """Plans that were ever activated and listen to that artifact, by active version."""
        ...

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int,
    ) -> ArtifactVersion | None:
        """The newest version below a number, of these partition values, that this plan fired on."""
        ...

    def ledger(self, *, plan: str, project: str, ref: str) -> Sequence[LedgerRow]:
        """The rows of one event at a plan, that of its newest version first."""
        ...

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> Sequence[LedgerRow]:
        """The rows that wait in a plan's lane, the oldest event first."""
        ...

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        ...

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        ...

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        ...

    def execution(self, id: str) -> Execution | None:
        """The execution of that id."""
        ...


class Recorded(Standing, Protocol):
    """What imagining asks of the catalog beyond what a decision does."""

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's newest version, or that one."""
        ...

    def versions(self, query: Query) -> Sequence[ArtifactVersion]:
        """Every version that a query may give, the newest first."""
        ...
