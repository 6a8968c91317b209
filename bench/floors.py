"""What the catalog is held against: a bare append, SQLite, stock TinyDB."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import orjson
from tinydb import TinyDB
from tinydb.storages import JSONStorage

__all__ = ["Append", "Sqlite", "stock_tinydb"]


class Append:
    """A line at the end of a file, then fsync."""

    def __init__(self, path: Path) -> None:
        """Append to a new file at `path`."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self._at = 0

    def write(self, doc: Any) -> None:
        """One document."""
        line = orjson.dumps(doc) + b"\n"
        self._at += os.pwrite(self._handle, line, self._at)
        os.fsync(self._handle)


class Sqlite:
    """A table with the indexes that the catalog's own questions need."""

    def __init__(self, path: Path, synchronous: str) -> None:
        """Make it in WAL mode at `path`, `synchronous` ``FULL`` or ``NORMAL``."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            f"""
            PRAGMA journal_mode=WAL;
            PRAGMA synchronous={synchronous};
            CREATE TABLE versions (id INTEGER PRIMARY KEY, name TEXT, number INTEGER,
                conditions TEXT, emission TEXT, doc TEXT, UNIQUE (name, number));
            CREATE UNIQUE INDEX emission ON versions (emission);
            CREATE INDEX conditions ON versions (name, conditions, number);
            """
        )

    def write(self, doc: Any) -> None:
        """One document, numbered in its transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        row = self._db.execute("SELECT max(number) FROM versions WHERE name=?", (doc["name"],))
        number = (row.fetchone()[0] or 0) + 1
        conditions = orjson.dumps(doc["partitions"]).decode()
        self._db.execute(
            "INSERT INTO versions (name, number, conditions, emission, doc) VALUES (?,?,?,?,?)",
            (doc["name"], number, conditions, doc["root"], orjson.dumps(doc).decode()),
        )
        self._db.execute("COMMIT")

    def fill(self, docs: list[Any]) -> None:
        """Many at once."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO versions (name, number, conditions, emission, doc) VALUES (?,?,?,?,?)",
            [
                (doc["name"], n, "{}", f"{n}", orjson.dumps(doc).decode())
                for n, doc in enumerate(docs, 1)
            ],
        )
        self._db.execute("COMMIT")


def stock_tinydb(path: Path, docs: list[Any]) -> TinyDB:
    """TinyDB as it comes, with those documents in it."""
    path.write_bytes(orjson.dumps({"_default": {str(n): doc for n, doc in enumerate(docs, 1)}}))
    return TinyDB(path, storage=JSONStorage)
