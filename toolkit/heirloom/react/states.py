"""The one table of what a ledger row may be, and the only code that gives it a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime

from heirloom.errors import CatalogError
from heirloom.records.ledger import WAITS, LedgerRow
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["MOVES", "OPENINGS", "Verdict", "dated", "move", "opened", "stay"]

OPENINGS = frozenset({"queued", "waiting", "paused", "filtered", "unchanged", "loop-stopped"})
MOVES: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"queued", "coalesced", "superseded", "skipped"}),
    "queued": frozenset({"unmet"}),
    "paused": frozenset({"queued", "waiting", "skipped"}),
}
"""From an open state to those that may follow. A slot is waited for by what is queued: how many
executions of a plan run is known at the claim, so that it is no state of its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one event at one plan.

    Attributes:
        reason: In plain words, for people.
        execution_id: What it started, or is part of.
        waits: Of ``waiting``: one of `WAITS`.
        lane: Of ``waiting``: where.
        due: Of ``waiting``: when it is looked at again, or `None`.
    """

    state: str
    reason: str = ""
    _: KW_ONLY
    execution_id: str | None = None
    waits: str | None = None
    lane: str | None = None
    due: datetime | None = None

    def __post_init__(self) -> None:
        waits = (self.waits in WAITS, self.lane is not None)
        if waits != ((True, True) if self.state == "waiting" else (False, False)):
            msg = f"A row that is {self.state!r} waits for {self.waits!r} in {self.lane!r}."
            raise CatalogError(msg)


def opened(plan: LaunchPlanRecord, ref: str, verdict: Verdict, at: datetime) -> LedgerRow:
    """The row of a new event.

    Raises:
        CatalogError: No row opens so.
    """
    if verdict.state not in OPENINGS:
        msg = f"No ledger row opens {verdict.state!r} ({ref} at {plan.name})."
        raise CatalogError(msg)
    row = LedgerRow(
        project=plan.project,
        plan=plan.name,
        plan_version=plan.version,
        refs=(ref,),
        state=verdict.state,
        at=at,
    )
    return _told(row, verdict)


def move(row: LedgerRow, verdict: Verdict, at: datetime) -> LedgerRow:
    """`row` in its next state.

    Raises:
        CatalogError: The table has no such move; the row is as it was.
    """
    if verdict.state not in MOVES.get(row.state, frozenset()):
        msg = f"A ledger row that is {row.state!r} cannot become {verdict.state!r} ({row.key})."
        raise CatalogError(msg)
    return _told(replace(row, state=verdict.state, at=at), verdict)


def stay(row: LedgerRow, verdict: Verdict) -> LedgerRow:
    """A waiting row that waits on, for something else or until another time.

    Raises:
        CatalogError: It does not wait, or is not to.
    """
    if (row.state, verdict.state) != ("waiting", "waiting"):
        msg = f"A ledger row that is {row.state!r} does not wait on ({row.key})."
        raise CatalogError(msg)
    return _told(row, verdict)


def dated(row: LedgerRow, at: datetime) -> LedgerRow:
    """`row` as written at `at`, where it was decided on as of another time."""
    return replace(row, at=at)


def _told(row: LedgerRow, verdict: Verdict) -> LedgerRow:
    return replace(
        row,
        reason=verdict.reason,
        due=verdict.due,
        waits=verdict.waits,
        lane=verdict.lane,
        execution_id=verdict.execution_id or row.execution_id,
    )
