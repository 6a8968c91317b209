"""Queued executions: which may start now, taking one, and running what was taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any

from heirloom.catalog import Batch, Catalog, View
from heirloom.engine.firing import wanted_by
from heirloom.engine.frame import Frame, Place
from heirloom.engine.items import recorded_slot, version_of
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

__all__ = ["MAX_ATTEMPTS", "Claims", "Workplace"]

MAX_ATTEMPTS = 4
_AT_FIRST = 16

Busy = Mapping[tuple[str, str | None], int]


@dataclass(frozen=True, slots=True)
class Workplace:
    """What runs the executions of one project: its runner, and what rebuilds recorded code."""

    runner: Runner
    rebuild: Callable[[LaunchPlanRecord], Any]


@dataclass(slots=True)
class Claims:
    """Takes queued executions in commit order and runs them under one claimant's name.

    Attributes:
        claimant: The name whose lock this process holds.
        workplace: Opens what runs a project's executions; inside, the front acts on that project.
    """

    catalog: Catalog
    lives: Lives
    approvals: Approvals
    claimant: str
    workplace: Callable[[str], AbstractContextManager[Workplace]]

    def run_next(self) -> Execution | None:
        """Claim one execution and run it to its end; `None` where none may start now.

        What the body raises is recorded, not raised.
        """
        while (candidate := self.candidate()) is not None:
            with self.workplace(candidate.project) as at:
                claimed = self._claim(candidate, at)
                if claimed is not None:
                    return claimed if claimed.is_final else self._run(claimed, at)
        return None

    # ------------------------------------------------------------------ choosing

    def candidate(self) -> Execution | None:
        """What is to be claimed next: what the dead left behind, then the first in commit order."""
        view = self.catalog.view()
        running = view.executions(state="running")
        busy = _busy(running)
        for execution in running:
            if execution.claimant and not self.lives.alive(execution.claimant):
                return execution
        for execution in _queued(view):
            if self.waits_for(view, execution, busy) is None:
                return execution
        return None

    def waits_for(self, view: View, execution: Execution, busy: Busy) -> str | None:
        """Why a queued execution may not start now, or `None`."""
        plan = _plan(view, execution)
        if not self.approvals.allows(plan.code):
            return f"waits for approval: heirloom approve {plan.name}"
        limit = plan.max_concurrent
        if limit is not None and busy.get((plan.project, plan.name), 0) >= limit:
            return f"waits for a slot: {limit} of {plan.name} is running"
        return None

    # ------------------------------------------------------------------ claiming

    def _claim(self, candidate: Execution, at: Workplace) -> Execution | None:
        """Take it under this claimant, its inputs resolved once; synced before the body.

        Returns:
            It as it is now: running here, or at its end where no body may run any more;
            `None` where somebody was quicker.
        """

        def prepare(view: View) -> Batch:
            present = view.execution(candidate.id)
            if present is None or not _same_claim(present, candidate):
                return Batch()
            if present.state == "queued":
                if self.waits_for(view, present, _busy(view.executions(state="running"))):
                    return Batch()
            elif not present.triggered_by:
                return _ended_below(view, present, "the process that ran it has ended")
            elif present.attempt >= MAX_ATTEMPTS:
                reason = f"its worker died {present.attempt} times"
                return _ended_below(view, present, reason)
            try:
                return self._taken(view, present, at)
            except NotFound as error:
                return _unmet(view, present, spoken(error))

        committed = self.catalog.commit(prepare)
        return next((e for e in committed.executions if e.id == candidate.id), None)

    def _taken(self, view: View, present: Execution, at: Workplace) -> Batch:
        inputs = present.inputs
        if present.attempt == 0:
            firing = version_of(view, present.triggered_by[0])
            wanted = wanted_by(at.runner.resolver, _plan(view, present), firing)
            slots = at.runner.resolver.settle(view, wanted, firing.conditions)
            inputs = {name: slot.bound for name, slot in slots.items()}
        taken = replace(
            present,
            state="running",
            created_by=at.runner.recorder.user,
            attempt=present.attempt + 1,
            claimant=self.claimant,
            inputs=inputs,
            started_at=now(),
        )
        left = _below(view, present) if present.attempt else ()
        return Batch(executions=[*(_ended(each, "its worker died") for each in left), taken])

    # ------------------------------------------------------------------ running

    def _run(self, claimed: Execution, at: Workplace) -> Execution:
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
        view = self.catalog.view()
        try:
            firing = version_of(view, claimed.triggered_by[0])
            with Frame(place).active():  # what its modules say when imported is no person's word
                target = at.rebuild(_plan(view, claimed))
            wanted = Wanted({name: recorded_slot(view, b) for name, b in claimed.inputs.items()})
            for name in target.interface.inputs:
                if name not in wanted.slots:
                    raise target.interface.missing(name)
            return at.runner.execute(target, wanted, place, firing.conditions).execution
        except (Exception, SystemExit) as error:
            # Fenced: another attempt has it, and what became of it is there to be read.
            with suppress(Fenced):
                at.runner.recorder.failed(claimed, place, error)
        return view.execution(claimed.id) or claimed


def _queued(view: View) -> Iterator[Execution]:
    """Queued executions in commit order; those far behind are looked up only if asked for."""
    first = view.executions(state="queued", limit=_AT_FIRST)
    yield from first
    if len(first) == _AT_FIRST:
        yield from view.executions(state="queued")[_AT_FIRST:]


def _busy(running: Iterable[Execution]) -> Busy:
    return Counter((e.project, e.plan) for e in running if e.plan)


def _plan(view: View, execution: Execution) -> LaunchPlanRecord:
    plan = view.plan(execution.project, execution.plan or "", execution.plan_version)
    if plan is None:
        msg = f"Execution {execution.id} is of plan {execution.plan!r}, which is not there."
        raise LookupError(msg)
    return plan


def _same_claim(present: Execution, candidate: Execution) -> bool:
    """Whether nobody took, ended or cancelled it since the candidate was seen."""
    seen = (candidate.state, candidate.attempt, candidate.claimant)
    return (present.state, present.attempt, present.claimant) == seen


def _below(view: View, root: Execution) -> list[Execution]:
    """The envelopes inside a run that nobody will end any more."""
    return [e for e in view.executions(root=root.id) if e.state == "running" and e.id != root.id]


def _ended(execution: Execution, reason: str, state: str = "dead") -> Execution:
    return replace(execution, state=state, error=reason, ended_at=now())


def _ended_below(view: View, root: Execution, reason: str) -> Batch:
    """The end of a run that nobody will try again, with all that still runs in it."""
    below = [_ended(each, reason) for each in _below(view, root)]
    again = f"{reason}; heirloom rerun {root.id} tries again"
    return Batch(executions=[*below, _ended(root, again)])


def _unmet(view: View, execution: Execution, reason: str) -> Batch:
    """The end of an execution whose input nothing meets: no body runs."""
    rows = [
        move(row, "unmet", at=now(), reason=reason)
        for row in view.ledger(execution=execution.id)
        if row.state == "queued"
    ]
    return Batch(executions=[_ended(execution, reason, "failed")], rows=rows)
