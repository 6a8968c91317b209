"""Launch plans on their way into the catalog: immutable versions, and who is active."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from heirloom.catalog import Batch, Catalog, View
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.trigger import Firing, OnArtifact
from heirloom.engine.frame import by_person, current_frame
from heirloom.engine.payloads import Payloads
from heirloom.engine.resolve import with_types
from heirloom.react.approvals import Approvals
from heirloom.records.binds import Bind
from heirloom.records.clock import now
from heirloom.records.plans import LaunchPlanRecord, Trigger
from heirloom.records.queries import Query

__all__ = ["Registering"]


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
        """
        closure = plan.workflow.closure
        if plan.trigger is not None:
            closure.require_portable(f"plan {plan.name!r}")
        draft = self._draft(plan)
        notes: list[str] = []

        def prepare(view: View) -> Batch:
            notes.clear()
            known = view.plan(self.project, draft.name)
            if known is not None and known.digest == draft.digest:
                return Batch()
            record = replace(draft, version=known.version + 1 if known else 1)
            batch = Batch(plans=[record], codes={closure.digest: closure.to_doc()})
            notes.append(self._point(view, record, batch))
            return batch

        self.catalog.commit(prepare)
        frame = current_frame()
        if frame is None or frame.place.depth == 0:
            self.approvals.add(closure.digest, plan.name)
        return "; ".join(filter(None, notes))

    def _point(self, view: View, record: LaunchPlanRecord, batch: Batch) -> str:
        """Let an active plan run the new version, if this session may say so."""
        switch = view.switch(self.project, record.name)
        if switch is None or not switch.active:
            return ""
        if switch.session_id != self.session_id or (switch.person and not by_person()):
            return f"v{record.version} registered; v{switch.version} stays active"
        batch.switches.append(replace(switch, version=record.version))
        return f"v{record.version} registered and active in place of v{switch.version}"

    def _draft(self, plan: LaunchPlan) -> LaunchPlanRecord:
        closure = plan.workflow.closure
        said: dict[str, Any] = {
            "workflow": plan.workflow.name,
            "kind": plan.workflow.kind,
            "code": closure.digest,
            "trigger": self._trigger(plan, plan.trigger).to_doc() if plan.trigger else None,
            "defaults": self._inputs(plan, {**plan.workflow.defaults, **plan.default_inputs}),
            "fixed": self._inputs(plan, plan.fixed_inputs),
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

    def _trigger(self, plan: LaunchPlan, trigger: OnArtifact) -> Trigger:
        return Trigger(
            on=tuple(map(self._typed, trigger.queries)),
            condition=trigger.condition,
            when=trigger.when,
            inputs=self._inputs(plan, plan.trigger_inputs),
            max_depth=trigger.max_depth,
        )

    def _inputs(self, plan: LaunchPlan, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {name: self._spec(plan, name, value) for name, value in values.items()}

    def _spec(self, plan: LaunchPlan, name: str, value: Any) -> dict[str, Any]:
        """One input as the record has it; what may be asked for says if `None` will do."""
        if isinstance(value, Bind):
            return {"bind": value.to_doc()}
        if isinstance(value, Query):
            spec: dict[str, Any] = {"query": self._typed(value).to_doc()}
        elif isinstance(value, Firing):
            spec = {"firing": value.artifact}
        else:
            return {"value": self.payloads.save(value).to_doc()}
        return spec | ({"optional": True} if plan.interface.inputs[name].optional else {})

    def _typed(self, query: Query) -> Query:
        """The query with the types that its ranges are compared by, as they are declared now."""
        typed = with_types(self.catalog.view(), query.within(self.project))
        return replace(query, types=typed.types)
