"""The orders in which a search's versions are given: as committed, or by what the index groups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from heirloom.catalog.sets import members, rising, set_of, term

__all__ = ["arranged"]

_NAMES = "SELECT id FROM names ORDER BY folded, project"
_VALUES = "SELECT value FROM terms WHERE field=? ORDER BY folded, value"
_FIELDS = {"name": "name", "kind": "kind", "producer": "maker"}


def arranged(db: sqlite3.Connection, found: int, order: str, after: int | None) -> Iterator[int]:
    """The ids in a set, one by one: what a page does not reach is not looked at.

    Args:
        db: The index.
        found: The set.
        order: One of `heirloom.records.search_tree.ORDERS`; within a name, a kind or a
            producer the newest is the first.
        after: The id that the page before ended with, whether or not it is still in the set.
    """
    if order == "newest":
        return members(found if after is None else _below(found, after))
    if order == "oldest":
        return rising(found if after is None else found ^ _below(found, after + 1))
    return _grouped(db, found, _FIELDS[order], after)


def _grouped(db: sqlite3.Connection, found: int, field: str, after: int | None) -> Iterator[int]:
    rows = db.execute(_NAMES) if field == "name" else db.execute(_VALUES, (field,))
    for (value,) in rows.fetchall():
        group = set_of(db, [term(field, value)])
        if after is not None:
            if not group >> after & 1:
                continue
            group = _below(group, after)
            after = None
        yield from members(group & found)


def _below(found: int, id: int) -> int:
    return found & (1 << id) - 1 if id < found.bit_length() else found
