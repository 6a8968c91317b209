"""A maker of records, for the tests of catalogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from heirloom.catalog.batch import Batch, Committed
from heirloom.catalog.protocol import Catalog, View
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.ids import new_id
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Maker"]

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Maker:
    """Makes records of one project, and commits them."""

    catalog: Catalog
    project: str = "p"
    minutes: int = 0

    def time(self) -> datetime:
        """A minute later than the time before."""
        self.minutes += 1
        return BEGINNING + timedelta(minutes=self.minutes)

    def emission(self, name: str, value: Any = 1, **given: Any) -> ArtifactVersion:
        """An emission without number; `given` are fields of the version."""
        run = given.pop("run", None) or new_id()
        made: dict[str, Any] = {
            "payload": Payload(format="json", type_name="int", kind="value", value=value),
            "partitions": {},
            "created_at": self.time(),
            "created_by": "ada",
            "execution_id": run,
            "root_id": run,
            "path": "",
            "output": "out",
        }
        return ArtifactVersion(project=self.project, name=name, version=0, **(made | given))

    def execution(self, id: str | None = None, **given: Any) -> Execution:
        """An execution that succeeded; `given` are its other fields."""
        own = id or new_id()
        made: dict[str, Any] = {
            "kind": "task",
            "name": "work",
            "state": "succeeded",
            "root_id": own,
            "project": self.project,
            "created_by": "ada",
            "started_at": self.time(),
        }
        return Execution(id=own, **(made | given))

    def emit(
        self,
        name: str,
        value: Any = 1,
        *,
        reads: tuple[str, ...] = (),
        maker: str = "work",
        **given: Any,
    ) -> Any:
        """Commit one version and the execution that made it, named `maker`; the version."""
        emission = self.emission(name, value, **given)

        def prepare(view: View) -> Batch:
            version, fresh = view.number(emission)
            execution = self.execution(
                emission.execution_id,
                name=maker,
                root_id=emission.root_id,
                path=emission.path,
                outputs={emission.output: Item(version.ref)},
                reads=tuple(Read(item, "", "read") for item in reads),
            )
            return Batch(versions=[version] if fresh else [], executions=[execution])

        committed = self.catalog.commit(prepare)
        return committed.versions[0] if committed.versions else None

    def write(self, **records: Any) -> Committed:
        """Commit a batch of these records."""
        return self.catalog.commit(lambda _: Batch(**records))

    def look(self, question: Callable[[View], Any]) -> Any:
        """The answer inside a commit that writes nothing: the index stays where it is."""
        answers: list[Any] = []

        def prepare(view: View) -> Batch:
            answers.append(question(view))
            return Batch()

        self.catalog.commit(prepare)
        return answers[0]

    def declare(self, name: str, **given: Any) -> Declaration:
        """Commit the next declaration of a name."""
        known = self.look(lambda view: view.declaration(self.project, name))
        made: dict[str, Any] = {
            "version": known.version + 1 if known else 1,
            "keys": tuple(given.get("types", ())),
            "declared_at": self.time(),
            "declared_by": "ada",
        }
        declaration = Declaration(project=self.project, name=name, **(made | given))
        self.write(declarations=[declaration])
        return declaration

    def marks(self, version: ArtifactVersion, said: str, /, **data: Any) -> Mark:
        """A mark on a version."""
        return Mark(
            project=version.project,
            name=version.name,
            version=version.version,
            kind=said,
            at=self.time(),
            by="ada",
            data=data,
        )

    def mark(self, version: ArtifactVersion, said: str, /, **data: Any) -> None:
        """Commit one mark on a version."""
        self.write(marks=[self.marks(version, said, **data)])

    def plan(self, name: str, on: str | None = None, version: int = 1) -> LaunchPlanRecord:
        """A plan, listening to the artifact `on`."""
        return LaunchPlanRecord(
            project=self.project,
            name=name,
            version=version,
            workflow="flow",
            kind="workflow",
            code="sha256:0",
            digest=f"{name}{version}",
            registered_at=self.time(),
            registered_by="ada",
            session_id="s",
            trigger=Trigger(on=(Query(name=on),)) if on else None,
        )

    def switch(self, plan: str, *, active: bool = True, version: int = 1) -> Switch:
        """A plan's switch."""
        return Switch(
            project=self.project,
            plan=plan,
            version=version,
            active=active,
            person=True,
            at=self.time(),
            by="ada",
            session_id="s",
        )

    def row(self, plan: str, ref: str, state: str = "queued", **given: Any) -> LedgerRow:
        """A ledger row of a plan's first version."""
        return LedgerRow(
            project=self.project,
            plan=plan,
            plan_version=1,
            refs=(ref,),
            state=state,
            at=self.time(),
            **given,
        )

    @staticmethod
    def card(text: str) -> Card:
        """A card."""
        return Card(text)
