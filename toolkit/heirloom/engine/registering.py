"""Launch plans on their way into the catalog: immutable versions, and who is active."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.declare.graph import emitted_by
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.trigger import Firing, OnArtifact
from heirloom.engine.advice import advice, misfits
from heirloom.engine.finding import with_types
from heirloom.engine.frame import by_person, current_frame
from heirloom.engine.payloads import Payloads
from heirloom.engine.source_secrets import warn_of_secrets
from heirloom.engine.waiting_rows import wait_anew
from heirloom.errors import DeclarationError
from heirloom.react.approvals import Approvals
from heirloom.records.binds import Bind
from heirloom.records.clock import now
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Trigger
from heirloom.records.queries import Query

__all__ = ["Registering"]

Save = Callable[[Any], Payload]


@dataclass(slots=True)
class Registering:
    """Records the plans that one session declares."""

    catalog: Catalog
    payloads: Payloads
    approvals: Approvals
    project: str
    user: str
    session_id: str

    def register(self, plan: LaunchPlan) -> str:
        """Record the plan's version, unless the newest one says the same; what was done, in words.

        This user's reactors run its code from then on, unless it was triggered code that
        registered it: what a person approved does not approve more.

        Raises:
            NotPortable: It has a trigger and its code cannot leave this kernel.
            DeclarationError: One of its inputs may be a secret; nothing is recorded.
            CatalogUnavailable: Others may write this user's approvals; nothing is recorded.
        """
        closure = plan.workflow.closure
        draft = self._draft(plan, self.payloads.save)
        warn_of_secrets(closure.text, f"{closure.kind} {closure.name!r}")
        frame = current_frame()
        own = frame is None or frame.place.depth == 0
        if own:
            self.approvals.check()
        notes: list[str] = []

        def approved(code: str) -> bool:
            return (own and code == closure.digest) or self.approvals.allows(code)

        def prepare(view: View) -> Batch:
            notes[:] = [
                "" if plan.auto_activate else advice(view, draft),  # activating says it
                misfits(view, draft, plan.interface, self.payloads),
            ]
            known = view.plan(self.project, draft.name)
            if known is not None and known.digest == draft.digest:
                return Batch()
            record = replace(draft, version=known.version + 1 if known else 1)
            batch = Batch(plans=[record], codes={closure.digest: closure.to_doc()})
            notes.insert(0, self._point(view, plan, record, batch, approved))
            return batch

        self.catalog.commit(prepare)
        if own:
            self.approvals.add(closure.digest, plan.name)
        return "; ".join(filter(None, notes))

    def draft(self, plan: LaunchPlan) -> LaunchPlanRecord:
        """The version that `plan` is, or would be; nothing is recorded.

        Raises:
            NotPortable: It has a trigger and its code cannot leave this kernel.
        """
        draft = self._draft(plan, self.payloads.unsaved)
        known = self.catalog.view().plan(self.project, draft.name)
        if known is not None and known.digest == draft.digest:
            return known
        return replace(draft, version=known.version + 1 if known else 1)

    def _point(
        self,
        view: View,
        plan: LaunchPlan,
        record: LaunchPlanRecord,
        batch: Batch,
        approved: Callable[[str], bool],
    ) -> str:
        """Let an active plan run the new version, if this session may say so."""
        switch = view.switch(self.project, record.name)
        if switch is None or not switch.active:
            return ""
        own = switch.session_id == self.session_id or plan.auto_activate
        if not own or (switch.person and not by_person()):
            return f"v{record.version} registered; v{switch.version} stays active"
        batch.switches.append(replace(switch, version=record.version))
        wait_anew(view, record, (), batch, now(), approved)
        return f"v{record.version} registered and active in place of v{switch.version}"

    def _draft(self, plan: LaunchPlan, save: Save) -> LaunchPlanRecord:
        closure = plan.workflow.closure
        if plan.trigger is not None:
            closure.require_portable(f"plan {plan.name!r}")
        defaults = {**plan.workflow.defaults, **plan.default_inputs}
        said: dict[str, Any] = {
            "workflow": plan.workflow.name,
            "kind": plan.workflow.kind,
            "code": closure.digest,
            "trigger": self._trigger(plan, plan.trigger, save).to_doc() if plan.trigger else None,
            "defaults": self._inputs(plan, defaults, save),
            "fixed": self._inputs(plan, plan.fixed_inputs, save),
            "max_concurrent": plan.max_concurrent,
            "emits": self._emits(plan),
            **({"max_per_hour": plan.max_per_hour} if plan.max_per_hour is not None else {}),
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
            emits=tuple(said["emits"]),
            max_per_hour=plan.max_per_hour,
        )

    def _emits(self, plan: LaunchPlan) -> list[str]:
        """Refs of the artifacts that the plan's target is known to emit, sorted."""
        return sorted({str(ref.within(self.project)) for ref in emitted_by(plan.workflow)})

    def _trigger(self, plan: LaunchPlan, trigger: OnArtifact, save: Save) -> Trigger:
        return Trigger(
            on=tuple(map(self._typed, trigger.queries)),
            condition=trigger.condition,
            when=trigger.when,
            inputs=self._inputs(plan, plan.trigger_inputs, save),
            debounce=trigger.seconds("debounce"),
            max_depth=trigger.max_depth,
            cooldown=trigger.seconds("cooldown"),
            window=trigger.window,
            countdown=trigger.seconds("countdown"),
        )

    def _inputs(
        self, plan: LaunchPlan, values: Mapping[str, Any], save: Save
    ) -> dict[str, dict[str, Any]]:
        return {name: self._spec(plan, name, value, save) for name, value in values.items()}

    def _spec(self, plan: LaunchPlan, name: str, value: Any, save: Save) -> dict[str, Any]:
        """One input as the record has it; what may be asked for says if `None` will do."""
        if isinstance(value, Bind):
            return {"bind": value.to_doc()}
        if isinstance(value, Query):
            spec: dict[str, Any] = {"query": self._typed(value).to_doc()}
        elif isinstance(value, Firing):
            spec = {"firing": value.artifact}
        else:
            self._check_no_secret(plan, name, value)
            return {"value": save(value).to_doc()}
        return spec | ({"optional": True} if plan.interface.inputs[name].optional else {})

    def _check_no_secret(self, plan: LaunchPlan, name: str, value: Any) -> None:
        """Refuse a plan that could only run if the catalog kept a secret for good."""
        why = self.payloads.secrets.why(name, value)
        if why is not None:
            msg = (
                f"Plan {plan.name!r} would record its input {name!r} for good, and that may be a "
                f"secret ({why}). Leave it out, and read it where it is used: "
                f"os.environ[{name.upper()!r}]."
            )
            raise DeclarationError(msg)

    def _typed(self, query: Query) -> Query:
        """The query as the declaration that there is now reads it."""
        typed = with_types(self.catalog.view(), query.within(self.project))
        return replace(typed, project=query.project)
