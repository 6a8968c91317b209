"""Heirloom's own tables, and the key under which each document of one exists once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from heirloom.records.ledger import row_key
from heirloom.records.names import fold

__all__ = ["KEYS", "KNOWN", "OWN", "Doc", "kept", "natural_key"]

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
    "stores": lambda doc: doc["id"],
    "code": lambda doc: doc["digest"],
}
OWN = frozenset(KEYS) | {"marks"}
"""The tables that refuse raw writes; marks are only ever added and have no key."""


_EXECUTION = """
    id kind name state root project by started_at attempt code plan plan_version inputs outputs
    reads ended_at parent path depth chain triggered_by cache cached_from rerun_of tries error
    printed log claimant bound anchor partial not_before held_by"""
_SWITCH = "project plan version active person at by session"
_ROW = "project plan plan_version refs state at reason due execution waits lane"

KNOWN: Mapping[str, frozenset[str]] = {
    "executions": frozenset(_EXECUTION.split()),
    "switches": frozenset(_SWITCH.split()),
    "ledger": frozenset(_ROW.split()),
    "stores": frozenset({"id", "url", "at", "by"}),
}
"""The fields that this Heirloom writes in a document that it may later update."""


def natural_key(table: str, doc: Doc) -> Hashable:
    """The document's key in one of Heirloom's tables, `None` in any other."""
    key = KEYS.get(table)
    return key(doc) if key else None


def kept(table: str, before: Doc | None, doc: Doc) -> Doc:
    """`doc` with the fields beside it that a later Heirloom wrote into the document before."""
    if before is None or before.keys() <= KNOWN[table]:
        return doc
    return {key: value for key, value in before.items() if key not in KNOWN[table]} | dict(doc)
