"""The table of what a ledger row may become."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import heirloom
from heirloom.errors import CatalogError
from heirloom.react.states import MOVES, OPENINGS, Verdict, move, opened, stay
from heirloom.records.ledger import LEDGER_STATES, OPEN_STATES, LedgerRow

AT = datetime(2026, 1, 31, tzinfo=UTC)
LEGAL = {
    ("waiting", "queued"),
    ("waiting", "coalesced"),
    ("waiting", "superseded"),
    ("waiting", "skipped"),
    ("queued", "unmet"),
    ("paused", "queued"),
    ("paused", "waiting"),
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
        waits="debounce" if state == "waiting" else None,
        lane="sales" if state == "waiting" else None,
    )


def _verdict(state: str) -> Verdict:
    waits: dict[str, Any] = {"waits": "join", "lane": "costs"} if state == "waiting" else {}
    return Verdict(state, "why", execution_id="second", **waits)


@pytest.mark.parametrize(("before", "after"), list(product(LEDGER_STATES, LEDGER_STATES)))
def test_every_move(before: str, after: str) -> None:
    """The moves of the table change the row; every other is refused and changes nothing."""
    row, later = _row(before), AT + timedelta(days=1)
    if (before, after) not in LEGAL:
        with pytest.raises(CatalogError, match=f"{before!r} cannot become {after!r}"):
            move(row, _verdict(after), later)
        return
    moved = move(row, _verdict(after), later)
    assert (moved.state, moved.reason, moved.due) == (after, "why", None)
    assert (moved.waits, moved.lane) == (("join", "costs") if after == "waiting" else (None, None))
    assert (moved.at, moved.execution_id) == (later, "second")
    assert moved.key == row.key


@pytest.mark.parametrize("state", LEDGER_STATES)
def test_every_opening(state: str, listening: Any) -> None:
    """A row opens in one of six states, at the plan's version; in no other."""
    plan, ref = listening.add(), "heirloom://p/sales@1"
    if state not in OPENINGS:
        with pytest.raises(CatalogError, match=f"opens {state!r}"):
            opened(plan, ref, _verdict(state), AT)
        return
    row = opened(plan, ref, _verdict(state), AT)
    assert (row.project, row.plan, row.plan_version, row.refs) == ("p", "plan", 3, (ref,))
    assert (row.state, row.reason, row.at, row.execution_id) == (state, "why", AT, "second")


def test_a_move_keeps_the_execution() -> None:
    """Without another one, the row's execution stays."""
    assert move(_row("queued"), Verdict("unmet"), AT).execution_id == "first"


@pytest.mark.parametrize("state", LEDGER_STATES)
def test_waiting_on(state: str) -> None:
    """Only what waits can wait on, for something else; it keeps the time since when it waits."""
    wait = Verdict("waiting", "why", waits="approval", lane="approval")
    if state != "waiting":
        with pytest.raises(CatalogError, match="does not wait on"):
            stay(_row(state), wait)
        return
    row = stay(_row(state), wait)
    assert (row.state, row.waits, row.lane, row.due) == ("waiting", "approval", "approval", None)
    assert row.at == AT
    with pytest.raises(CatalogError, match="does not wait on"):
        stay(row, Verdict("skipped"))


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        ("waiting", {}),
        ("waiting", {"waits": "slot", "lane": "a"}),
        ("waiting", {"waits": "join"}),
        ("queued", {"waits": "join", "lane": "a"}),
        ("skipped", {"lane": "a"}),
    ],
)
def test_a_verdict_says_what_is_waited_for(state: str, waits: dict[str, Any]) -> None:
    """A waiting row waits for a known thing somewhere; no other row waits."""
    with pytest.raises(CatalogError):
        Verdict(state, **waits)


def test_the_table_knows_every_state() -> None:
    """What opens, what is open and what is moved to are the states that rows have."""
    reached = {after for states in MOVES.values() for after in states}
    assert OPENINGS | reached == set(LEDGER_STATES)
    assert set(MOVES) == set(OPEN_STATES)


def test_nothing_else_makes_a_row() -> None:
    """Only the table gives a row its state: no other module of Heirloom makes or alters one."""
    rooms = Path(heirloom.__file__).parent
    makers = set()
    for path in rooms.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            given = ast.unparse(node.args[0]) if node.args else ""
            if called == "LedgerRow" or (called == "replace" and "row" in given.lower()):
                makers.add(path.relative_to(rooms).as_posix())
    assert makers - {"testing/maker.py"} == {"react/states.py"}
