"""Launch plans as a session gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from heirloom.catalog import Catalog, View
from heirloom.declare.launch import LaunchPlan
from heirloom.engine.registering import Registering
from heirloom.engine.switching import Switching
from heirloom.errors import PlanNotFound, did_you_mean
from heirloom.react.approvals import Approvals
from heirloom.records.plans import LaunchPlanRecord, Trigger

__all__ = ["Plan", "Plans"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A launch plan as it stands: its version that is, or would be, active.

    Attributes:
        is_active: Whether a new version of what it listens to starts it.
        activated_by: Who threw the switch last; `None` before its first activation.
        approved: Whether this user's reactors run its code.
        newest: The newest registered version.
        note: What the last call on it did, in words.
    """

    project: str
    name: str
    version: int
    workflow: str
    trigger: Trigger | None
    is_active: bool
    activated_by: str | None
    approved: bool
    newest: int
    note: str = ""
    plans: Plans = field(repr=False, compare=False)

    def activate(self, version: int | None = None, *, missed: str = "none") -> Plan:
        """Start listening.

        Args:
            version: `None` for the newest.
            missed: What was paused while it was off: ``none`` is run, the ``newest``, or
                ``each``.

        Returns:
            The plan as it is then; its note says what was done.

        Raises:
            PlanNotFound: It has no such version; nothing was changed.
        """
        return self.plans.switch(self.name, True, version=version, missed=missed)

    def deactivate(self) -> Plan:
        """Stop starting anything: events are ``paused`` until it is on again."""
        return self.plans.switch(self.name, False)

    def approve(self) -> Plan:
        """Let this user's reactors run its code."""
        return self.plans.approve(self.name)

    def __repr__(self) -> str:
        state = "active" if self.is_active else "off"
        on = f" on {', '.join(map(str, self.trigger.on))}" if self.trigger else ""
        note = f" — {self.note}" if self.note else ""
        return f"<plan {self.name} v{self.version} {state}: {self.workflow}{on}{note}>"


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
    after_activate: Callable[[], str]

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
        idle = self.after_activate() if plan.trigger else "it has no trigger: it runs by hand"
        return replace(plan, note="; ".join(filter(None, (note, idle))))

    def approve(self, name: str) -> Plan:
        """Approve the code of the plan's shown version for this user."""
        plan = self.get(name)
        record = self.catalog.view().plan(self.project, name, plan.version)
        if record is not None:
            self.approvals.add(record.code, name)
        return self.get(name, note="approved")

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
            approved=self.approvals.allows(shown.code),
            newest=newest.version,
            note=note,
            plans=self,
        )
