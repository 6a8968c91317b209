"""The derived index made anew, aside, and renamed in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from heirloom.catalog.apply import Applier
from heirloom.catalog.line import Line
from heirloom.catalog.question import IndexBroken, each_a_question
from heirloom.catalog.schema import INDEXES, SCHEMA, TABLES
from heirloom.durable import sync_directory
from heirloom.rights import grant

__all__ = ["Read", "build", "stand"]

Read = Callable[[int, int], Line]
"""Gives the line of the journal at a byte, of a size."""


def build(path: Path, journal: str, lines: Iterable[Line], read: Read) -> None:
    """Put the index of every line of the journal at `path`. Only one process may do so at a time.

    Raises:
        IndexBroken: The journal has no line; what stood at `path` stands.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        for left in path.parent.glob(f"{path.name}.*.new"):  # by the killed
            left.unlink()
        _fill(aside, journal, lines, read)
        grant(aside, aside.parent)
        _sync_file(aside)
        for suffix in ("", "-wal", "-shm"):  # SQLite would read an old log into the new file
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        sync_directory(path.parent)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _fill(path: Path, journal: str, lines: Iterable[Line], read: Read) -> None:
    """A whole index at `path`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA cache_size=-32000")
        db.executescript(TABLES)
        db.execute("BEGIN")
        db.execute("INSERT INTO place VALUES (?,?,0,0,'',0)", (journal, SCHEMA))
        last = Applier(db, read).apply(each_a_question(lines))
        if last is None:
            msg = "the journal has no line"
            raise IndexBroken(msg)
        stand(db, last)
        for statement in each_a_question(INDEXES.split(";")):
            db.execute(statement)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode=WAL")


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stand(db: sqlite3.Connection, last: Line) -> None:
    """Note that the index stands at the end of `last`."""
    end = last.end
    db.execute(
        "UPDATE place SET at=?, n=?, chain=?, last=?", (end.at, end.n, end.chain.decode(), last.at)
    )
