"""Plans on and off, and what becomes of the events that came while one was off."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.engine.frame import by_person
from heirloom.engine.waiting_rows import wait_anew
from heirloom.errors import DeclarationError, PlanNotFound
from heirloom.react.approvals import Approvals
from heirloom.react.states import Verdict, move
from heirloom.records.clock import now
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.render import counted

__all__ = ["MISSED", "Switching"]

MISSED = ("none", "newest", "each")


@dataclass(slots=True)
class Switching:
    """Throws switches for one session."""

    catalog: Catalog
    approvals: Approvals
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
                newest = view.plan(project, name)
                near = f"; its newest is {newest.version}" if newest else ""
                msg = f"Plan {name!r} has no version {version}{near}."
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
                notes.append(self._release(view, record, known, missed, batch))
            elif known is not None and known.active:
                notes.append(_left(view, record))
            return batch

        self.catalog.commit(prepare)
        return "; ".join(filter(None, notes))

    def _release(
        self, view: View, plan: LaunchPlanRecord, known: Switch | None, missed: str, batch: Batch
    ) -> str:
        """Move the plan's paused rows by the rule of `missed`; what was done, in words.

        What waited goes on waiting by what the plan says now.
        """
        if known is not None and known.active and known.version == plan.version:
            return ""
        paused = view.ledger(plan=plan.name, project=plan.project, state="paused")[::-1]
        wanted = {"none": [], "newest": paused[-1:], "each": paused}[missed]
        passed_by = paused[: len(paused) - len(wanted)]
        reason = f"missed while off; activated with missed={missed!r}"
        let_be = [move(row, Verdict("skipped", reason), now()) for row in passed_by]
        batch.rows += let_be
        rows = [*let_be, *wait_anew(view, plan, wanted, batch, now(), self.approvals.allows)]
        keys = {row.key for row in paused}
        became = Counter(row.state for row in rows if row.key in keys)
        said = ("queued", "waiting", "skipped") if became["waiting"] else ("queued", "skipped")
        told = [f"{became[state]} {state}" for state in said]
        return f"{counted(len(paused), 'event')} waited: {', '.join(told)}" if paused else ""


def _left(view: View, plan: LaunchPlanRecord) -> str:
    """What of a plan goes on while it is off, in words; mostly empty."""
    queued = view.executions(plan=plan.name, project=plan.project, state="queued")
    waiting = view.ledger(plan=plan.name, project=plan.project, state="waiting")
    runs = f"{len(queued)} queued before will still run" if queued else ""
    events = f"{len(waiting)} waiting go on waiting" if waiting else ""
    return "; ".join(filter(None, [runs, events]))
