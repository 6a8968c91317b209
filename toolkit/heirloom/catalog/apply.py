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
        self._versions = VersionRows(db, read)
        self._own = {**self._versions.puts, **RunRows(db).puts}
        self._highest: dict[str, int] = {}

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
                self._note(line.table, 0)
            elif line.op == "h":
                self._take_over(line)
        self._flush()
        self._versions.flush()
        return line

    # ------------------------------------------------------------------ documents

    def _put(self, line: Line) -> None:
        own = self._own.get(line.table)
        self._note(line.table, line.id)
        if own is not None:
            own(line)
            return
        where = (line.table, line.id, line.at, line.size)
        self._db.execute("INSERT OR REPLACE INTO docs VALUES (?,?,?,?)", where)

    def _note(self, table: str, id: int) -> None:
        self._highest[table] = max(self._highest.get(table, 0), id)

    def _flush(self) -> None:
        self._db.executemany(
            "INSERT INTO tables VALUES (?, ? + 1, 1) ON CONFLICT (name) DO UPDATE SET "
            "next = max(next, excluded.next), there = 1",
            list(self._highest.items()),
        )
        self._highest.clear()

    def _take_over(self, header: Line) -> None:
        """Know which ids were used in the journal that this one replaced."""
        self._db.executemany(
            "INSERT INTO tables VALUES (?,?,0)", list(header.doc.get("next", {}).items())
        )

    def _remove(self, line: Line) -> None:
        self._db.execute("DELETE FROM docs WHERE tab=? AND id=?", (line.table, line.id))

    def _empty(self, line: Line) -> None:
        """Empty or drop a table; its ids stay used, so its row stays."""
        self._note(line.table, 0)
        self._flush()
        self._db.execute("DELETE FROM docs WHERE tab=?", (line.table,))
        if line.op == "x":
            self._db.execute("UPDATE tables SET there=0 WHERE name=?", (line.table,))
