"""Heirloom's own tables, and the key under which each document of one exists once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from heirloom.records.ledger import row_key
from heirloom.records.names import fold

__all__ = ["KEYS", "OWN", "Doc", "natural_key"]

Doc = Mapping[str, Any]
_Key = Callable[[Doc], Hashable]


def _numbered(doc: Doc) -> Hashable:
    return (doc["project"], fold(doc["name"]), doc["version"])


KEYS: Mapping[str, _Key] = {
    "declarations": _numbered,
    "versions": _numbered,
    "executions": lambda doc: doc["id"],
    "plans": lambda doc: (doc["project"], doc["name"], doc["version"]),
    "switches": lambda doc: (doc["project"], doc["plan"]),
    "ledger": lambda doc: row_key(
        doc["project"], doc["plan"], doc["plan_version"], tuple(doc["refs"])
    ),
    "code": lambda doc: doc["digest"],
}
OWN = frozenset(KEYS) | {"marks"}
"""The tables that refuse raw writes; marks are only ever added and have no key."""


def natural_key(table: str, doc: Doc) -> Hashable:
    """The document's key in one of Heirloom's tables, `None` in any other."""
    key = KEYS.get(table)
    return key(doc) if key else None
