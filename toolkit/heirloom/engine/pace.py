"""Why a queued execution does not start yet: it is held, counted down, or one too many an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from heirloom.catalog.protocol import View
from heirloom.records.executions import Execution
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Wait", "paced"]

_HOUR = timedelta(hours=1)
_BEGUN = ("running", "succeeded", "failed", "dead", "cancelled")


@dataclass(frozen=True, slots=True)
class Wait:
    """Why an execution may not start now.

    Attributes:
        until: When that is over by itself; `None` where something has to happen first.
    """

    reason: str
    until: datetime | None = None


def paced(view: View, plan: LaunchPlanRecord, execution: Execution, at: datetime) -> Wait | None:
    """What keeps a queued execution from starting at `at`, whatever else runs; or `None`."""
    own = execution.id
    if execution.held_by is not None:
        return Wait(f"held by {execution.held_by}: heirloom start {own}, heirloom cancel {own}")
    due = execution.not_before
    if due is not None and at < due:
        verbs = f"heirloom start {own}, heirloom hold {own}, heirloom cancel {own}"
        return Wait(f"starts in {(due - at).total_seconds():.0f} s: {verbs}", due)
    limit = plan.max_per_hour
    free = _free(view, plan, limit) if limit is not None else None
    if free is not None and at < free:
        return Wait(
            f"{limit} of {plan.name} began within an hour; the next at {free:%H:%M} UTC", free
        )
    return None


def _free(view: View, plan: LaunchPlanRecord, limit: int) -> datetime | None:
    """From when on another of the plan may begin; `None` where fewer ever began."""
    began = [time for state in _BEGUN for time in _last_begun(view, plan, state, limit)]
    return sorted(began)[-limit] + _HOUR if len(began) >= limit else None


def _last_begun(view: View, plan: LaunchPlanRecord, state: str, limit: int) -> list[datetime]:
    """When the last that events started, and that began, did; at most `limit` of one state.

    What a person ran stands among them, and is read over.
    """
    most = limit
    while True:
        found = view.executions(
            plan=plan.name, project=plan.project, state=state, newest=True, limit=most
        )
        began = [each.started_at for each in found if each.triggered_by and each.attempt]
        if len(began) >= limit or len(found) < most:
            return began[:limit]
        most *= 4
