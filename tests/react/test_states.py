"""The table of what a ledger row may become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from heirloom.errors import CatalogError
from heirloom.react.states import MOVES, OPENINGS, move
from heirloom.records.ledger import LEDGER_STATES, OPEN_STATES, LedgerRow

AT = datetime(2026, 1, 31, tzinfo=UTC)
LEGAL = {
    ("waiting", "queued"),
    ("waiting", "coalesced"),
    ("waiting", "superseded"),
    ("waiting", "skipped"),
    ("queued", "unmet"),
    ("paused", "queued"),
    ("paused", "skipped"),
}


def _row(state: str) -> LedgerRow:
    return LedgerRow(
        project="p",
        plan="plan",
        plan_version=1,
        refs=("heirloom://p/sales@1",),
        state=state,
        at=AT,
        due=AT + timedelta(hours=1),
        execution_id="first",
    )


@pytest.mark.parametrize(("before", "after"), list(product(LEDGER_STATES, LEDGER_STATES)))
def test_every_move(before: str, after: str) -> None:
    """The moves of DESIGN's law 6 change the row; every other is refused and changes nothing."""
    row = _row(before)
    if (before, after) not in LEGAL:
        with pytest.raises(CatalogError, match=f"{before!r} cannot become {after!r}"):
            move(row, after, at=AT)
        return
    moved = move(row, after, at=AT + timedelta(days=1), reason="why", execution_id="second")
    assert (moved.state, moved.reason, moved.due) == (after, "why", None)
    assert (moved.at, moved.execution_id) == (AT + timedelta(days=1), "second")
    assert moved.key == row.key


def test_a_move_keeps_the_execution() -> None:
    """Without another one, the row's execution stays."""
    assert move(_row("queued"), "unmet", at=AT).execution_id == "first"


def test_the_table_knows_every_state() -> None:
    """What opens, what is open and what is moved to are the states that rows have."""
    reached = {after for states in MOVES.values() for after in states}
    assert OPENINGS | reached == set(LEDGER_STATES)
    assert set(MOVES) == set(OPEN_STATES)
