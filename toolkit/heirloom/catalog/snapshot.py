"""Everything that a catalog holds at one point of its journal, read while others go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from heirloom.catalog.archive import Archive
from heirloom.catalog.faults import unavailable
from heirloom.catalog.index import Index
from heirloom.catalog.journal import Journal
from heirloom.catalog.line import BadLine, Line
from heirloom.catalog.question import IndexBroken, question

__all__ = ["OWN_IN_ORDER", "Snapshot", "pinned", "snapshot"]

OWN_IN_ORDER = (
    *(
        "stores",
        "code",
        "declarations",
        "plans",
        "switches",
        "executions",
        "versions",
        "ledger",
        "marks",
    ),
)
"""Heirloom's tables, each behind those that it speaks of."""


class Snapshot:
    """The documents of every table as they stood at one commit.

    Attributes:
        journal: The journal's id.
        commits: The number of the next line: it grows with every commit.
        tables: Heirloom's own, each behind those that it speaks of, then all others by name.
    """

    def __init__(self, db: sqlite3.Connection, journal: Journal, commits: int) -> None:
        self.journal = journal.id
        self.commits = commits
        self._db = db
        self._read = journal.read
        self._path = journal.path
        others = db.execute("SELECT name FROM tables WHERE there ORDER BY name").fetchall()
        self.tables = (*OWN_IN_ORDER, *(name for (name,) in others if name not in OWN_IN_ORDER))

    def lines(self, table: str) -> Iterator[Line]:
        """The line of each document of a table, by id; one at a time is in memory.

        Raises:
            CatalogUnavailable: Another process redacted the journal meanwhile: begin anew.
        """
        asked = self._db.execute(
            f"SELECT at, size FROM {table} ORDER BY id"
            if table in OWN_IN_ORDER
            else "SELECT at, size FROM docs WHERE tab=? ORDER BY id",
            () if table in OWN_IN_ORDER else (table,),
        )
        for at, size in asked:
            try:
                yield self._read(at, size)
            except BadLine as error:
                what = f"Byte {at} of the journal was redacted, or damaged, while it was read"
                raise unavailable(self._path, what, error) from error

    def counts(self) -> Mapping[str, int]:
        """How many documents each table has."""
        ask = self._db.execute
        own = {name: ask(f"SELECT count(*) FROM {name}").fetchone()[0] for name in OWN_IN_ORDER}
        others = ask("SELECT tab, count(*) FROM docs GROUP BY tab").fetchall()
        return {name: {**own, **dict(others)}.get(name, 0) for name in self.tables}


@contextmanager
def snapshot(archive: Archive) -> Iterator[Snapshot]:
    """The archive at its present end, for as long as the block lasts, in this thread.

    The journal and the index that it reads stay its own, also where others replace them.
    """
    index, journal = archive.reading(lambda: pinned(archive))
    try:
        yield Snapshot(index.connection(), journal, journal.place.n)
    finally:
        journal.close()
        index.close()


def pinned(archive: Archive) -> tuple[Index, Journal]:
    """One state of the index, which stays, and a descriptor of that state's journal."""
    index, journal = Index(archive.index.path), Journal(archive.home)
    try:
        with question():
            index.connection().execute("BEGIN")
        standing = index.standing()
        if standing.journal == journal.id and journal.resume(standing.last, standing.place):
            return index, journal
        msg = "the index does not stand in this journal"
        raise IndexBroken(msg)
    except BaseException:
        journal.close()
        index.close()
        raise
