"""The one table of what a ledger row may become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from heirloom.errors import CatalogError
from heirloom.records.ledger import LedgerRow

__all__ = ["MOVES", "OPENINGS", "move"]

OPENINGS = frozenset({"queued", "waiting", "paused", "filtered", "unchanged", "loop-stopped"})
MOVES: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"queued", "coalesced", "superseded", "skipped"}),
    "queued": frozenset({"unmet"}),
    "paused": frozenset({"queued", "skipped"}),
}


def move(
    row: LedgerRow, state: str, *, at: datetime, reason: str = "", execution_id: str | None = None
) -> LedgerRow:
    """`row` in its next state.

    Raises:
        CatalogError: The table has no such move; the row is as it was.
    """
    if state not in MOVES.get(row.state, frozenset()):
        msg = f"A ledger row that is {row.state!r} cannot become {state!r} ({row.key})."
        raise CatalogError(msg)
    return replace(
        row,
        state=state,
        at=at,
        reason=reason,
        due=None,
        execution_id=execution_id or row.execution_id,
    )
