"""Every lookup of a catalog, said over lists of all its records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

import orjson

from heirloom.catalog.edges import Edge, edges_of
from heirloom.errors import CatalogError, ExecutionNotFound
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Read
from heirloom.records.items import made_value, made_version
from heirloom.records.ledger import FIRED, LedgerRow
from heirloom.records.marks import Mark, emitted_card, marked
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["MemoryView", "Tables"]

Tables = Mapping[str, Mapping[Any, bytes]]
"""Records as JSON, by table and key, in the order in which each key was first written."""

R = TypeVar("R", bound="_Record")


class _Record(Protocol):
    @classmethod
    def from_doc(cls, doc: Mapping[str, Any], /) -> Self: ...


class MemoryView:
    """The catalog as it stands; `tables` is asked at every lookup."""

    def __init__(self, tables: Callable[[], Tables], *, inside: bool = False) -> None:
        self._tables = tables
        self._inside = inside
        self._numbered: dict[str, ArtifactVersion] = {}

    def _all(self, table: str, kind: type[R]) -> list[R]:
        docs = self._tables().get(table, {}).values()
        return [kind.from_doc(orjson.loads(text)) for text in docs]

    # ------------------------------------------------------------------ versions

    def number(self, emission: ArtifactVersion) -> tuple[ArtifactVersion, bool]:
        """The emission with the next number of its name; the known one, if it was made before."""
        if not self._inside:
            msg = "A version is numbered only inside a commit."
            raise CatalogError(msg)
        known = self._numbered.get(emission.emission) or self._emitted(emission.emission)
        if known is not None:
            return known, False
        every = [*self.every(), *self._numbered.values()]
        newest = max((v.version for v in every if _name(v) == _name(emission)), default=0)
        version = self._numbered[emission.emission] = emission.numbered(newest + 1)
        return version, True

    def every(self) -> list[ArtifactVersion]:
        """All versions in commit order, as their marks leave them."""
        marks, alias_of = self._all("marks", Mark), self._aliases()
        found = []
        for version in self._all("versions", ArtifactVersion):
            key = (*_name(version), version.version)
            own = [mark for mark in marks if (*_name(mark), mark.version) == key]
            names = sorted(alias for (*name, alias), at in alias_of.items() if (*name, at) == key)
            found.append(replace(marked(version, own), aliases=tuple(names)))
        return found

    def _aliases(self) -> dict[tuple[str, str, str], int]:
        marks = [mark for mark in self._all("marks", Mark) if mark.kind == "alias"]
        return {(*_name(mark), mark.data["alias"]): mark.version for mark in marks}

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        key = (project, fold(name), number)
        return next((v for v in self.every() if (*_name(v), v.version) == key), None)

    def _emitted(self, emission: str) -> ArtifactVersion | None:
        """The version of that emission key."""
        return next((v for v in self.every() if v.emission == emission), None)

    def latest_number(self, project: str, name: str) -> int:
        """The newest number of a name."""
        every = self._all("versions", ArtifactVersion)
        return max((v.version for v in every if _name(v) == (project, fold(name))), default=0)

    def aliases(self, project: str, name: str) -> dict[str, int]:
        """Where each alias of a name points."""
        every = self._aliases().items()
        return {alias: at for (*key, alias), at in every if key == [project, fold(name)]}

    def marks(self, project: str, name: str, number: int | None = None) -> list[Mark]:
        """Every mark on a name's versions, oldest first; on one, from its emission's card on."""
        key = (project, fold(name))
        marks = [mark for mark in self._all("marks", Mark) if _name(mark) == key]
        if number is None:
            return marks
        made = [v for v in self._all("versions", ArtifactVersion) if _name(v) == key]
        first = [mark for v in made if v.version == number for mark in emitted_card(v)]
        return first + [mark for mark in marks if mark.version == number]

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        return query.pick(self.every())

    def versions(self, query: Query) -> list[ArtifactVersion]:
        """Every version that a query may give, the newest first."""
        return list(filter(query.matches, reversed(self.every())))

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        every = self._all("declarations", Declaration)
        return next((d for d in reversed(every) if _name(d) == (project, fold(name))), None)

    def declarations(self, project: str | None = None) -> list[Declaration]:
        """The newest declaration of each name, by project and name."""
        every = self._all("declarations", Declaration)
        newest = {_name(d): d for d in every if project in (None, d.project)}
        return [newest[key] for key in sorted(newest)]

    # ------------------------------------------------------------------ executions and edges

    def execution(self, id: str) -> Execution | None:
        """The execution of that id."""
        return next((e for e in self._runs() if e.id == id), None)

    def _runs(self) -> list[Execution]:
        return self._all("executions", Execution)

    def find_execution(self, prefix: str) -> Execution | None:
        """The one execution whose id is `prefix`, or, from six signs on, begins so."""
        begin = [e for e in self._runs() if len(prefix) >= 6 and e.id.startswith(prefix)]
        exact = self.execution(prefix)
        if exact is None and len(begin) > 1:
            ids = tuple(e.id for e in begin[:3])
            msg = f"{len(begin)} executions begin with {prefix!r}: {', '.join(ids)}, for example."
            raise ExecutionNotFound(msg, name=prefix, closest=ids)
        return exact or next(iter(begin), None)

    def executions(
        self,
        *,
        state: str | None = None,
        root: str | None = None,
        path: str | None = None,
        parent: str | None = None,
        plan: str | None = None,
        name: str | None = None,
        project: str | None = None,
        newest: bool | None = None,
        limit: int | None = None,
    ) -> list[Execution]:
        """Those that meet every filter given; the newest first, but by state."""
        wanted = (state, root, path, parent, plan, name, project)
        found = [
            e
            for e in self._runs()
            if _meets(wanted, (e.state, e.root_id, e.path, e.parent_id, e.plan, e.name, e.project))
        ]
        newest = state is None if newest is None else newest
        return (found[::-1] if newest else found)[:limit]

    def states(self, ids: Collection[str]) -> dict[str, str]:
        """The states of those executions that are there, by id."""
        return {e.id: e.state for e in self._runs() if e.id in ids}

    def cached(self, project: str, key: str) -> Execution | None:
        """The newest execution of that cache key whose own body ran and ended well."""
        made = (e for e in reversed(self._runs()) if e.state == "succeeded" and not e.cached_from)
        return next((e for e in made if (e.project, e.cache_key) == (project, key)), None)

    def begun(self, plan: str, project: str, limit: int) -> list[Execution]:
        """Of what the events of a plan started: those that began last, the last of them first."""
        own = (e for e in self._runs() if (e.plan, e.project) == (plan, project))
        began = [e for e in own if e.triggered_by and e.attempt]
        return sorted(began, key=lambda e: e.started_at, reverse=True)[:limit]

    def producer(self, item: str) -> Execution | None:
        """The execution that made a version or a nameless value."""
        if (value := made_value(item)) is not None:
            return self.execution(value[0])
        version = self.version(*made_version(item))
        return self.execution(version.execution_id) if version else None

    def consumers(self, item: str) -> list[tuple[Execution, Read]]:
        """Who read an item, and as what, the oldest first."""
        return [(e, read) for e in self._runs() for read in e.all_reads() if read.item == item]

    def outputs(self, execution_id: str) -> list[str]:
        """Items that an execution made."""
        return [edge.item for edge in self._edges() if edge.made and edge.execution == execution_id]

    def _edges(self) -> list[Edge]:
        return [edge for execution in self._runs() for edge in edges_of(execution)]

    def related(self, item: str, direction: str) -> frozenset[str]:
        """All ancestors (``up``) or descendants (``down``) of an item, itself aside."""
        up, edges = direction == "up", self._edges()
        seen, ring = {item}, {item}
        while ring:
            runs = {edge.execution for edge in edges if edge.item in ring and edge.made == up}
            ring = {e.item for e in edges if e.execution in runs and e.made != up} - seen
            seen |= ring
        return frozenset(seen - {item})

    # ------------------------------------------------------------------ plans and the ledger

    def plans(self, project: str | None = None) -> list[LaunchPlanRecord]:
        """Every version of every plan, in the order they were registered."""
        return [p for p in self._all("plans", LaunchPlanRecord) if project in (None, p.project)]

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's newest version, or that one."""
        found = [p for p in self.plans(project) if p.name == name and version in (None, p.version)]
        return max(found, key=lambda plan: plan.version, default=None)

    def switch(self, project: str, plan: str) -> Switch | None:
        """The plan's switch."""
        return next((s for s in self.switches(project) if s.plan == plan), None)

    def switches(self, project: str | None = None) -> list[Switch]:
        """Every switch, in the order in which the plans were first activated."""
        return [s for s in self._all("switches", Switch) if project in (None, s.project)]

    def listening(self, project: str, name: str) -> list[tuple[LaunchPlanRecord, Switch]]:
        """Plans that were ever activated and whose active version listens to that artifact."""
        found = []
        for switch in self.switches():
            plan = self.plan(switch.project, switch.plan, switch.version)
            heard = plan.trigger.on if plan is not None and plan.trigger is not None else ()
            if plan and (project, fold(name)) in [_name(q.within(plan.project)) for q in heard]:
                found.append((plan, switch))
        return found

    def row(self, key: str) -> LedgerRow | None:
        """The ledger row of that key."""
        return next((row for row in self._all("ledger", LedgerRow) if row.key == key), None)

    def ledger(
        self,
        *,
        plan: str | None = None,
        state: str | None = None,
        ref: str | None = None,
        execution: str | None = None,
        project: str | None = None,
        limit: int | None = None,
    ) -> list[LedgerRow]:
        """Rows that meet every filter given, the newest event first."""
        wanted = (plan, state, execution, project)
        found = [
            row
            for row in reversed(self._rows())
            if _meets(wanted, (row.plan, row.state, row.execution_id, row.project))
            and (ref is None or ref in row.refs)
        ]
        return found[:limit]

    def _rows(self) -> list[LedgerRow]:
        """Every row, by the place of its event in commit order; first what is no version's."""
        events = self._tables().get("events", {})
        return sorted(self._all("ledger", LedgerRow), key=lambda row: int(events[row.key]))

    def waiting(
        self,
        lane: str,
        *,
        plan: str | None = None,
        project: str | None = None,
        limit: int | None = None,
    ) -> list[LedgerRow]:
        """The rows that wait in a lane, of one plan or of any, the oldest event first."""
        wanted = ("waiting", lane, plan, project)
        return [row for row in self._rows() if _meets(wanted, _waits(row))][:limit]

    def due(self, until: datetime) -> list[LedgerRow]:
        """Waiting rows whose time has come, the oldest event first."""
        return [row for due, row in self._dues() if due <= until]

    def next_due(self) -> datetime | None:
        """When the first waiting row is due."""
        return min((due for due, _ in self._dues()), default=None)

    def _dues(self) -> list[tuple[datetime, LedgerRow]]:
        waiting = [row for row in self._rows() if row.state == "waiting"]
        return [(row.due, row) for row in waiting if row.due is not None]

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int | None = None,
    ) -> ArtifactVersion | None:
        """The newest version of an artifact with these partition values that the plan fired on."""
        rows = self.ledger(project=plan[0], plan=plan[1])
        events = self._tables().get("events", {})
        named = artifact[0], fold(artifact[1])
        there = [row for row in rows if row.state in FIRED and int(events[row.key]) >= 0]
        fired = {(*_name(ref), ref.at) for row in there for ref in [Ref.parse(row.refs[0])]}
        for v in reversed(self.every()):
            alike = _name(v) == named and v.conditions == conditions
            if alike and (*named, v.version) in fired and (before is None or v.version < before):
                return v
        return None

    def code(self, digest: str) -> dict[str, Any] | None:
        """The source closure of that digest."""
        text = self._tables().get("code", {}).get(digest)
        return dict(orjson.loads(text)) if text else None

    def stores(self) -> list[StoreRecord]:
        """Every store that was recorded."""
        return self._all("stores", StoreRecord)


def _name(record: Any) -> tuple[str, str]:
    """What a version, a mark, a declaration or a query speaks of."""
    return record.project, fold(record.name)


def _waits(row: LedgerRow) -> tuple[str | None, ...]:
    return row.state, row.lane, row.plan, row.project


def _meets(wanted: Iterable[Any], has: Iterable[Any]) -> bool:
    return all(want in (None, own) for want, own in zip(wanted, has, strict=True))
