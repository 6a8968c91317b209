"""The launch plans of a project: found, registered, switched, approved, previewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from heirloom.catalog.protocol import Catalog, View
from heirloom.declare.launch import LaunchPlan
from heirloom.engine.advice import advice, circle_of, warn_of_endless
from heirloom.engine.approving import let_approved
from heirloom.engine.backfilling import Backfilling
from heirloom.engine.frame import by_person
from heirloom.engine.plan import Plan
from heirloom.engine.preview import Preview
from heirloom.engine.previewing import Previewing
from heirloom.engine.registering import Registering
from heirloom.engine.review import Review, reviewed
from heirloom.engine.switching import Switching
from heirloom.errors import DeclarationError, PlanNotFound, did_you_mean
from heirloom.react.approvals import Approvals
from heirloom.records.clock import now
from heirloom.records.plans import LaunchPlanRecord
from heirloom.render import counted

__all__ = ["Plans"]


@dataclass(slots=True)
class Plans:
    """The launch plans of one session's project.

    `after_activate` is called when a plan was switched on; what it says is said.
    """

    catalog: Catalog
    approvals: Approvals
    project: str
    registering: Registering
    switching: Switching
    previewing: Previewing
    backfilling: Backfilling
    after_activate: Callable[[str], str]

    def register(self, plan: LaunchPlan) -> Plan:
        """Record the plan's version, unless the newest one says the same.

        In the session that activated the plan, the new version takes its place; elsewhere
        the active one stays and the note says so.

        Raises:
            NotPortable: It has a trigger and its code cannot leave this kernel.
        """
        note = self.registering.register(plan)
        return self.get(plan.name, note=note)

    def get(self, name: str, *, note: str = "") -> Plan:
        """The plan of that name.

        Raises:
            PlanNotFound: There is none; the nearest names are given.
        """
        view = self.catalog.view()
        record = view.plan(self.project, name)
        if record is None:
            names = {plan.name for plan in view.plans(self.project)}
            msg = f"No launch plan named {name!r}.{did_you_mean(name, names)} %trigger lists them."
            raise PlanNotFound(msg, name=name)
        return self._plan(view, record, note)

    def all(self) -> list[Plan]:
        """Every plan of the project, by name."""
        view = self.catalog.view()
        newest = {record.name: record for record in view.plans(self.project)}
        return [self._plan(view, newest[name], "") for name in sorted(newest)]

    def switch(
        self, name: str, active: bool, *, version: int | None = None, missed: str = "none"
    ) -> Plan:
        """Throw a plan's switch; inside an execution, only where no person has thrown it yet."""
        note = self.switching.throw(self.project, name, active, version=version, missed=missed)
        plan = self.get(name, note=note)
        if not (active and plan.is_active):
            return plan
        idle = self.after_activate(name) if plan.trigger else "it has no trigger: it runs by hand"
        said = (note, *self._advice(plan), idle)
        return replace(plan, note="; ".join(filter(None, said)))

    def _advice(self, plan: Plan) -> tuple[str, str]:
        """What is to be known of a plan that is on: what it starts in turn, what it misses."""
        view = self.catalog.view()
        record = view.plan(plan.project, plan.name, plan.version)
        if record is None:
            return "", ""
        found = circle_of(view, record)
        if found is not None:
            warn_of_endless(found)
        return str(found or ""), advice(view, record)

    def backfill(self, name: str, since: Any, where: str) -> Plan:
        """Give a plan the past versions that it has no row of."""
        note = self.backfilling.run(self.record(name), since, where)
        return self.get(name, note="; ".join(filter(None, [note, self.after_activate(name)])))

    def approve(self, name: str, version: int | None = None) -> Plan:
        """Approve the code of a version for this user; what waited for that is let go.

        Raises:
            PlanNotFound: There is no such plan or version; nothing is approved.
            DeclarationError: It is called inside an execution: approving is a person's act.
            CatalogUnavailable: Others may write this user's approvals; nothing is approved.
        """
        if not by_person():
            msg = f"A person approves plan {name!r}, outside of any execution."
            raise DeclarationError(msg)
        record = self.record(name, version)
        self.approvals.add(record.code, name)
        freed = 0 if self.catalog.read_only else let_approved(self.catalog, self.approvals, now())
        note = f"v{record.version} approved"
        waited = f"{note}; {counted(freed, 'event')} waited for it"
        return self.get(name, note=waited if freed else note)

    def preview(self, name: str, version: int, ref: Any, since: Any) -> Preview:
        """What a version of a plan would start."""
        return self.previewing.plan(self.record(name, version), ref, since)

    def draft(self, plan: LaunchPlan, ref: Any, since: Any) -> Preview:
        """What a plan that is perhaps not registered would start; it is not registered now.

        Raises:
            NotPortable: It has a trigger and its code cannot leave this kernel.
        """
        return self.previewing.plan(self.registering.draft(plan), ref, since)

    def review(self, name: str, version: int | None = None) -> Review:
        """A version's code, and what differs from what this user approved last."""
        record = self.record(name, version)
        view = self.catalog.view()
        return reviewed(view, record, self.approvals)

    def record(self, name: str, version: int | None = None) -> LaunchPlanRecord:
        """A plan's version as it is recorded; `None` for the one that is shown.

        Raises:
            PlanNotFound: There is none.
        """
        plan = self.get(name)
        wanted = plan.version if version is None else version
        record = self.catalog.view().plan(self.project, plan.name, wanted)
        if record is None:
            msg = f"Plan {name!r} has no version {wanted}; its newest is {plan.newest}."
            raise PlanNotFound(msg, name=name)
        return record

    def _plan(self, view: View, newest: LaunchPlanRecord, note: str) -> Plan:
        switch = view.switch(newest.project, newest.name)
        shown = newest
        if switch is not None and switch.version != newest.version:
            shown = view.plan(newest.project, newest.name, switch.version) or newest
        return Plan(
            project=shown.project,
            name=shown.name,
            version=shown.version,
            workflow=shown.workflow,
            trigger=shown.trigger,
            is_active=switch is not None and switch.active,
            activated_by=switch.by if switch else None,
            registered_by=shown.registered_by,
            approved=self.approvals.allows(shown.code),
            newest=newest.version,
            note=note,
            plans=self,
        )
