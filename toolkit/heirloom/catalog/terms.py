"""What a version is found by: the terms of its sets, and its text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from heirloom.catalog.lexicon import LOOSE, gather
from heirloom.catalog.sets import BLOCK, SetRows, term
from heirloom.catalog.text import free_text
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = ["TermRows"]

_MANY_LOOSE = 1_024
"""So many texts are read one by one in less time than the others are searched in."""


class TermRows:
    """Puts versions into the sets of their terms, and their texts where words are looked for."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._sets = SetRows(db)
        self._known: set[tuple[str, str]] = set()
        self._spans: dict[int, tuple[str, str]] = {}
        self._said: set[int] = set()

    def add(
        self,
        id: int,
        version: ArtifactVersion,
        name: int,
        types: Mapping[str, str],
        producer: str,
        created: str,
    ) -> None:
        """A new version.

        Args:
            id: Its document's id.
            version: It.
            name: The row id of its name.
            types: Declared type by partition key.
            producer: The name of the execution that made it.
            created: When, as its record has it.
        """
        for field, value in _terms(version, producer):
            self._add(field, value, id)
        self._sets.add(term("name", name), id)
        for key, kind in types.items():
            self._add(f"type:{key}", kind, id)
        low, high = self._spans.get(id // BLOCK, (created, created))
        self._spans[id // BLOCK] = min(low, created), max(high, created)
        self.say(id, version)

    def _add(self, field: str, value: str, id: int) -> None:
        self._sets.add(term(field, value), id)
        self._know(field, value)

    def _know(self, field: str, value: str) -> None:
        if (field, value) not in self._known:
            self._known.add((field, value))
            row = (field, value, fold(value))
            self._db.execute("INSERT OR IGNORE INTO terms VALUES (?,?,?)", row)

    def restate(self, id: int, old: str, new: str) -> None:
        """A version changed its state."""
        self._sets.discard(term("state", old), id)
        self._add("state", new, id)

    def retype(self, name: int, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """A name's keys are declared with other types, or for the first time."""
        for key in old.keys() | new.keys():
            if old.get(key) != new.get(key):
                self._retype(name, f"type:{key}", old.get(key), new.get(key))

    def _retype(self, name: int, field: str, old: str | None, new: str | None) -> None:
        before = term(field, old) if old is not None else None
        after = term(field, new) if new is not None else None
        self._sets.move(term("name", name), before, after)
        if new is not None:
            self._know(field, new)

    def say(self, id: int, version: ArtifactVersion) -> None:
        """A version's value, card and notes are these now."""
        text = free_text(version)
        if text:
            self._db.execute("INSERT OR REPLACE INTO texts VALUES (?,?)", (id, text))
        elif not self._db.execute("DELETE FROM texts WHERE id=?", (id,)).rowcount:
            return
        self._sets.add(LOOSE, id)
        self._said.add(id // BLOCK)

    def _gather(self) -> None:
        """Gather the blocks of which many texts are loose."""
        for block in self._said:
            if self._sets.count(LOOSE, block) >= _MANY_LOOSE:
                gather(self._db, block)
                self._sets.clear(LOOSE, block)
        self._said.clear()

    def flush(self) -> None:
        """Write what was gathered."""
        self._gather()
        self._sets.flush()
        self._db.executemany(
            "INSERT INTO spans VALUES (?,?,?) ON CONFLICT (block) DO UPDATE SET "
            "low=min(low, excluded.low), high=max(high, excluded.high)",
            [(block, *span) for block, span in self._spans.items()],
        )
        self._spans.clear()


def _terms(version: ArtifactVersion, producer: str) -> Iterator[tuple[str, str]]:
    yield "project", version.project
    yield "kind", version.kind
    yield "by", fold(version.created_by)
    yield "python", version.type_name
    yield "maker", producer
    if version.state != "live":
        yield "state", version.state
    if version.payload.link is not None:
        yield "linked", ""
    for key, value in version.conditions.items():
        yield f"part:{key}", value
