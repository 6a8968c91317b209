"""A catalog as it may become: what stands, and on top of it what was decided. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Protocol

from heirloom.react.fired import newest_fired
from heirloom.react.moment import Standing
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import FIRED, LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["Imagined", "Recorded"]

_Plan = tuple[str, str]
_Heard = dict[str, tuple[ArtifactVersion, str]]  # by ref, with the key of its row
_Name = tuple[str, str]


class Recorded(Standing, Protocol):
    """What imagining asks of the catalog beyond what a decision does."""

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's newest version, or that one."""
        ...

    def versions(self, query: Query) -> Sequence[ArtifactVersion]:
        """Every version that a query may give, the newest first."""
        ...


class Imagined:
    """A standing catalog, and decisions that are written nowhere but here.

    Attributes:
        rows: Every row that was decided on, by its key, in the order of the events.
        executions: What was started, by id.
    """

    def __init__(self, base: Recorded, plans: Iterable[LaunchPlanRecord] = ()) -> None:
        """Begin where `base` stands; `plans` are on, whatever their switches are there."""
        self.base = base
        self.rows: dict[str, LedgerRow] = {}
        self.executions: dict[str, Execution] = {}
        self._plans = {(plan.project, plan.name): plan for plan in plans}
        self._versions: dict[_Name, list[ArtifactVersion]] = defaultdict(list)
        self._lanes: dict[tuple[_Plan, str], dict[str, LedgerRow]] = defaultdict(dict)
        self._heard: dict[tuple[_Plan, str], _Heard] = defaultdict(dict)
        self._due: dict[str, datetime] = {}

    # ------------------------------------------------------------------ what is added

    def emitted(self, versions: Iterable[ArtifactVersion], by: Execution) -> None:
        """Let an execution and its versions stand."""
        self.executions[by.id] = by
        for version in versions:
            self._versions[version.project, fold(version.name)].append(version)

    def decided(self, rows: Iterable[LedgerRow], executions: Iterable[Execution]) -> None:
        """Let a decision stand."""
        self.executions |= {execution.id: execution for execution in executions}
        for row in rows:
            self._settle(row)

    def _settle(self, row: LedgerRow) -> None:
        plan = (row.project, row.plan)
        before = self.rows.get(row.key)
        if before is None:
            version = self.version_of(row.refs[0])
            heard = self._heard[plan, _spot((version.project, version.name), version.conditions)]
            heard[version.ref] = (version, row.key)
        elif before.lane is not None:
            del self._lanes[plan, before.lane][row.key]
        if row.lane is not None:
            self._lanes[plan, row.lane][row.key] = row
        self._due.pop(row.key, None)
        if row.due is not None:
            self._due[row.key] = row.due
        self.rows[row.key] = row

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
        heard = self._heard.get((plan, _spot(artifact, conditions)), {})

        def standing(before: int) -> ArtifactVersion | None:
            return self.base.last_fired(plan, artifact, conditions, before)

        def state_here(ref: str) -> str | None:
            return self.rows[heard[ref][1]].state if ref in heard else None

        fired = (
            version
            for version, key in reversed(heard.values())
            if version.version < before and self.rows[key].state in FIRED
        )
        return newest_fired(next(fired, None), standing, state_here, before)

    def ledger(self, *, plan: str, project: str, ref: str) -> Sequence[LedgerRow]:
        """The row of one event at a plan as it was decided here, else those that stand."""
        version = self.version_of(ref)
        spot = _spot((version.project, version.name), version.conditions)
        heard = self._heard.get(((project, plan), spot), {})
        if ref in heard:
            return [self.rows[heard[ref][1]]]
        return self.base.ledger(plan=plan, project=project, ref=ref)

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> Sequence[LedgerRow]:
        """The rows that wait in a plan's lane, the oldest event first."""
        standing = self.base.waiting(lane, plan=plan, project=project)
        kept = (row for row in standing if row.key not in self.rows)
        own = self._lanes[(project, plan), lane].values()
        return list(islice(chain(kept, own), limit))

    def due(self, until: datetime) -> list[LedgerRow]:
        """Rows decided here whose time has come by `until`, the oldest event first."""
        return [self.rows[key] for key, due in self._due.items() if due <= until]

    def next_due(self) -> datetime | None:
        """When the first row decided here is due."""
        return min(self._due.values(), default=None)

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        own = self._versions.get((project, fold(name)), ())
        mine = next((version for version in own if version.version == number), None)
        return mine or self.base.version(project, name, number)

    def version_of(self, ref: str) -> ArtifactVersion:
        """The version of a full ref, which is there."""
        named = Ref.parse(ref)
        number = named.at if isinstance(named.at, int) else 0
        found = self.version(named.project or "", named.name, number)
        assert found is not None
        return found

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        known = self.base.resolve(query)
        own = self._versions.get((query.project or "", fold(query.name)), ())
        return query.pick([*([known] if known else []), *own])

    def newest(self, project: str, name: str) -> ArtifactVersion | None:
        """The last version of a name that was added here."""
        own = self._versions.get((project, fold(name)))
        return own[-1] if own else None

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


def _spot(artifact: _Name, conditions: Mapping[str, str]) -> str:
    project, name = artifact
    return repr((project, fold(name), sorted(conditions.items())))
