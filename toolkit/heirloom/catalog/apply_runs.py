"""Rows of the index for what runs, and for stores and code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from heirloom.catalog.edges import edges_of
from heirloom.catalog.events import LEFT, PLACE, event_of
from heirloom.catalog.line import Line
from heirloom.catalog.tables import natural_key
from heirloom.records.executions import Execution
from heirloom.records.ledger import FIRED

__all__ = ["RunRows", "begun", "reusable"]


def reusable(doc: Mapping[str, Any]) -> str | None:
    """The cache key of an execution whose outputs may be reused; `None` of any other."""
    made = doc["state"] == "succeeded" and "cached_from" not in doc
    return doc.get("cache") if made else None


def begun(doc: Mapping[str, Any]) -> str | None:
    """When an execution that events started began; `None` of one that did not, and of any other."""
    return doc["started_at"] if doc.get("triggered_by") and doc["attempt"] else None


_FIRING = "SELECT ?, ?, name, conditions, id, ? FROM versions WHERE id=?"
_FIRES = f"INSERT OR IGNORE INTO firings {_FIRING}"
_FIRES_NOT = (
    f"DELETE FROM firings WHERE (project, plan, name, conditions, version, row) = ({_FIRING})"
)


class RunRows:
    """Puts lines of `executions`, `plans`, `switches`, `ledger`, `stores` and `code`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.puts: Mapping[str, Callable[[Line], None]] = {
            "executions": self._executions,
            "plans": self._plans,
            "switches": self._switches,
            "ledger": self._ledger,
            "stores": self._stores,
            "code": self._code,
        }

    def _executions(self, line: Line) -> None:
        doc = line.doc
        self._db.execute(
            "INSERT OR REPLACE INTO executions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(line.id, line.at, line.size, doc["id"], doc["state"], doc["root"]),
                *(doc.get("path"), doc.get("parent"), doc["project"], doc.get("plan"), doc["name"]),
                *(reusable(doc), begun(doc), doc["attempt"]),
            ),
        )
        if line.op == "u":
            self._db.execute("DELETE FROM edges WHERE execution=?", (doc["id"],))
        edges = list(edges_of(Execution.from_doc(doc)))
        if edges:
            self._db.executemany(
                "INSERT OR REPLACE INTO edges (item, execution, made, input, how) "
                "VALUES (?,?,?,?,?)",
                edges,
            )

    def _plans(self, line: Line) -> None:
        doc = line.doc
        self._db.execute(
            "INSERT OR REPLACE INTO plans VALUES (?,?,?,?,?,?)",
            (line.id, line.at, line.size, doc["project"], doc["name"], doc["version"]),
        )

    def _switches(self, line: Line) -> None:
        doc = line.doc
        self._db.execute(
            "INSERT OR REPLACE INTO switches VALUES (?,?,?,?,?)",
            (line.id, line.at, line.size, doc["project"], doc["plan"]),
        )

    def _ledger(self, line: Line) -> None:
        doc, event = line.doc, event_of(line.doc, self._place)
        waits = doc["state"] == "waiting"
        self._db.execute(
            "INSERT OR REPLACE INTO ledger VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(line.id, line.at, line.size, natural_key("ledger", doc), doc["project"]),
                *(doc["plan"], doc["state"], doc["execution"]),
                *((doc.get("lane"), doc["due"]) if waits else (None, None)),
                *(doc["state"] if doc["state"] in LEFT else None, event),
            ),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO fired VALUES (?,?)", [(ref, line.id) for ref in doc["refs"]]
        )
        if doc["state"] in FIRED or line.op == "u":
            fires = _FIRES if doc["state"] in FIRED else _FIRES_NOT
            self._db.execute(fires, (doc["project"], doc["plan"], line.id, event))

    def _place(self, *version: Any) -> int | None:
        found = self._db.execute(PLACE, version).fetchone()
        return int(found[0]) if found else None

    def _stores(self, line: Line) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO stores VALUES (?,?,?,?)",
            (line.id, line.at, line.size, line.doc["id"]),
        )

    def _code(self, line: Line) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO code VALUES (?,?,?,?)",
            (line.id, line.at, line.size, line.doc["digest"]),
        )
