"""Ledger rows that wait: started when their time has come, decided anew when their plan is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.react.decide import redecide, release
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["start_due", "wait_anew"]


def start_due(catalog: Catalog, at: datetime) -> None:
    """Start what is due at `at`, of every plan; asking whether anything is costs no commit."""
    first = catalog.view().next_due()
    if first is None or first > at:
        return

    def prepare(view: View) -> Batch:
        batch = Batch()
        for (project, name), rows in groupby(sorted(view.due(at), key=_of_plan), _of_plan):
            switch = view.switch(project, name)
            plan = view.plan(project, name, switch.version) if switch else None
            if switch is not None and plan is not None:
                moved, started = release(view, plan, switch.active, list(rows), at)
                batch.rows += moved
                batch.executions += started
        return batch

    catalog.commit(prepare)


def wait_anew(
    view: View,
    plan: LaunchPlanRecord,
    missed: Sequence[LedgerRow],
    batch: Batch,
    at: datetime,
    approved: Callable[[str], bool],
) -> list[LedgerRow]:
    """Let what waits at a plan, and what it missed, be decided by its version that is active now.

    `approved` says whether code of a digest may run.

    Returns:
        The rows as they are then; they are in the batch.
    """
    waiting = view.ledger(plan=plan.name, project=plan.project, state="waiting")[::-1]
    rows, started = redecide(view, plan, [*waiting, *missed], at, approved)
    batch.rows += rows
    batch.executions += started
    return rows


def _of_plan(row: LedgerRow) -> tuple[str, str]:
    return row.project, row.plan
