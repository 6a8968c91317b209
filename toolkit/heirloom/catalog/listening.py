"""Looking up plans, their switches, and the ledger of what became of each event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from heirloom.catalog.events import LEFT, event_of
from heirloom.catalog.firings import Firings
from heirloom.catalog.tables import Doc
from heirloom.catalog.versions import HIGHEST
from heirloom.records.clock import stamp, unstamp
from heirloom.records.ledger import LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord, Switch

__all__ = ["Listening"]

_Listeners = dict[tuple[str, str], list[tuple[LaunchPlanRecord, Switch]]]


class Listening(Firings):
    """Plans and switches as they stand; ledger rows in their present state."""

    def plans(self, project: str | None = None) -> list[LaunchPlanRecord]:
        """Every version of every plan, in the order they were registered."""
        return self._ask(lambda: self._plans(project))

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's newest version, or that one."""
        return self._ask(lambda: self._plan(project, name, version))

    def switch(self, project: str, plan: str) -> Switch | None:
        """The plan's switch; `None` where it was never activated."""
        return self._ask(lambda: self._switch(project, plan))

    def switches(self, project: str | None = None) -> list[Switch]:
        """Every switch, in the order in which the plans were first activated."""
        return self._ask(lambda: self._switches(project))

    def listening(self, project: str, name: str) -> list[tuple[LaunchPlanRecord, Switch]]:
        """Plans that were ever activated and whose active version listens to that artifact."""
        return self._ask(lambda: self._listeners().get((project, fold(name)), []))

    def row(self, key: str) -> LedgerRow | None:
        """The ledger row of that key."""
        return self._ask(lambda: self._row_of(key))

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
        """Ledger rows that meet every filter given, the newest event first.

        Args:
            plan: A plan's name.
            state: One of `LEDGER_STATES`.
            ref: The full ref of a version that fired.
            execution: The id of the execution that the row started.
            project: The plan's.
            limit: At most so many.
        """
        return self._ask(lambda: self._ledger(plan, state, ref, execution, project, limit))

    def waiting(
        self,
        lane: str,
        *,
        plan: str | None = None,
        project: str | None = None,
        limit: int | None = None,
    ) -> list[LedgerRow]:
        """The rows that wait in a lane, of one plan or of any, the oldest event first.

        Args:
            lane: A row's.
            plan: A plan's name; `None` for any.
            project: The plan's; `None` for any.
            limit: At most so many.
        """
        return self._ask(lambda: self._waiting(lane, plan, project, limit))

    def due(self, until: datetime) -> list[LedgerRow]:
        """Waiting rows of any project whose time has come by `until`, the oldest event first."""
        return self._ask(lambda: self._due(stamp(until)))

    def next_due(self) -> datetime | None:
        """When the first waiting row of any project is due."""
        return self._ask(self._next_due)

    def code(self, digest: str) -> dict[str, Any] | None:
        """The source closure of that digest, as it was recorded."""
        doc = self._ask(lambda: self._one("code", digest, "digest=?", digest))
        return dict(doc) if doc else None

    # ------------------------------------------------------------------ unasked

    def _plans(self, project: str | None) -> list[LaunchPlanRecord]:
        docs = self._many(
            "plans",
            "project=ifnull(?, project)",
            (project,),
            lambda doc: project in (None, doc["project"]),
        )
        return list(map(LaunchPlanRecord.from_doc, docs))

    def _plan(self, project: str, name: str, version: int | None) -> LaunchPlanRecord | None:
        if version is not None:
            if version > HIGHEST:
                return None
            where = "project=? AND name=? AND number=?"
            doc = self._one("plans", (project, name, version), where, project, name, version)
            return LaunchPlanRecord.from_doc(doc) if doc else None
        docs = self._many(
            "plans",
            "project=? AND name=?",
            (project, name),
            lambda doc: (doc["project"], doc["name"]) == (project, name),
        )
        newest = max(docs, key=lambda doc: int(doc["version"]), default=None)
        return LaunchPlanRecord.from_doc(newest) if newest else None

    def _switch(self, project: str, plan: str) -> Switch | None:
        doc = self._one("switches", (project, plan), "project=? AND plan=?", project, plan)
        return Switch.from_doc(doc) if doc else None

    def _switches(self, project: str | None) -> list[Switch]:
        docs = self._many(
            "switches",
            "project=ifnull(?, project)",
            (project,),
            lambda doc: project in (None, doc["project"]),
        )
        return list(map(Switch.from_doc, docs))

    def _listeners(self) -> _Listeners:
        """Who listens to what, kept until a plan or a switch is written."""
        known = self._archive.known
        generation = known.as_of.switched
        if known.listeners[0] == generation:
            kept: _Listeners = known.listeners[1]
            return kept
        found: _Listeners = {}
        for switch in self._switches(None):
            plan = self._plan(switch.project, switch.plan, switch.version)
            if plan is None:
                continue
            for key in plan.listens:
                found.setdefault(key, []).append((plan, switch))
        known.listeners = (generation, found)
        return found

    def _row_of(self, key: str) -> LedgerRow | None:
        doc = self._one("ledger", key, "key=?", key)
        return LedgerRow.from_doc(doc) if doc else None

    def _ledger(
        self,
        plan: str | None,
        state: str | None,
        ref: str | None,
        execution: str | None,
        project: str | None,
        limit: int | None,
    ) -> list[LedgerRow]:
        given = {"plan": plan, "state": state, "execution": execution, "project": project}
        asked_for = {key: value for key, value in given.items() if value is not None}
        few = ref is not None or execution is not None
        where = [f"+{key}=?" if few else f"{key}=?" for key in asked_for]
        params: tuple[Any, ...] = tuple(asked_for.values())
        if ref is not None:
            where.append("id IN (SELECT row FROM fired WHERE ref=?)")
            params += (ref,)
        elif execution is not None:
            where.append("execution=?")
            params += (execution,)
        elif state in LEFT:
            where.append("open=?")
            params += (state,)

        def holds(doc: Doc) -> bool:
            return (ref is None or ref in doc["refs"]) and all(
                doc[key] == value for key, value in asked_for.items()
            )

        sql = " AND ".join(where) or "1"
        return self._by_event(sql, params, holds, newest=True, limit=limit)

    def _waiting(
        self, lane: str, plan: str | None, project: str | None, limit: int | None
    ) -> list[LedgerRow]:
        asked = {"lane": lane, "plan": plan, "project": project, "state": "waiting"}
        wanted = {key: value for key, value in asked.items() if value is not None}
        return self._by_event(
            " AND ".join(f"{key}=?" for key in wanted),
            tuple(wanted.values()),
            lambda doc: all(doc.get(key) == value for key, value in wanted.items()),
            limit=limit,
        )

    def _due(self, until: str) -> list[LedgerRow]:
        return self._by_event(
            "due IS NOT NULL AND due<=?",
            (until,),
            lambda doc: _due_of(doc) is not None and doc["due"] <= until,
        )

    def _by_event(
        self,
        where: str,
        params: tuple[Any, ...],
        holds: Callable[[Doc], bool],
        *,
        newest: bool = False,
        limit: int | None = None,
    ) -> list[LedgerRow]:
        """Rows in the order of their events; else as `_many`."""
        fresh = self._tail.rows("ledger")
        found = [
            (event_of(doc, partial(self._place, fresh[id].at)), id, doc)
            for id, doc in self._tail.docs("ledger")
            if holds(doc)
        ]
        way = "DESC" if newest else "ASC"
        sql = f"SELECT id, at, size, event FROM ledger WHERE {where} ORDER BY event {way}, id {way}"
        if limit is not None:
            sql += f" LIMIT {limit + len(fresh)}"
        for id, at, size, event in self._rows(sql, *params):
            if id not in fresh:
                found.append((event, id, self._doc("ledger", id, at, size)))
        if fresh:
            found.sort(key=lambda each: each[:2], reverse=newest)
        return [LedgerRow.from_doc(doc) for *_, doc in found[:limit]]

    def _next_due(self) -> datetime | None:
        fresh = self._tail.rows("ledger")
        marks = ",".join("?" * len(fresh))
        sql = f"SELECT MIN(due) FROM ledger WHERE due IS NOT NULL AND id NOT IN ({marks})"
        known = [row[0] for row in self._rows(sql, *fresh)]
        dues = [*known, *(_due_of(line.doc) for line in fresh.values())]
        first = min(filter(None, dues), default=None)
        return unstamp(first) if first else None


def _due_of(doc: Doc) -> str | None:
    """When a row that waits is looked at again."""
    due: str | None = doc["due"] if doc["state"] == "waiting" else None
    return due
