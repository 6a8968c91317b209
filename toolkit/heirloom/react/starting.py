"""The execution that an event starts, one step deeper in the chain of what caused it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from heirloom.records.executions import Execution
from heirloom.records.ids import new_id
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["started"]


def started(
    plan: LaunchPlanRecord,
    versions: Sequence[ArtifactVersion],
    causes: Sequence[Execution],
    at: datetime,
) -> Execution:
    """A queued execution of `plan` on `versions`; its chain is that of its deepest cause."""
    cause = max(causes, key=lambda each: each.depth)
    own = new_id()
    countdown = plan.trigger.countdown if plan.trigger is not None else None
    return Execution(
        id=own,
        kind=plan.kind,
        name=plan.workflow,
        state="queued",
        root_id=own,
        project=plan.project,
        created_by=plan.registered_by,
        started_at=at,
        code_version=plan.code,
        plan=plan.name,
        plan_version=plan.version,
        attempt=0,
        depth=cause.depth + 1,
        chain=cause.chain or cause.root_id,
        triggered_by=tuple(version.ref for version in versions),
        not_before=at + timedelta(seconds=countdown) if countdown is not None else None,
    )
