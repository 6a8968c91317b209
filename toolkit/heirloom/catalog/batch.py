"""What one transaction adds to the catalog, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["Batch", "Committed"]


@dataclass(slots=True)
class Batch:
    """Records to write together, or not at all.

    Attributes:
        declarations: New versions of declarations.
        versions: New versions, numbered by ``view.number``.
        executions: New ones, or the present state of known ones.
        plans: New versions of plans.
        switches: Their present position.
        rows: New ledger rows, or the present state of known ones.
        marks: What is said of versions.
        stores: New ones, or where known ones lie now.
        codes: Source closures by digest; what is known is passed over.
        fence: Root id and attempt: only while that attempt is the one that runs.
    """

    declarations: list[Declaration] = field(default_factory=list)
    versions: list[ArtifactVersion] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    plans: list[LaunchPlanRecord] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    rows: list[LedgerRow] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    stores: list[StoreRecord] = field(default_factory=list)
    codes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    fence: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What a transaction wrote.

    Attributes:
        versions: With their numbers.
        executions: As written, those that the decision added included.
        rows: As written.
        sequence: The catalog's position after it.
    """

    versions: tuple[ArtifactVersion, ...] = ()
    executions: tuple[Execution, ...] = ()
    rows: tuple[LedgerRow, ...] = ()
    sequence: int = 0
