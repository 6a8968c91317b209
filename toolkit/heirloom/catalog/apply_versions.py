"""Rows of the index for names: declarations, versions, and what marks say of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

import orjson

from heirloom.catalog.line import Line
from heirloom.catalog.tables import Doc
from heirloom.catalog.tail import emission_key
from heirloom.catalog.text import own_text
from heirloom.records.marks import Mark, marked
from heirloom.records.names import fold, typed
from heirloom.records.versions import ArtifactVersion

__all__ = ["VersionRows", "conditions_key"]

_STATES = {"yank": "yanked", "purge": "purged"}


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
        self._names: dict[tuple[str, str], int] = {}
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
        self._db.execute("DELETE FROM types WHERE name=?", (name,))
        self._db.executemany(
            "INSERT INTO types VALUES (?,?,?)",
            [(name, key, kind) for key, kind in doc["types"].items()],
        )

    # ------------------------------------------------------------------ versions

    def _versions(self, line: Line) -> None:
        version, name = ArtifactVersion.from_doc(line.doc), self._name(line.doc)
        conditions = version.conditions
        self._db.execute(
            "INSERT OR REPLACE INTO versions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0)",
            (
                *(line.id, line.at, line.size, name, version.version),
                *(version.ref, conditions_key(conditions), emission_key(line.doc)),
                version.execution_id,
                *(version.state, version.kind, fold(version.created_by), line.doc["created_at"]),
                *(line.doc.get("time"), version.payload.link is not None),
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
        self._text(line.id, version)

    def _text(self, id: int, version: ArtifactVersion) -> None:
        row = self._db.execute(
            "SELECT name FROM executions WHERE key=?", (version.execution_id,)
        ).fetchone()
        text = own_text(version, row[0] if row else "")
        self._db.execute("INSERT OR REPLACE INTO texts VALUES (?,?)", (id, text))

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
        self._db.execute(
            "UPDATE versions SET marked=1, state=coalesce(?, state) WHERE name=? AND number=?",
            (_STATES.get(doc["kind"]), name, number),
        )
        if doc["kind"] in {"card", "note"}:
            self._retext(name, number)

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
        self._text(row[0], marked(version, said))


def _order(value: str, kind: str) -> tuple[bool, float | None]:
    """Whether `value` parses as `kind`, and what it then orders by."""
    try:
        rank, number, _ = typed(value, kind)
    except OverflowError:
        return False, None
    return rank == 0, number if rank == 0 else None
