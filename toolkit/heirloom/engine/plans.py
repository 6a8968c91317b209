"""Launch plans in the catalog: registering, switching, and what a switch does to missed events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from heirloom.catalog import Batch, Catalog, View
from heirloom.declare.launch import Firing, LaunchPlan
from heirloom.engine.frame import current_frame
from heirloom.engine.leaf import version_of
from heirloom.engine.payloads import Payloads
from heirloom.errors import DeclarationError, PlanNotFound, did_you_mean
from heirloom.react.approvals import Approvals
from heirloom.react.decide import queued
from heirloom.react.states import move
from heirloom.records.binds import Bind
from heirloom.records.clock import now
from heirloom.records.executions import Execution
from heirloom.records.plans import LaunchPlanRecord, LedgerRow, Switch, Trigger
from heirloom.records.queries import Query

__all__ = ["Plan", "Plans"]

MISSED = ("none", "newest", "each")


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
        return self.plans.switch(self.project, self.name, True, version=version, missed=missed)

    def deactivate(self) -> Plan:
        """Stop starting anything: events are ``paused`` until it is on again."""
        return self.plans.switch(self.project, self.name, False)

    def approve(self) -> Plan:
        """Let this user's reactors run its code."""
        return self.plans.approve(self.project, self.name)

    def __repr__(self) -> str:
        state = "active" if self.is_active else "off"
        on = f" on {', '.join(map(str, self.trigger.on))}" if self.trigger else ""
        note = f" — {self.note}" if self.note else ""
        return f"<plan {self.name} v{self.version} {state}: {self.workflow}{on}{note}>"


