"""Recorded versions that a plan hears again, each at its own time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from heirloom.react.decide import Decision
from heirloom.react.imagined import Imagined
from heirloom.react.past import Past
from heirloom.react.rehearsal import Rehearsal
from heirloom.react.standing import Recorded
from heirloom.react.states import dated
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["backfill", "replay"]


def replay(
    rehearsal: Rehearsal,
    past: Past,
    plan: LaunchPlanRecord,
    history: Iterable[ArtifactVersion],
    events: Container[str],
    waiting: Mapping[str, LedgerRow],
    until: datetime,
) -> None:
    """Let a plan decide on what came, as if each version of its history came now.

    What is due by the time at which a version was recorded begins before it.

    Args:
        rehearsal: Where it is decided.
        past: What there was at each time.
        plan: Who hears it.
        history: All that came, in commit order.
        events: Full refs of what the plan hears for the first time.
        waiting: By full ref, its rows that are decided anew.
        until: The time by which the last of what is due begins.
    """
    for version in history:
        rehearsal.release(version.created_at)
        past.hear(version)
        if version.ref in waiting:
            rehearsal.anew(plan, [waiting[version.ref]], version.created_at)
        elif version.ref in events:
            rehearsal.again(version, version.created_at)
    past.end()
    rehearsal.release(until)


def backfill(
    standing: Recorded,
    plan: LaunchPlanRecord,
    history: Sequence[ArtifactVersion],
    events: Container[str],
    waiting: Sequence[LedgerRow],
    at: datetime,
    approved: Callable[[str], bool],
) -> Decision:
    """Rows for past versions that a plan has none of, and what they start.

    What waits at the plan takes part, at its own place in the history: an older version may be
    its partner.

    Args:
        standing: The catalog at the moment of the commit.
        plan: As it is now; it is on.
        history: Versions of what it listens to, in commit order; what is not among them was there
            before.
        events: Full refs of those that the plan has no row of and is to have one.
        waiting: All rows that wait at the plan.
        at: The time of the commit.
        approved: Whether code of that digest may run.
    """
    there = {version.ref for version in history}
    lifted = {row.refs[0]: row for row in waiting if row.refs[0] in there}
    past = Past(standing, plan, history, [row for row in waiting if row.refs[0] not in there])
    rehearsal = Rehearsal(Imagined(past, [plan]), lambda execution: (), approved, 0)
    replay(rehearsal, past, plan, history, events, lifted, at)
    before = {row.key: row for row in waiting}
    rows = rehearsal.world.rows
    changed = [dated(row, at) for row in rows if row != before.get(row.key)]
    executions = rehearsal.world.executions.values()
    return changed, [replace(execution, started_at=at, not_before=None) for execution in executions]
