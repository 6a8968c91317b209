"""What numbers and ids are given by: asked of two trees of the index, which have to agree.

SQLite keeps no checksums, so that a changed bit or sector may hide a row without a word. From
a reader that keeps an answer; a commit would give a number or an id twice. No one fault strikes two
trees alike.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from heirloom.catalog.question import IndexBroken, question
from heirloom.catalog.tables import OWN, natural_key

__all__ = ["check_absent", "greatest_key", "newest_number", "next_id"]

_KEYS = {"versions": "emission", "executions": "key"}


def newest_number(db: sqlite3.Connection, project: str, folded: str) -> int:
    """The newest number of a name, as far as the index stands; 0 where it had none.

    Raises:
        IndexBroken: A name is in one tree and not in the other, or has another number there.
    """
    with question(), _one_moment(db):
        row = db.execute(
            "SELECT id, newest FROM names INDEXED BY sqlite_autoindex_names_1 "
            "WHERE project=? AND folded=?",
            (project, folded),
        ).fetchone()
        other = db.execute(
            "SELECT id FROM names INDEXED BY names_folded WHERE folded=? AND project=?",
            (folded, project),
        ).fetchone()
        _agree((row and row[0]) == (other and other[0]), f"the name {folded!r}")
        if row is None:
            return 0
        (highest,) = db.execute("SELECT max(number) FROM versions WHERE name=?", row[:1]).fetchone()
    _agree(row[1] == (highest or 0), f"the newest number of {folded!r}")
    return int(row[1])


def next_id(db: sqlite3.Connection, table: str) -> int:
    """The first id of a table that was never used, as far as the index stands.

    Raises:
        IndexBroken: One is used that is not lower.
    """
    with question(), _one_moment(db):
        row = db.execute("SELECT next FROM tables WHERE name=?", (table,)).fetchone()
        source, params = (
            (f"{table} WHERE 1", ()) if table in OWN else ("docs WHERE tab=?", (table,))
        )
        (highest,) = db.execute(f"SELECT max(id) FROM {source}", params).fetchone()
    found = row[0] if row else 1
    _agree(isinstance(found, int) and found > (highest or 0), f"the ids of {table!r}")
    return int(found)


def greatest_key(db: sqlite3.Connection, table: str) -> str:
    """The greatest emission key (``versions``) or execution id, as far as the index stands.

    Raises:
        IndexBroken: That of the newest document is greater.
    """
    column = _KEYS[table]
    with question(), _one_moment(db):
        (found,) = db.execute(f"SELECT max({column}) FROM {table}").fetchone()
        row = db.execute(f"SELECT {column} FROM {table} ORDER BY id DESC LIMIT 1").fetchone()
    newest = row[0] if row else ""
    _agree(isinstance(newest, str) and (found or "") >= newest, f"the keys of {table!r}")
    return str(found or "")


def check_absent(db: sqlite3.Connection, table: str, doc: Mapping[str, Any]) -> None:
    """Hold that an execution, or a row of the ledger, that was not found is not there.

    Raises:
        IndexBroken: Another tree has it.
    """
    if table == "executions":
        sql = "SELECT 1 FROM executions INDEXED BY executions_root WHERE root=? AND key=?"
        params = (doc["root"], doc["id"])
    elif table == "ledger" and doc["refs"]:
        sql = "SELECT 1 FROM ledger WHERE id IN (SELECT row FROM fired WHERE ref=?) AND +key=?"
        params = (doc["refs"][0], natural_key(table, doc))
    else:
        return
    with question():
        _agree(db.execute(sql, params).fetchone() is None, f"what {table!r} has")


@contextmanager
def _one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Let what is asked inside be of one moment: another process may bring the index on."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def _agree(holds: bool, what: str) -> None:
    if not holds:
        msg = f"the index does not agree with itself on {what}"
        raise IndexBroken(msg)
