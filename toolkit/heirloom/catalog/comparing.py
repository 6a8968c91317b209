"""The index held against one that is made anew from the journal."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from heirloom.catalog.index import Index
from heirloom.catalog.journal import Journal
from heirloom.catalog.line import Line
from heirloom.catalog.place import Home
from heirloom.catalog.question import IndexBroken
from heirloom.render import counted

__all__ = ["differences"]

_TABLES = (
    *("place", "tables", "docs", "names", "types", "declarations", "versions", "parts", "marks"),
    *(
        "aliases",
        "executions",
        "edges",
        "plans",
        "switches",
        "ledger",
        "fired",
        "firings",
        "code",
        "stores",
        "texts",
    ),
)


def differences(home: Path | str) -> list[str]:
    """How many rows of each table of the index are not what the journal says; a line each.

    Nothing is changed; the other index is made in the system's place for temporary files.
    Where the index is not this journal's, or behind, it will be made anew or brought on: no
    difference.

    Raises:
        CatalogDamaged: The journal is damaged.
        CatalogUnavailable: It cannot be read.
    """
    place = Home(Path(home), read_only=True)
    path = place.path / "index.sqlite"
    journal = Journal(place)
    try:
        with tempfile.TemporaryDirectory(prefix="heirloom-verify-") as aside:
            found = _copy(path, Path(aside) / "found.sqlite")
            end = _standing(found, journal)
            if end is None:
                return []
            made = Index(Path(aside) / "made.sqlite")
            made.rebuild(journal.id, _until(journal.replay(), end), journal.read)
            made.close()
            return [
                f"{each}; delete {path} and it is made anew." for each in _all(found, made.path)
            ]
    finally:
        journal.close()


def _copy(path: Path, to: Path) -> Path:
    """The index as it stands at one moment: others go on with it."""
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db,
            closing(sqlite3.connect(to)) as copy,
        ):
            db.backup(copy)
    except sqlite3.Error as error:
        logging.getLogger("heirloom").debug("index %s: %s", path, error)
    return to


def _standing(path: Path, journal: Journal) -> int | None:
    """The number of the line behind which the index stands, if it is this journal's."""
    index = Index(path)
    try:
        standing = index.standing()
        return standing.place.n if standing.journal == journal.id else None
    except IndexBroken:
        return None
    finally:
        index.close()


def _until(lines: Iterable[Line], n: int) -> Iterator[Line]:
    for line in lines:
        if line.n >= n:
            return
        yield line


def _all(found: Path, made: Path) -> Iterator[str]:
    with closing(sqlite3.connect(found)) as db:
        db.execute("ATTACH ? AS other", (str(made),))
        for table in _TABLES:
            wrong = _only_in(db, "main", "other", table)
            lacking = _only_in(db, "other", "main", table)
            if wrong or lacking:
                yield (
                    f"The index has {counted(wrong, 'row')} of {table!r} that the journal does not "
                    f"give, and lacks {lacking}"
                )


def _only_in(db: sqlite3.Connection, one: str, other: str, table: str) -> int:
    rows = f"SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table}"
    (count,) = db.execute(f"SELECT count(*) FROM ({rows})").fetchone()
    return int(count)
