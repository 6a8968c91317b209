"""Queued executions: which may start now, taking one, and running what was taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.engine.approving import let_approved
from heirloom.engine.attempt import Workplace, run_attempt
from heirloom.engine.busy import Busy
from heirloom.engine.lives import Lives
from heirloom.engine.next_attempt import next_attempt
from heirloom.engine.pace import Wait, paced
from heirloom.engine.spoken import spoken
from heirloom.engine.unended import ended, is_left, left_below
from heirloom.engine.waiting_rows import start_due
from heirloom.errors import CatalogError, HeirloomError
from heirloom.react.approvals import Approvals
from heirloom.react.states import Verdict, move
from heirloom.records.clock import now
from heirloom.records.executions import Execution

__all__ = ["MAX_ATTEMPTS", "Claims"]

MAX_ATTEMPTS = 4
_AT_FIRST = 16


@dataclass(slots=True)
class Claims:
    """Takes queued executions in commit order and runs them under one claimant's name.

    Attributes:
        claimant: The name whose lock this process holds.
        clock: What says whether a row that waits for a time is due.
        running: The execution that is under way here, or `None`.
        next_start: When the first of what was queued at the last look may start by itself.
        workplace: Opens what runs a project's executions; inside, the front acts on that project.
    """

    catalog: Catalog
    lives: Lives
    approvals: Approvals
    claimant: str
    workplace: Callable[[str], AbstractContextManager[Workplace]]
    clock: Callable[[], datetime] = now
    running: str | None = None
    next_start: datetime | None = None
    _seen: tuple[int, frozenset[str]] | None = field(default=None, init=False)

    def run_next(self) -> Execution | None:
        """Claim one execution and run it to its end; `None` where none may start now.

        What the body raises is recorded, not raised.
        """
        start_due(self.catalog, self.clock())
        let_approved(self.catalog, self.approvals, self.clock())
        while (candidate := self.candidate()) is not None:
            with self.workplace(candidate.project) as at:
                claimed = self._claim(candidate, at)
                if claimed is not None:
                    return claimed if claimed.is_final else self._run(claimed, at)
        return None

    def wait(self, after: int, longest: float) -> None:
        """Wait until the catalog is beyond position `after`, something is due, or `longest`."""
        now = self.clock()
        for due in (self.catalog.view().next_due(), self.next_start):
            if due is not None:
                longest = min(longest, max(0.0, (due - now).total_seconds()))
        self.catalog.wait(after, longest)

    def _run(self, claimed: Execution, at: Workplace) -> Execution:
        self.running = claimed.id
        try:
            return run_attempt(claimed, at)
        finally:
            self.running = None

    # ------------------------------------------------------------------ choosing

    def candidate(self) -> Execution | None:
        """What is to be claimed next: what the dead left behind, then the first in commit order.

        What is queued is looked through again only where something was recorded or approved
        since none of it might start, or the time of the first has come: there may be thousands.
        """
        seen = self.catalog.position(), self.approvals.digests()
        view = self.catalog.view()
        running = view.executions(state="running")
        busy = Busy(view, running)
        for execution in running:
            if is_left(execution, self.lives):
                return execution
        if seen == self._seen and not (self.next_start and self.next_start <= self.clock()):
            return None
        self._seen = self.next_start = None
        for execution in _queued(view):
            wait = self.waits_for(execution, busy)
            if wait is None:
                return execution
            if wait.until is not None:
                self.next_start = min(wait.until, self.next_start or wait.until)
        self._seen = seen
        return None

    def waits_for(self, execution: Execution, busy: Busy) -> Wait | None:
        """Why a queued execution may not start now, or `None`."""
        plan = busy.plan_of(execution)
        if not self.approvals.allows(plan.code):
            return Wait(f"waits for approval: heirloom approve {plan.name}")
        return busy.why_not(plan, execution) or paced(busy.budgets, plan, execution, self.clock())

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
                if self.waits_for(present, Busy(view, view.executions(state="running"))):
                    return Batch()
            elif not present.triggered_by:
                return _ended_below(view, present, "the process that ran it has ended")
            elif present.attempt >= MAX_ATTEMPTS:
                reason = f"its worker died {present.attempt} times"
                return _ended_below(view, present, reason)
            try:
                taken = next_attempt(view, present, self.claimant, at.runner.resolver)
            except CatalogError:
                raise
            except (HeirloomError, LookupError) as error:  # no later look finds it otherwise
                return _unmet(view, present, error)
            *left, own = taken.executions
            return Batch(executions=[*left, replace(own, created_by=at.runner.recorder.user)])

        committed = self.catalog.commit(prepare)
        return next((e for e in committed.executions if e.id == candidate.id), None)


def _queued(view: View) -> Iterator[Execution]:
    """Queued executions in commit order; those far behind are looked up only if asked for."""
    first = view.executions(state="queued", limit=_AT_FIRST)
    yield from first
    if len(first) == _AT_FIRST:
        yield from view.executions(state="queued")[_AT_FIRST:]


def _same_claim(present: Execution, candidate: Execution) -> bool:
    """Whether nobody took, ended or cancelled it since the candidate was seen."""
    seen = (candidate.state, candidate.attempt, candidate.claimant)
    return (present.state, present.attempt, present.claimant) == seen


def _ended_below(view: View, root: Execution, reason: str) -> Batch:
    """The end of a run that nobody will try again, with all that still runs in it."""
    below = [ended(each, reason) for each in left_below(view, root)]
    again = f"{reason}; heirloom rerun {root.id} tries again"
    return Batch(executions=[*below, ended(root, again)])


def _unmet(view: View, execution: Execution, error: Exception) -> Batch:
    """The end of an execution one of whose inputs cannot be had: no body runs."""
    rows = [
        move(row, Verdict("unmet", str(error)), now())
        for row in view.ledger(execution=execution.id)
        if row.state == "queued"
    ]
    return Batch(executions=[ended(execution, spoken(error), "failed")], rows=rows)
