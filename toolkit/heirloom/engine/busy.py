"""How many executions of a plan run at one time, and which of them stand in another's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from heirloom.catalog.protocol import View
from heirloom.engine.items import version_of
from heirloom.engine.pace import Budgets, Wait
from heirloom.records.executions import Execution
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Busy", "plan_of"]


class Busy:
    """What runs, by plan; as of one look.

    Attributes:
        budgets: When plans may start one more.
    """

    def __init__(self, view: View, running: Iterable[Execution]) -> None:
        self.budgets = Budgets(view)
        self._view = view
        self._plans: dict[tuple[str, str | None, int | None], LaunchPlanRecord] = {}
        self._partitions: dict[str, Mapping[str, str]] = {}
        self._running: dict[tuple[str, str | None], list[Execution]] = defaultdict(list)
        for execution in running:
            self._running[execution.project, execution.plan].append(execution)

    def plan_of(self, execution: Execution) -> LaunchPlanRecord:
        """The plan that an execution is of, looked up once."""
        key = execution.project, execution.plan, execution.plan_version
        if key not in self._plans:
            self._plans[key] = plan_of(self._view, execution)
        return self._plans[key]

    def why_not(self, plan: LaunchPlanRecord, execution: Execution) -> Wait | None:
        """Why another execution of the plan may not start beside what runs, or `None`."""
        beside = self._running.get((plan.project, plan.name), [])
        limit = plan.max_concurrent
        if not beside or limit is None:
            return None
        if isinstance(limit, int):
            full = len(beside) >= limit
            return Wait(f"waits for a slot: {limit} of {plan.name} is running") if full else None
        own = self._partition(execution)
        if own not in map(self._partition, beside):
            return None
        values = ", ".join(f"{key}={value}" for key, value in own.items()) or "no partition"
        return Wait(f"waits for a slot: {plan.name} is running for {values}")

    def _partition(self, execution: Execution) -> Mapping[str, str]:
        """The partition values that an execution was started for; none where a person did."""
        known = self._partitions.get(execution.id)
        if known is None:
            fired = [version_of(self._view, ref) for ref in execution.triggered_by[:1]]
            known = fired[0].conditions if fired else {}
            self._partitions[execution.id] = known
        return known


def plan_of(view: View, execution: Execution) -> LaunchPlanRecord:
    """The plan that an execution is of.

    Raises:
        LookupError: It is not there: the catalog lost it.
    """
    plan = view.plan(execution.project, execution.plan or "", execution.plan_version)
    if plan is None:
        msg = f"Execution {execution.id} is of plan {execution.plan!r}, which is not there."
        raise LookupError(msg)
    return plan
