"""Plans on and off, and what becomes of the events that came while one was off."""

from __future__ import annotations

from dataclasses import dataclass

from heirloom.catalog import Batch, Catalog, View
from heirloom.engine.frame import by_person
from heirloom.engine.items import version_of
from heirloom.errors import DeclarationError, PlanNotFound
from heirloom.react.decide import outcome, queued
from heirloom.react.states import move
from heirloom.records.clock import now
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.versions import ArtifactVersion

__all__ = ["MISSED", "Switching"]

MISSED = ("none", "newest", "each")


@dataclass(slots=True)
class Switching:
    """Throws switches for one session."""

    catalog: Catalog
    user: str
    session_id: str

    def throw(
        self, project: str, name: str, active: bool, *, version: int | None, missed: str
    ) -> str:
        """Throw a plan's switch; inside an execution, only where no person has thrown it yet.

        Returns:
            What was done beside that, in words.

        Raises:
            PlanNotFound: It has no such version; nothing was changed.
        """
        if missed not in MISSED:
            msg = f"missed is {', '.join(map(repr, MISSED))}; got {missed!r}."
            raise DeclarationError(msg)
        person = by_person()
        notes: list[str] = []

        def prepare(view: View) -> Batch:
            notes.clear()
            record = view.plan(project, name, version)
            if record is None:
                msg = f"Plan {name!r} has no version {version}."
                raise PlanNotFound(msg, name=name)
            known = view.switch(project, name)
            if known is None and not active:
                notes.append("it was never on: nothing was changed")
                return Batch()
            if known is not None and known.person and not person:
                notes.append(f"a person ({known.by}) has switched it: nothing was changed")
                return Batch()
            switch = Switch(
                project=project,
                plan=name,
                version=record.version if active or known is None else known.version,
                active=active,
                person=person,
                at=now(),
                by=self.user,
                session_id=self.session_id,
            )
            batch = Batch(switches=[switch])
            if active:
                notes.append(_release(view, record, missed, batch))
            return batch

        self.catalog.commit(prepare)
        return "; ".join(filter(None, notes))


def _release(view: View, plan: LaunchPlanRecord, missed: str, batch: Batch) -> str:
    """Move the plan's paused rows by the rule of `missed`; what was done, in words."""
    paused = view.ledger(plan=plan.name, project=plan.project, state="paused")
    if not paused:
        return ""
    wanted = {"none": [], "newest": paused[:1], "each": paused}[missed]
    for row in reversed(paused):
        reason = f"missed while off; activated with missed={missed!r}"
        if row in wanted:
            reason = _queue(view, plan, row, batch)
        if reason:
            batch.rows.append(move(row, "skipped", at=now(), reason=reason))
    run = len(batch.executions)
    return f"{len(paused)} events waited: {run} queued, {len(paused) - run} skipped"


def _queue(view: View, plan: LaunchPlanRecord, row: LedgerRow, batch: Batch) -> str:
    """Queue what a paused row is to start; empty, else why the plan as it is now does not."""
    version, cause = _event(view, row)
    state, reason = outcome(view, plan, True, version, cause)
    if state != "queued":
        return f"{state}: {reason}"
    started = queued(plan, row.refs, cause, now())
    batch.executions.append(started)
    batch.rows.append(move(row, "queued", at=now(), execution_id=started.id))
    return ""


def _event(view: View, row: LedgerRow) -> tuple[ArtifactVersion, Execution]:
    version = version_of(view, row.refs[0])
    cause = view.execution(version.execution_id)
    if cause is None:
        msg = f"The catalog has no execution {version.execution_id!r}, which made {version.ref}."
        raise LookupError(msg)
    return version, cause
