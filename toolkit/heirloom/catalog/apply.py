"""From a line of the journal to rows of the derived index."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from heirloom.catalog.apply_runs import RunRows
from heirloom.catalog.apply_versions import VersionRows
from heirloom.catalog.line import Line

__all__ = ["Applier"]


class Applier:
    """Applies lines, in order, inside the caller's SQLite transaction.

    `read` gives a line of the journal again, for what a new mark changes in a version.
    """

    def __init__(self, db: sqlite3.Connection, read: Callable[[int, int], Line]) -> None:
        self._db = db
        self._own = {**VersionRows(db, read).puts, **RunRows(db).puts}
        self._counts: dict[str, tuple[int, int]] = {}

    def apply(self, lines: Iterable[Line]) -> Line | None:
        """Bring the rows to where these lines leave them; give the last line."""
        line: Line | None = None
        for line in lines:
            if line.op in "iu":
                self._put(line)
            elif line.op == "r":
                self._remove(line)
            elif line.op in "cx":
                self._empty(line)
            elif line.op == "t":
                self._count(line.table, 0, 0)
        self._flush()
        return line

    # ------------------------------------------------------------------ documents

    def _put(self, line: Line) -> None:
        own = self._own.get(line.table)
        self._count(line.table, line.id, line.op == "i")
        if own is not None:
            own(line)
            return
        self._db.execute(
            "INSERT OR REPLACE INTO docs VALUES (?,?,?,?)",
            (line.table, line.id, line.at, line.size),
        )

    def _count(self, table: str, id: int, added: int) -> None:
        highest, more = self._counts.get(table, (0, 0))
        self._counts[table] = (max(highest, id), more + added)

    def _flush(self) -> None:
        self._db.executemany(
            "INSERT INTO tables VALUES (?1, ?2 + 1, ?3) ON CONFLICT (name) DO UPDATE SET "
            "next = max(next, ?2 + 1), live = max(live, 0) + ?3",
            [(table, *count) for table, count in self._counts.items()],
        )
        self._counts.clear()

    def _remove(self, line: Line) -> None:
        self._count(line.table, line.id, -1)
        self._db.execute("DELETE FROM docs WHERE tab=? AND id=?", (line.table, line.id))

    def _empty(self, line: Line) -> None:
        """Empty or drop a table; its ids stay used, so its row stays, with -1 for dropped."""
        self._count(line.table, 0, 0)
        self._flush()
        live = -1 if line.op == "x" else 0
        self._db.execute("DELETE FROM docs WHERE tab=?", (line.table,))
        self._db.execute("UPDATE tables SET live=? WHERE name=?", (live, line.table))
