"""What the record of an execution says as it begins, and as it ends badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from heirloom.engine.frame import Place
from heirloom.engine.slots import Slot
from heirloom.engine.spoken import spoken
from heirloom.records.clock import now
from heirloom.records.executions import Execution
from heirloom.records.secrets import Redactor

__all__ = ["Entries"]


@dataclass(slots=True)
class Entries:
    """Makes the records of a project's executions; nothing is written."""

    project: str
    user: str
    secrets: Redactor

    def started(self, target: Any, kind: str, slots: Mapping[str, Slot], place: Place) -> Execution:
        """The record of an execution that begins now."""
        closure = target.closure
        return self.begun(
            kind,
            target.name,
            place,
            code_version=closure.digest,
            bound=closure.bound,
            inputs={name: slot.bound for name, slot in slots.items()},
            reads=tuple(
                dict.fromkeys(
                    (*place.carried, *(r for name, slot in slots.items() for r in slot.reads(name)))
                )
            ),
        )

    def begun(self, kind: str, name: str, place: Place, **known: Any) -> Execution:
        """The record of what begins now at `place`, with what else is known of it."""
        begin = {"started_at": now(), "partial": place.partial}
        return Execution(
            id=place.execution_id,
            kind=kind,
            name=name,
            state="running",
            root_id=place.root_id,
            project=self.project,
            created_by=self.user,
            plan=place.plan,
            plan_version=place.plan_version,
            parent_id=place.parent_id,
            path=place.path,
            attempt=place.attempt,
            depth=place.depth,
            chain=place.chain,
            triggered_by=place.triggered_by,
            rerun_of=place.rerun_of,
            claimant=place.claimant,
            **{**begin, **known},
        )

    def ended_badly(
        self, execution: Execution, error: BaseException, text: str | None
    ) -> Execution:
        """The record of a bad end."""
        state = "cancelled" if isinstance(error, KeyboardInterrupt) else "failed"
        said = self.secrets.hide(spoken(error) if text is None else text)
        return replace(execution, state=state, error=said, ended_at=now())
