"""A catalog as it may become: what stands, and on top of it what was decided. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice

from heirloom.react.overlay import Overlay
from heirloom.react.standing import Recorded
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Imagined"]


class Imagined:
    """A standing catalog, and decisions that are written nowhere but here.

    Attributes:
        executions: What was started, by id.
    """

    def __init__(self, base: Recorded, plans: Iterable[LaunchPlanRecord] = ()) -> None:
        """Begin where `base` stands; `plans` are on, whatever their switches are there."""
        self.base = base
        self.executions: dict[str, Execution] = {}
        self._plans = {(plan.project, plan.name): plan for plan in plans}
        self._overlay = Overlay(base)
        self._due: dict[str, LedgerRow] = {}

    @property
    def rows(self) -> list[LedgerRow]:
        """Every row that was decided on, as it is now, in the order of the events."""
        return list(self._overlay.rows.values())

    # ------------------------------------------------------------------ what is added

    def emitted(self, versions: Iterable[ArtifactVersion], by: Execution) -> None:
        """Let an execution and its versions stand."""
        self.executions[by.id] = by
        for version in versions:
            self._overlay.add(version)

    def decided(self, rows: Iterable[LedgerRow], executions: Iterable[Execution]) -> None:
        """Let a decision stand."""
        self.executions |= {execution.id: execution for execution in executions}
        for row in rows:
            self._overlay.put(row)
            self._due.pop(row.key, None)
            if row.due is not None:
                self._due[row.key] = row

    # ------------------------------------------------------------------ what is asked

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's version; the one that is imagined in place of any of its own."""
        return self._plans.get((project, name)) or self.base.plan(project, name, version)

    def listening(self, project: str, name: str) -> list[tuple[LaunchPlanRecord, Switch]]:
        """Plans that listen to that artifact; those that are imagined in place of their own."""
        found = [
            (plan, switch)
            for plan, switch in self.base.listening(project, name)
            if (plan.project, plan.name) not in self._plans
        ]
        heard = (project, fold(name))
        own = [plan for plan in self._plans.values() if heard in plan.listens]
        return [*found, *((plan, _on(plan)) for plan in own)]

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int,
    ) -> ArtifactVersion | None:
        """The newest version below a number, of these partition values, that the plan fired on."""
        return self._overlay.last_fired(plan, artifact, conditions, before)

    def ledger(self, *, plan: str, project: str, ref: str) -> Sequence[LedgerRow]:
        """The row of one event at a plan as it was decided here, else that which stands."""
        row = self._overlay.row((project, plan), ref)
        return [row] if row is not None else []

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> Sequence[LedgerRow]:
        """The rows that wait in a plan's lane, the oldest event first."""
        return list(islice(self._overlay.waiting((project, plan), lane), limit))

    def due(self, until: datetime) -> list[LedgerRow]:
        """Rows decided here whose time has come by `until`, the oldest event first."""
        return [row for row in self._due.values() if row.due is not None and row.due <= until]

    def next_due(self) -> datetime | None:
        """When the first row decided here is due."""
        return min((row.due for row in self._due.values() if row.due is not None), default=None)

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        return self._overlay.numbered(project, name, number)

    def version_of(self, ref: str) -> ArtifactVersion:
        """The version of a full ref, which is there."""
        return self._overlay.version(ref)

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        return self._overlay.resolve(query)

    def newest(self, project: str, name: str) -> ArtifactVersion | None:
        """The last version of a name that was added here."""
        return self._overlay.newest(project, name)

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        return self.base.declaration(project, name)

    def execution(self, id: str) -> Execution | None:
        """The execution of that id."""
        return self.executions.get(id) or self.base.execution(id)


def _on(plan: LaunchPlanRecord) -> Switch:
    """The switch of a plan as if whoever registered it had thrown it."""
    return Switch(
        project=plan.project,
        plan=plan.name,
        version=plan.version,
        active=True,
        person=True,
        at=plan.registered_at,
        by=plan.registered_by,
        session_id=plan.session_id,
    )
