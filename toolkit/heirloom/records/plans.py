"""Launch plans and their switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heirloom.records.clock import stamp, unstamp
from heirloom.records.names import fold
from heirloom.records.queries import Query

__all__ = ["LaunchPlanRecord", "Switch", "Trigger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a plan and what it is given, as data.

    Attributes:
        on: The queries listened to; each names one artifact.
        inputs: By input name: ``{"firing": name}`` (the version of that artifact that fired),
            ``{"query": doc}``, ``{"bind": doc}`` or ``{"value": payload doc}``.
        debounce: Seconds; `None` for none.
        max_depth: Triggered executions in one chain; `None` for ever.
        cooldown: Seconds; `None` for none.
        window: A period of the calendar whose versions come together; `None` for none.
        countdown: Seconds from being queued to the earliest start; `None` for none.
    """

    on: tuple[Query, ...]
    condition: str = "any"
    when: str = "version"
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    debounce: float | None = None
    max_depth: int | None = 25
    cooldown: float | None = None
    window: str | None = None
    countdown: float | None = None

    def to_doc(self) -> dict[str, Any]:
        """The JSON form; of the last three, what there is."""
        late = {"cooldown": self.cooldown, "window": self.window, "countdown": self.countdown}
        return {
            "on": [query.to_doc() for query in self.on],
            "condition": self.condition,
            "when": self.when,
            "inputs": {name: dict(spec) for name, spec in self.inputs.items()},
            "debounce": self.debounce,
            "max_depth": self.max_depth,
            **{name: value for name, value in late.items() if value is not None},
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Trigger:
        """What `to_doc` wrote."""
        return cls(
            on=tuple(map(Query.from_doc, doc["on"])),
            condition=doc["condition"],
            when=doc["when"],
            inputs=doc["inputs"],
            debounce=doc["debounce"],
            max_depth=doc["max_depth"],
            cooldown=doc.get("cooldown"),
            window=doc.get("window"),
            countdown=doc.get("countdown"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchPlanRecord:
    """One immutable version of a launch plan.

    Attributes:
        workflow: Name of what it runs.
        kind: ``workflow``, ``notebook`` or ``cell``.
        code: Digest of the source closure that is run.
        defaults: Default inputs, the workflow's own included: ``{"query": doc}`` or
            ``{"value": payload doc}``; ``optional`` beside a query gives `None` if unmet.
        fixed: Fixed inputs, in the same form.
        max_concurrent: Executions at one time; `None` for any number, ``partition`` for one for
            each set of partition values.
        max_per_hour: Triggered executions begun within any hour; `None` for any number.
        emits: Refs of the artifacts that its code is known to emit, without versions.
        digest: Of all that makes the version; the same text registers no new one.
    """

    project: str
    name: str
    version: int
    workflow: str
    kind: str
    code: str
    digest: str
    registered_at: datetime
    registered_by: str
    session_id: str
    trigger: Trigger | None = None
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    max_concurrent: int | str | None = 1
    emits: tuple[str, ...] = ()
    max_per_hour: int | None = None

    @property
    def listens(self) -> frozenset[tuple[str, str]]:
        """Project and folded name of each artifact that it listens to."""
        on = self.trigger.on if self.trigger is not None else ()
        return frozenset((query.project or self.project, fold(query.name)) for query in on)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form; `max_per_hour` where there is one."""
        pace = {} if self.max_per_hour is None else {"max_per_hour": self.max_per_hour}
        return {
            "project": self.project,
            "name": self.name,
            "version": self.version,
            "workflow": self.workflow,
            "kind": self.kind,
            "code": self.code,
            "digest": self.digest,
            "registered_at": stamp(self.registered_at),
            "registered_by": self.registered_by,
            "session": self.session_id,
            "trigger": self.trigger.to_doc() if self.trigger else None,
            "defaults": {name: dict(spec) for name, spec in self.defaults.items()},
            "fixed": {name: dict(spec) for name, spec in self.fixed.items()},
            "max_concurrent": self.max_concurrent,
            "emits": list(self.emits),
            **pace,
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> LaunchPlanRecord:
        """What `to_doc` wrote."""
        return cls(
            project=doc["project"],
            name=doc["name"],
            version=doc["version"],
            workflow=doc["workflow"],
            kind=doc["kind"],
            code=doc["code"],
            digest=doc["digest"],
            registered_at=unstamp(doc["registered_at"]),
            registered_by=doc["registered_by"],
            session_id=doc["session"],
            trigger=Trigger.from_doc(doc["trigger"]) if doc["trigger"] else None,
            defaults=doc["defaults"],
            fixed=doc["fixed"],
            max_concurrent=doc["max_concurrent"],
            emits=tuple(doc["emits"]),
            max_per_hour=doc.get("max_per_hour"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The present position of a plan's switch; a plan without one was never activated.

    Attributes:
        version: The active (or last active) version of the plan.
        person: Whether a person threw it, outside any execution.
        session_id: The session that threw it.
    """

    project: str
    plan: str
    version: int
    active: bool
    person: bool
    at: datetime
    by: str
    session_id: str

    def to_doc(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "project": self.project,
            "plan": self.plan,
            "version": self.version,
            "active": self.active,
            "person": self.person,
            "at": stamp(self.at),
            "by": self.by,
            "session": self.session_id,
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Switch:
        """What `to_doc` wrote."""
        return cls(
            project=doc["project"],
            plan=doc["plan"],
            version=doc["version"],
            active=doc["active"],
            person=doc["person"],
            at=unstamp(doc["at"]),
            by=doc["by"],
            session_id=doc["session"],
        )
