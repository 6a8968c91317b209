"""All that the handles on one catalog in memory share, and how a batch is added to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Container, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from heirloom.catalog.batch import Batch
from heirloom.catalog.limits import encode
from heirloom.errors import CatalogError
from heirloom.records.executions import Execution
from heirloom.records.names import fold
from heirloom.records.refs import Ref
from heirloom.testing.memory.view import Tables

__all__ = ["Memory"]


class Memory:
    """What the handles of one catalog share.

    Attributes:
        tables: All records.
        names: Each name of an artifact as it was first written, by project and folded name.
        emissions: The key of every emission.
        told: Each state of an execution that was committed, in that order.
        position: How often something was committed.
        moved: Told at each commit.
    """

    def __init__(self) -> None:
        self.tables: Tables = {}
        self.names: dict[tuple[str, str], str] = {}
        self.emissions: set[str] = set()
        self.told: list[bytes] = []
        self.position = 0
        self.moved = threading.Condition()
        self._writing = threading.Lock()
        self._writer = 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Until the block ends nobody else writes."""
        if self._writer == threading.get_ident():
            msg = "A commit was begun inside a commit; begin it afterwards."
            raise CatalogError(msg)
        with self._writing:
            self._writer = threading.get_ident()
            try:
                yield
            finally:
                self._writer = 0

    def add(self, batch: Batch) -> None:
        """Add the records of a batch, all or, where one cannot stand, none."""
        adding = _Adding(self)
        adding.add(batch)
        if adding.records:
            self.tables, self.names = adding.tables, adding.names
            self.emissions = adding.emissions
            self.told += adding.told
            with self.moved:
                self.position += 1
                self.moved.notify_all()


class _Adding:
    """A batch on top of what there is, checked as it is added."""

    def __init__(self, memory: Memory) -> None:
        self.tables = {table: dict(docs) for table, docs in memory.tables.items()}
        self.names = dict(memory.names)
        self.emissions = set(memory.emissions)
        self.told: list[bytes] = []
        self.records = 0

    def add(self, batch: Batch) -> None:
        for digest, doc in batch.codes.items():
            if digest not in self.tables.get("code", {}):
                self._put("code", digest, {**doc, "digest": digest})
        for store in batch.stores:
            self._put("stores", store.id, store.to_doc())
        for declaration in batch.declarations:
            self._put_next("declarations", declaration)
        for plan in batch.plans:
            key = (plan.project, plan.name, plan.version)
            _refuse_twice("plans", key, self.tables.get("plans", ()))
            self._put("plans", key, plan.to_doc())
        for switch in batch.switches:
            self._put("switches", (switch.project, switch.plan), switch.to_doc())
        for execution in batch.executions:
            self._tell(execution)
            self._put("executions", execution.id, execution.to_doc())
        for version in batch.versions:
            self._put_next("versions", version)
            _refuse_twice("emission", version.emission, self.emissions)
            self.emissions.add(version.emission)
        for row in batch.rows:
            self._put("ledger", row.key, row.to_doc())
            self.tables.setdefault("events", {})[row.key] = b"%d" % self._place(row.refs[0])
        for mark in batch.marks:
            key = (mark.project, fold(mark.name), mark.version)
            if key not in self.tables.get("versions", {}):
                msg = f"There is no {mark.name}@{mark.version} to mark; nothing was written."
                raise CatalogError(msg)
            self._put("marks", len(self.tables.get("marks", {})), mark.to_doc())

    def _place(self, item: str) -> int:
        """How many versions stand before the one that a row is of; -1 where there is none."""
        ref = Ref.parse(item)
        keys = list(self.tables.get("versions", ()))
        key = (ref.project, fold(ref.name), ref.at)
        return keys.index(key) if key in keys else -1

    def _tell(self, execution: Execution) -> None:
        known = self.tables.get("executions", {}).get(execution.id)
        before = Execution.from_doc(json.loads(known)) if known is not None else None
        if before is None or (before.state, before.attempt) != (execution.state, execution.attempt):
            self.told.append(encode("executions", execution.to_doc()))

    def _put(self, table: str, key: Hashable, doc: Mapping[str, Any]) -> None:
        self.tables.setdefault(table, {})[key] = encode(table, doc)
        self.records += 1

    def _put_next(self, table: str, record: Any) -> None:
        name = (record.project, fold(record.name))
        expected = 1 + sum(key[:2] == name for key in self.tables.get(table, ()))
        if record.version != expected:
            msg = f"The next version of {record.name!r} is {expected}, not {record.version}."
            raise CatalogError(msg)
        self._put(table, (*name, expected), record.to_doc())
        self.names.setdefault(name, record.name)


def _refuse_twice(what: str, key: Hashable, known: Container[Hashable]) -> None:
    if key in known:
        msg = f"The catalog has {what} {key!r} already; nothing was written."
        raise CatalogError(msg)
