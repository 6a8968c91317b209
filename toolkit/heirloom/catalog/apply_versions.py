"""Rows of the index for names: declarations, versions, and what marks say of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import lru_cache

import orjson

from heirloom.catalog.clauses_sql import kept
from heirloom.catalog.line import Line
from heirloom.catalog.tables import Doc
from heirloom.catalog.tail import emission_key
from heirloom.catalog.terms import TermRows
from heirloom.records.marks import STATES, Mark, marked, state_after
from heirloom.records.names import fold, typed
from heirloom.records.versions import ArtifactVersion

__all__ = ["VersionRows", "conditions_key"]


_TOGETHER = 10_000
"""So many versions with new notes or cards are kept in mind before their texts are made."""


def conditions_key(conditions: Mapping[str, str]) -> str:
    """All partition values of a version as one text."""
    return orjson.dumps(dict(conditions), option=orjson.OPT_SORT_KEYS).decode()


class VersionRows:
    """Puts lines of `declarations`, `versions` and `marks`.

    `read` gives a line of the journal again, for what a new mark changes in a version.
    """

    def __init__(self, db: sqlite3.Connection, read: Callable[[int, int], Line]) -> None:
        self._db = db
        self._read = read
        self._terms = TermRows(db)
        self._names: dict[tuple[str, str], int] = {}
        self._types: dict[int, Mapping[str, str]] = {}
        self._said: dict[tuple[int, int], None] = {}
        self.puts: Mapping[str, Callable[[Line], None]] = {
            "declarations": self._declarations,
            "versions": self._versions,
            "marks": self._marks,
        }

    def _name(self, doc: Doc) -> int:
        key = (doc["project"], fold(doc["name"]))
        found = self._names.get(key)
        if found is not None:
            return found
        self._db.execute(
            "INSERT OR IGNORE INTO names (project, folded, name, newest, widest, described) "
            "VALUES (?,?,?,0,0,'')",
            (*key, doc["name"]),
        )
        row = self._db.execute("SELECT id FROM names WHERE project=? AND folded=?", key)
        self._names[key] = found = int(row.fetchone()[0])
        return found

    def _declarations(self, line: Line) -> None:
        doc, name = line.doc, self._name(line.doc)
        self._db.execute(
            "INSERT OR REPLACE INTO declarations VALUES (?,?,?,?,?)",
            (line.id, line.at, line.size, name, doc["version"]),
        )
        described = fold(doc["description"])
        self._db.execute("UPDATE names SET described=? WHERE id=?", (described, name))
        self._terms.retype(name, self._types_of(name), doc["types"])
        self._types[name] = doc["types"]
        self._db.execute("DELETE FROM types WHERE name=?", (name,))
        self._db.executemany(
            "INSERT INTO types VALUES (?,?,?)",
            [(name, key, kind) for key, kind in doc["types"].items()],
        )

    def _types_of(self, name: int) -> Mapping[str, str]:
        found = self._types.get(name)
        if found is None:
            rows = self._db.execute("SELECT key, kind FROM types WHERE name=?", (name,))
            self._types[name] = found = dict(rows.fetchall())
        return found

    # ------------------------------------------------------------------ versions

    def _versions(self, line: Line) -> None:
        version, name = ArtifactVersion.from_doc(line.doc), self._name(line.doc)
        conditions = version.conditions
        created = line.doc["created_at"]
        self._db.execute(
            "INSERT OR REPLACE INTO versions VALUES (?,?,?,?,?,?,?,?,?,?,?,0,0)",
            (
                *(line.id, line.at, line.size, name, version.version, conditions_key(conditions)),
                *(emission_key(line.doc), version.execution_id, version.state),
                *(created, line.doc.get("time")),
            ),
        )
        self._db.execute(
            "UPDATE names SET newest=max(newest, ?), widest=max(widest, ?) WHERE id=?",
            (version.version, len(conditions), name),
        )
        if conditions:
            self._db.executemany(
                "INSERT OR REPLACE INTO parts VALUES (?,?,?,?,?,?,?,?)",
                [
                    (line.id, key, value, name, *_order(value, "float"), *_order(value, "datetime"))
                    for key, value in conditions.items()
                ],
            )
        producer = self._producer(version.execution_id)
        self._terms.add(line.id, version, name, self._types_of(name), producer, created)

    def _producer(self, execution: str) -> str:
        row = self._db.execute("SELECT name FROM executions WHERE key=?", (execution,)).fetchone()
        return row[0] if row else ""

    def _marks(self, line: Line) -> None:
        doc = line.doc
        name, number = self._name(doc), doc["version"]
        self._db.execute(
            "INSERT OR REPLACE INTO marks VALUES (?,?,?,?,?)",
            (line.id, line.at, line.size, name, number),
        )
        if doc["kind"] == "alias":
            self._db.execute(
                "INSERT OR REPLACE INTO aliases VALUES (?,?,?)",
                (name, doc["data"]["alias"], number),
            )
            self._db.execute(
                "UPDATE versions SET aliased=1 WHERE name=? AND number=?", (name, number)
            )
            return
        self._db.execute("UPDATE versions SET marked=1 WHERE name=? AND number=?", (name, number))
        if doc["kind"] in STATES:
            self._restate(name, number, doc["kind"])
        if doc["kind"] in {"card", "note"}:
            self._said[name, number] = None
            if len(self._said) >= _TOGETHER:
                self._retext_all()

    def _restate(self, name: int, number: int, kind: str) -> None:
        row = self._db.execute(
            "SELECT id, at, size, state FROM versions WHERE name=? AND number=?", (name, number)
        ).fetchone()
        if row is not None:
            id, at, size, old = row
            made = ArtifactVersion.from_doc(self._read(at, size).doc).state
            state = state_after(kind, old, made)
            self._terms.restate(id, old, state)
            self._db.execute("UPDATE versions SET state=? WHERE id=?", (state, id))

    def flush(self) -> None:
        """Write what was gathered: the text of a version once, however many notes it was given."""
        self._retext_all()
        self._terms.flush()

    def _retext_all(self) -> None:
        for name, number in self._said:
            self._retext(name, number)
        self._said.clear()

    def _retext(self, name: int, number: int) -> None:
        row = self._db.execute(
            "SELECT id, at, size FROM versions WHERE name=? AND number=?", (name, number)
        ).fetchone()
        if row is None:
            return
        marks = self._db.execute(
            "SELECT at, size FROM marks WHERE name=? AND number=? ORDER BY id", (name, number)
        ).fetchall()
        version = ArtifactVersion.from_doc(self._read(row[1], row[2]).doc)
        said = (Mark.from_doc(self._read(at, size).doc) for at, size in marks)
        self._terms.say(row[0], marked(version, said))


@lru_cache(maxsize=4096)
def _order(value: str, kind: str) -> tuple[bool, float | None]:
    """Whether `value` parses as `kind`, and what it then orders by."""
    try:
        rank, number, _ = typed(value, kind)
    except OverflowError:
        return False, None
    return rank == 0, kept(number) if rank == 0 else None
