"""Events that wait for approval: a user's session or reactor that runs the code lets them go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.react.approvals import Approvals
from heirloom.react.conditions import APPROVAL
from heirloom.react.decide import redecide
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["let_approved"]

Freed = tuple[LaunchPlanRecord, list[LedgerRow]]


def let_approved(catalog: Catalog, approvals: Approvals, at: datetime) -> int:
    """Decide anew on what waits for approval at plans that are on and whose code is approved.

    Asking costs one lookup where nothing waits so, one for each plan where something does, and
    no commit where nothing is to be moved.

    Returns:
        How many events wait for approval no more.
    """
    if next(_freed(catalog.view(), approvals), None) is None:
        return 0
    moved: list[LedgerRow] = []

    def prepare(view: View) -> Batch:
        batch = Batch()
        moved.clear()
        for plan, rows in _freed(view, approvals):
            decided, started = redecide(view, plan, rows, at, approvals.allows)
            batch.rows += decided
            batch.executions += started
            moved.extend(rows)
        return batch

    catalog.commit(prepare)
    return len(moved)


def _freed(view: View, approvals: Approvals) -> Iterator[Freed]:
    """The plans that may run now, each with what waits there for approval."""
    if not view.waiting(APPROVAL, limit=1):
        return
    for switch in view.switches():
        plan = view.plan(switch.project, switch.plan, switch.version)
        if not switch.active or plan is None or not approvals.allows(plan.code):
            continue
        rows = view.waiting(APPROVAL, plan=plan.name, project=plan.project)
        if rows:
            yield plan, rows
