"""What became of events, in plain words: a row's state, or that of what it started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from heirloom.catalog.protocol import View
from heirloom.engine.busy import Busy
from heirloom.engine.claims import Claims
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow

__all__ = ["Outcome", "outcomes"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event at one plan.

    Attributes:
        state: ``waiting (join)``; of a queued row, its execution's; else the row's own.
        reason: Why, for people; perhaps empty.
    """

    state: str
    reason: str

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}" if self.reason else self.state


def outcomes(claims: Claims, rows: Iterable[LedgerRow]) -> list[Outcome]:
    """What became of each event, as it stands now; what may not start says why."""
    view = claims.catalog.view()
    busy = Busy(view, view.executions(state="running"))
    return [_outcome(claims, view, busy, row) for row in rows]


def _outcome(claims: Claims, view: View, busy: Busy, row: LedgerRow) -> Outcome:
    if row.state == "waiting":
        return Outcome(f"waiting ({row.waits})", row.reason)
    started = row.state == "queued" and row.execution_id is not None
    execution = view.execution(row.execution_id or "") if started else None
    if execution is None:
        return Outcome(row.state, row.reason)
    why = _last(execution)
    if execution.state == "queued":
        wait = claims.waits_for(execution, busy)
        why = wait.reason if wait else _for_whom(claims)
    elif execution.state == "running":
        why = _how_it_runs(claims, execution)
    return Outcome(execution.state, "; ".join(filter(None, (row.reason, why))))


def _for_whom(claims: Claims) -> str:
    """What an execution waits for that may start now."""
    return "waits for a worker" if claims.lives.names("reactor") else "nothing runs events now"


def _how_it_runs(claims: Claims, execution: Execution) -> str:
    """What is to be said of a running one: nothing, where nobody died with it."""
    if execution.claimant is not None and not claims.lives.alive(execution.claimant):
        return f"its worker died; {_for_whom(claims)}"
    return f"attempt {execution.attempt}" if execution.attempt > 1 else ""


def _last(execution: Execution) -> str:
    """The last line of what ended it, where it ended badly."""
    lines = (execution.error or "").strip().splitlines()
    return lines[-1] if lines else ""
