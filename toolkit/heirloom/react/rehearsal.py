"""What versions would start, and what that would start in turn: all decided, nothing run. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from heirloom.errors import NotFound
from heirloom.react.circles import Circle, around
from heirloom.react.decide import Decision, decide, redecide, release
from heirloom.react.imagined import Imagined
from heirloom.react.states import Verdict, move
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["Rehearsal"]

Emit = Callable[[Execution], Sequence[ArtifactVersion]]


@dataclass(slots=True)
class Rehearsal:
    """Commits that are only imagined, each decided on by what decides on the real ones.

    Attributes:
        world: Where they stand.
        emit: What an execution would emit; it raises `NotFound` where a claim would.
        approved: Whether code of that digest may run.
        most: So many executions are followed to what they emit.
        under: By the key of a row, the execution whose end brought it about, or made it part of
            a run; empty where none did.
        circles: By execution of a plan that is among its own causes: it is not followed.
        cut: How many executions were left unfollowed beyond `most`.
    """

    world: Imagined
    emit: Emit
    approved: Callable[[str], bool]
    most: int
    under: dict[str, str] = field(default_factory=dict)
    circles: dict[str, Circle] = field(default_factory=dict)
    cut: int = 0
    _queue: deque[Execution] = field(default_factory=deque)
    _makers: dict[str, str] = field(default_factory=dict)
    _ways: dict[str, tuple[LaunchPlanRecord, ...]] = field(default_factory=dict)

    def hear(self, versions: Sequence[ArtifactVersion], by: Execution, at: datetime) -> None:
        """The commit that ends an execution, with its versions."""
        rows, executions = decide(self.world, versions, {by.id: by}, at, self.approved)
        self.world.emitted(versions, by)
        self._makers |= {version.ref: by.id for version in versions}
        self.take((rows, executions), by.id if by.id in self._ways else "")

    def again(self, version: ArtifactVersion, at: datetime) -> None:
        """A version that stands already, as if it came now."""
        self.take(decide(self.world, [version], {}, at, self.approved))

    def anew(self, plan: LaunchPlanRecord, rows: Sequence[LedgerRow], at: datetime) -> None:
        """Rows of a plan that wait, as if their events came now."""
        self.take(redecide(self.world, plan, rows, at, self.approved))

    def take(self, decision: Decision, under: str = "") -> None:
        """Let a decision stand; what it starts is followed in its turn."""
        rows, executions = decision
        self.world.decided(rows, executions)
        started = {execution.id for execution in executions}
        for row in rows:
            if row.key not in self.under or (under and row.execution_id in started):
                self.under[row.key] = under
        for execution in executions:
            self._queue.append(execution)
            plan = self.world.plan(execution.project, execution.plan or "", execution.plan_version)
            assert plan is not None
            before = max(map(self._way, execution.triggered_by), key=len)
            self._ways[execution.id] = (*before, plan)
            if plan in before:
                self.circles[execution.id] = around(before[before.index(plan) :])

    def _way(self, ref: str) -> tuple[LaunchPlanRecord, ...]:
        """The plans whose runs led to a version, the first of them first."""
        return self._ways.get(self._makers.get(ref, ""), ())

    def release(self, until: datetime) -> None:
        """Start what waited for a time that has come by `until`, each at its own time."""
        while (at := self.world.next_due()) is not None and at <= until:
            due = sorted(self.world.due(at), key=_of_plan)
            for (project, name, version), rows in groupby(due, _of_plan):
                plan = self.world.plan(project, name, version)
                assert plan is not None
                self.take(release(self.world, plan, True, list(rows), at))

    def follow(self, at: datetime) -> None:
        """Let what was started end, one after the other, until nothing moves.

        Nobody waits for a time: when only that is left, it has come.
        """
        while True:
            while self._queue:
                execution = self._queue.popleft()
                if execution.id in self.circles:
                    continue
                if self.most == 0:
                    self.cut += 1
                    continue
                self.most -= 1
                self._end(execution, at)
            due = self.world.next_due()
            if due is None:
                return
            at = max(at, due)
            self.release(at)

    def _end(self, execution: Execution, at: datetime) -> None:
        try:
            versions = self.emit(execution)
        except NotFound as error:
            unmet = Verdict("unmet", str(error))
            self.take(([move(row, unmet, at) for row in self._of(execution)], []))
            return
        self.hear(versions, replace(execution, state="succeeded", ended_at=at), at)

    def _of(self, execution: Execution) -> list[LedgerRow]:
        rows = self.world.rows
        return [row for row in rows if (row.execution_id, row.state) == (execution.id, "queued")]


def _of_plan(row: LedgerRow) -> tuple[str, str, int]:
    return row.project, row.plan, row.plan_version
