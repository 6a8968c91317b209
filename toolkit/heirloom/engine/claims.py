"""Queued executions: which may start now, taking one, and running what was taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from heirloom.catalog import Batch, Catalog, View
from heirloom.engine.firing import wanted_by
from heirloom.engine.frame import Place
from heirloom.engine.leaf import version_of
from heirloom.engine.lives import Lives
from heirloom.engine.recorder import spoken
from heirloom.engine.resolve import Wanted
from heirloom.engine.runner import Runner
from heirloom.errors import Fenced, NotFound
from heirloom.react.approvals import Approvals
from heirloom.react.states import move
from heirloom.records.clock import now
from heirloom.records.executions import Execution
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion, Payload

__all__ = ["MAX_ATTEMPTS", "Claims"]

MAX_ATTEMPTS = 4


@dataclass(slots=True)
class Claims:
    """Takes queued executions in commit order and runs them under one claimant's name.

    Attributes:
        claimant: The name whose lock this process holds.
        rebuild: Gives the target that a plan's recorded code rebuilds to.
    """

    catalog: Catalog
    runner: Runner
    lives: Lives
    approvals: Approvals
    claimant: str
    rebuild: Callable[[LaunchPlanRecord], Any]

    def run_next(self) -> Execution | None:
        """Claim and run one execution to its end; `None` where none may start now.

        What the body raises is recorded, not raised.
        """
        candidate = self.candidate()
        if candidate is None:
            return None
        return self._run(candidate)

    def candidate(self) -> Execution | None:
        """The first execution, in commit order, that may start now."""
        view = self.catalog.view()
        running = view.executions(state="running")
        busy = Counter((e.project, e.plan or "") for e in running if e.plan)
        for execution in running:
            if execution.claimant and not self.lives.alive(execution.claimant):
                return execution
        for execution in view.executions(state="queued"):
            if self.waits_for(view, execution, busy) is None:
                return execution
        return None

    def waits_for(
        self, view: View, execution: Execution, busy: Mapping[tuple[str, str], int]
    ) -> str | None:
        """Why a queued execution may not start now, or `None`."""
        plan = self._plan(view, execution)
        if not self.approvals.allows(plan.code):
            return f"waits for approval: heirloom approve {plan.name}"
        limit = plan.max_concurrent
        if limit is not None and busy.get((plan.project, plan.name), 0) >= limit:
            return f"waits for a slot: {limit} of {plan.name} is running"
        return None

    def _plan(self, view: View, execution: Execution) -> LaunchPlanRecord:
        plan = view.plan(execution.project, execution.plan or "", execution.plan_version)
        if plan is None:
            msg = f"Execution {execution.id} is of plan {execution.plan!r}, which is not there."
            raise LookupError(msg)
        return plan

    def _run(self, candidate: Execution) -> Execution | None:
        view = self.catalog.view()
        plan = self._plan(view, candidate)
        try:
            target = self.rebuild(plan)
            firing = version_of(view, candidate.triggered_by[0])
            wanted = wanted_by(self.runner.resolver, target, plan, firing)
            self._pin(wanted, candidate)
        except Exception as error:
            return self._refused(candidate, spoken(error), unmet=isinstance(error, NotFound))
        claimed = self._claim(candidate, wanted, firing)
        if claimed is None or claimed.is_final:
            return claimed
        return self._body(claimed, target, wanted, firing)

    def _body(
        self, claimed: Execution, target: Any, wanted: Wanted, firing: ArtifactVersion
    ) -> Execution:
        place = Place(
            execution_id=claimed.id,
            root_id=claimed.id,
            attempt=claimed.attempt,
            depth=claimed.depth,
            chain=claimed.chain,
            fenced=True,
            plan=claimed.plan,
            plan_version=claimed.plan_version,
            triggered_by=claimed.triggered_by,
            claimant=self.claimant,
        )
        try:
            return self.runner.execute(target, wanted, place, firing.conditions).execution
        except Exception as error:
            if not isinstance(error, Fenced):
                self._ensure_ended(claimed, error)
        return self.catalog.view().execution(claimed.id) or claimed

    def _ensure_ended(self, claimed: Execution, error: Exception) -> None:
        """Record the end of what failed before its body could."""
        found = self.catalog.view().execution(claimed.id)
        if found is not None and found.state == "running" and found.attempt == claimed.attempt:
            ended = replace(found, state="failed", error=spoken(error), ended_at=now())
            self.catalog.commit(lambda _: Batch(executions=[ended]))

    # ------------------------------------------------------------------ claiming

    def _claim(
        self, candidate: Execution, wanted: Wanted, firing: ArtifactVersion
    ) -> Execution | None:
        """Take it under this claimant, its queries resolved once; synced before the body."""

        def prepare(view: View) -> Batch:
            present = view.execution(candidate.id)
            if present is None or not _same_claim(present, candidate):
                return Batch()
            if present.attempt >= MAX_ATTEMPTS:
                return Batch(executions=[_dead(present)])
            inputs = present.inputs
            if not inputs:
                try:
                    slots = self.runner.resolver.settle(view, wanted, firing.conditions)
                except NotFound as error:
                    return _unmet(view, present, spoken(error))
                inputs = {name: slot.bound for name, slot in slots.items()}
            taken = replace(
                present,
                state="running",
                attempt=present.attempt + 1,
                claimant=self.claimant,
                inputs=inputs,
                started_at=now(),
            )
            return Batch(executions=[taken])

        committed = self.catalog.commit(prepare)
        self.runner.recorder.on_commit()
        found = next((e for e in committed.executions if e.id == candidate.id), None)
        if found is not None and not found.is_final:
            self._pin(wanted, found)
        return found

    def _pin(self, wanted: Wanted, claimed: Execution) -> None:
        """Every attempt uses the versions that the first one resolved."""
        view = self.catalog.view()
        for name, bound in claimed.inputs.items():
            if wanted.queries.pop(name, None) is None:
                continue
            if isinstance(bound, Payload):
                wanted.slots[name] = self.runner.resolver.slot_of(None)
            else:
                version = version_of(view, bound.id)
                wanted.slots[name] = self.runner.resolver.slot_of_version(version, bound.how)

    def _refused(self, candidate: Execution, reason: str, *, unmet: bool) -> Execution | None:
        def prepare(view: View) -> Batch:
            present = view.execution(candidate.id)
            if present is None or not _same_claim(present, candidate):
                return Batch()
            if unmet and present.state == "queued":
                return _unmet(view, present, reason)
            return Batch(executions=[_ended(present, "failed", reason)])

        committed = self.catalog.commit(prepare)
        self.runner.recorder.on_commit()
        return committed.executions[0] if committed.executions else None


def _same_claim(present: Execution, candidate: Execution) -> bool:
    """Whether nobody took, ended or cancelled it since the candidate was seen."""
    seen = (candidate.state, candidate.attempt, candidate.claimant)
    return (present.state, present.attempt, present.claimant) == seen


def _ended(execution: Execution, state: str, reason: str) -> Execution:
    return replace(execution, state=state, error=reason, ended_at=now())


def _dead(execution: Execution) -> Execution:
    reason = f"its worker died {execution.attempt} times; heirloom rerun {execution.id} tries again"
    return _ended(execution, "dead", reason)


def _unmet(view: View, execution: Execution, reason: str) -> Batch:
    """The end of an execution whose input nothing meets: no body runs."""
    rows = [
        move(row, "unmet", at=now(), reason=reason)
        for row in view.ledger(execution=execution.id)
        if row.state == "queued"
    ]
    return Batch(executions=[_ended(execution, "failed", reason)], rows=rows)