@dataclass(slots=True)
class Plans:
    """The launch plans of one session's project."""

    catalog: Catalog
    payloads: Payloads
    approvals: Approvals
    project: str
    user: str
    session_id: str
    after_activate: Callable[[], str] = field(default=lambda: "")

    # ------------------------------------------------------------------ registering

    def register(self, plan: LaunchPlan) -> Plan:
        """Record the plan's version, unless the newest one says the same.

        In the session that activated the plan, the new version takes its place; elsewhere
        the active one stays and the note says so.

        Raises:
            NotPortable: It has a trigger and its code cannot leave this kernel.
        """
        closure = plan.workflow.closure
        if plan.trigger is not None:
            closure.require_portable(f"plan {plan.name!r}")
        draft = self._record(plan)
        notes: list[str] = []

        def prepare(view: View) -> Batch:
            notes.clear()
            known = view.plan(self.project, draft.name)
            if known is not None and known.digest == draft.digest:
                return Batch()
            record = replace(draft, version=known.version + 1 if known else 1)
            batch = Batch(plans=[record], codes={closure.digest: closure.to_doc()})
            switch = view.switch(self.project, draft.name)
            if switch is not None and switch.active:
                own = switch.session_id == self.session_id
                notes.append(_moved(record.version, switch.version, own))
                batch.switches += [replace(switch, version=record.version)] if own else []
            return batch

        self.catalog.commit(prepare)
        self.approvals.add(closure.digest, plan.name)
        return self.get(plan.name, note="; ".join(notes))

    def _record(self, plan: LaunchPlan) -> LaunchPlanRecord:
        closure = plan.workflow.closure
        said: dict[str, Any] = {
            "workflow": plan.workflow.name,
            "kind": plan.workflow.kind,
            "code": closure.digest,
            "trigger": self._trigger(plan).to_doc() if plan.trigger else None,
            "defaults": self._inputs({**plan.workflow.defaults, **plan.default_inputs}),
            "fixed": self._inputs(plan.fixed_inputs),
            "max_concurrent": plan.max_concurrent,
        }
        text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        return LaunchPlanRecord(
            project=self.project,
            name=plan.name,
            version=0,
            workflow=said["workflow"],
            kind=said["kind"],
            code=said["code"],
            digest=f"sha256:{hashlib.sha256(text).hexdigest()}",
            registered_at=now(),
            registered_by=self.user,
            session_id=self.session_id,
            trigger=Trigger.from_doc(said["trigger"]) if said["trigger"] else None,
            defaults=said["defaults"],
            fixed=said["fixed"],
            max_concurrent=said["max_concurrent"],
        )

    def _trigger(self, plan: LaunchPlan) -> Trigger:
        trigger = plan.trigger
        if trigger is None:
            msg = f"Plan {plan.name!r} has no trigger."
            raise DeclarationError(msg)
        return Trigger(
            on=trigger.queries,
            condition=trigger.condition,
            when=trigger.when,
            inputs={name: self._spec(value) for name, value in plan.trigger_inputs.items()},
            max_depth=trigger.max_depth,
        )

    def _inputs(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {name: self._spec(value) for name, value in values.items()}

    def _spec(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Query):
            return {"query": value.to_doc()}
        if isinstance(value, Firing):
            return {"firing": value.artifact}
        if isinstance(value, Bind):
            return {"bind": value.to_doc()}
        return {"value": self.payloads.save(value).to_doc()}

    # ------------------------------------------------------------------ looking

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

    # ------------------------------------------------------------------ switching

    def switch(
        self,
        project: str,
        name: str,
        active: bool,
        *,
        version: int | None = None,
        missed: str = "none",
    ) -> Plan:
        """Throw a plan's switch; inside an execution, only where no person has thrown it yet."""
        if missed not in MISSED:
            msg = f"missed is 'none', 'newest' or 'each'; got {missed!r}."
            raise DeclarationError(msg)
        frame = current_frame()
        person = frame is None or frame.interactive
        notes: list[str] = []

        def prepare(view: View) -> Batch:
            notes.clear()
            record = view.plan(project, name, version)
            if record is None:
                msg = f"Plan {name!r} has no version {version}."
                raise PlanNotFound(msg, name=name)
            known = view.switch(project, name)
            if known is not None and known.person and not person:
                notes.append(f"a person ({known.by}) has switched it: nothing was changed")
                return Batch()
            wanted = record.version if active or known is None else known.version
            switch = Switch(
                project=project,
                plan=name,
                version=wanted,
                active=active,
                person=person,
                at=now(),
                by=self.user,
                session_id=self.session_id,
            )
            batch = Batch(switches=[switch])
            if active:
                notes.extend(_release(view, record, missed, batch))
            return batch

        self.catalog.commit(prepare)
        if active:
            notes.append(self.after_activate())
        return self.get(name, note="; ".join(filter(None, notes)))

    def approve(self, project: str, name: str) -> Plan:
        """Approve the code of the plan's shown version for this user."""
        plan = self.get(name)
        record = self.catalog.view().plan(project, name, plan.version)
        if record is not None:
            self.approvals.add(record.code, name)
        return self.get(name, note="approved")


def _moved(new: int, active: int, own: bool) -> str:
    if own:
        return f"v{new} registered and active in place of v{active}"
    return f"v{new} registered; v{active} stays active"


def _release(view: View, plan: LaunchPlanRecord, missed: str, batch: Batch) -> list[str]:
    """Move the plan's paused rows by the rule of `missed`; what was done, in words."""
    paused = [row for row in view.ledger(plan=plan.name, state="paused")]
    if not paused:
        return []
    run = {"none": [], "newest": paused[:1], "each": paused}[missed]
    for row in reversed(paused):
        if row in run:
            started = queued(plan, row.refs, _cause(view, row), now())
            batch.executions.append(started)
            batch.rows.append(move(row, "queued", at=now(), execution_id=started.id))
        else:
            reason = f"missed while off; activated with missed={missed!r}"
            batch.rows.append(move(row, "skipped", at=now(), reason=reason))
    return [f"{len(paused)} events waited: {len(run)} queued, {len(paused) - len(run)} skipped"]


def _cause(view: View, row: LedgerRow) -> Execution:
    version = version_of(view, row.refs[0])
    cause = view.execution(version.execution_id)
    if cause is None:
        msg = f"The catalog has no execution {version.execution_id!r}, which made {version.ref}."
        raise LookupError(msg)
    return cause
