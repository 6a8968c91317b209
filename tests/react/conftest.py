"""Records for decisions, without a catalog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from heirloom.records.executions import Execution
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class FakeListening:
    """What the catalog would answer at the moment of the commit."""

    plans: list[tuple[LaunchPlanRecord, Switch]] = field(default_factory=list)
    fired: ArtifactVersion | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def listening(self, project: str, name: str) -> list[tuple[LaunchPlanRecord, Switch]]:
        self.asked.append((project, name))
        return self.plans

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: dict[str, str],
        before: int,
    ) -> ArtifactVersion | None:
        if self.fired is None or self.fired.conditions != conditions:
            return None
        return self.fired if self.fired.version < before else None

    def add(
        self, name: str = "plan", *on: Query, active: bool = True, **given: Any
    ) -> LaunchPlanRecord:
        """A plan that listens; `given` are fields of its trigger."""
        plan = LaunchPlanRecord(
            project="p",
            name=name,
            version=3,
            workflow="work",
            kind="workflow",
            code="sha256:c0de",
            digest="sha256:d",
            registered_at=AT,
            registered_by="ada",
            session_id="s",
            trigger=Trigger(on=on or (Query(name="sales"),), **given),
        )
        switch = Switch(
            project="p",
            plan=name,
            version=3,
            active=active,
            person=True,
            at=AT,
            by="ada",
            session_id="s",
        )
        self.plans.append((plan, switch))
        return plan


@pytest.fixture
def listening() -> FakeListening:
    """A catalog at which nothing listens yet."""
    return FakeListening()


@pytest.fixture
def version() -> Callable[..., ArtifactVersion]:
    """Makes one version of ``sales``; `given` are its other fields."""

    def make(
        number: int = 1, digest: str | None = "sha256:a", kind: str = "file", **given: Any
    ) -> ArtifactVersion:
        made: dict[str, Any] = {
            "project": "p",
            "name": "sales",
            "payload": Payload(format="file", type_name="File", kind=kind, digest=digest),
            "partitions": {},
            "created_at": AT,
            "created_by": "bob",
            "execution_id": "cause",
            "root_id": "root",
            "path": "/step",
            "output": "o0",
        }
        return ArtifactVersion(version=number, **(made | given))

    return make


@pytest.fixture
def cause() -> Callable[..., Execution]:
    """Makes the execution that emitted a version."""

    def make(id: str = "cause", **given: Any) -> Execution:
        made: dict[str, Any] = {
            "kind": "task",
            "name": "emit",
            "state": "succeeded",
            "root_id": "root",
            "project": "p",
            "created_by": "bob",
            "started_at": AT,
        }
        return Execution(id=id, **(made | given))

    return make
