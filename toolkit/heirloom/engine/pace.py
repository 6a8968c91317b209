"""Why a queued execution does not start yet: it is held, counted down, or one too many an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from heirloom.catalog.protocol import View
from heirloom.records.executions import Execution
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Budgets", "Wait", "paced"]

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """Why an execution may not start now.

    Attributes:
        until: When that is over by itself; `None` where something has to happen first.
    """

    reason: str
    until: datetime | None = None


class Budgets:
    """When plans may start one more, each plan asked for once: nothing begins during a look."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._free: dict[tuple[str, str, int], datetime | None] = {}

    def free(self, plan: LaunchPlanRecord, limit: int) -> datetime | None:
        """From when on another of the plan may begin; `None` where fewer ever began."""
        key = (plan.project, plan.name, limit)
        if key not in self._free:
            begun = self._view.begun(plan.name, plan.project, limit)
            self._free[key] = begun[-1].started_at + _HOUR if len(begun) == limit else None
        return self._free[key]


def paced(
    budgets: Budgets, plan: LaunchPlanRecord, execution: Execution, at: datetime
) -> Wait | None:
    """What keeps a queued execution from starting at `at`, whatever else runs; or `None`."""
    own = execution.id
    if execution.held_by is not None:
        return Wait(f"held by {execution.held_by}: heirloom start {own}, heirloom cancel {own}")
    due = execution.not_before
    if due is not None and at < due:
        verbs = f"heirloom start {own}, heirloom hold {own}, heirloom cancel {own}"
        return Wait(f"starts in {(due - at).total_seconds():.0f} s: {verbs}", due)
    limit = plan.max_per_hour
    free = budgets.free(plan, limit) if limit is not None else None
    if free is not None and at < free:
        return Wait(
            f"{limit} of {plan.name} began within an hour; the next at {free:%H:%M} UTC", free
        )
    return None
