"""Hypothesis strategies: records in all their variety, and questions about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from heirloom.records.clauses import Clause
from heirloom.records.queries import Query
from heirloom.records.search_tree import STATES, AllOf, AnyOf, Field, Negated, Node, Part, Word

__all__ = [
    "ALIASES",
    "KEYS",
    "NAMES",
    "TYPES",
    "clauses",
    "fields",
    "moments",
    "partitions",
    "queries",
    "searches",
    "texts",
    "values",
    "words",
]

NAMES = ("sales", "SALES", "Größe", "costs")
KEYS = ("region", "n", "day")
TYPES = {"region": "str", "n": "int", "day": "date"}
ALIASES = ("champion", "old")
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)

values = st.sampled_from(
    [
        *("emea", "EMEA", "straße", "7", "10", "-1.5", "true", "nan", "inf", "1e3", 'a "b"', "a=b"),
        *("2026-01-31", "2025-12-01T05:00:00Z", "2026-01-02"),
    ]
)
texts = st.sampled_from(["A card", "card\nof TEXT", "note 7", "STRASSE", "é", "é", '"q"', "a\x00b"])
words = st.one_of(
    st.sampled_from(
        ["7", "emea", "card", "card\nof", "text", "ss", "é", "work", "int", "old", "1\n"]
    ),
    st.text(st.sampled_from('acdenort s\n"\x00éßİ7'), max_size=4),
)
partitions = st.dictionaries(st.sampled_from(KEYS), values, max_size=3)
moments = st.none() | st.integers(0, 3).map(lambda days: _BEGINNING + timedelta(days=days))
clauses = st.one_of(
    st.builds(
        lambda key, op, value, negated: Clause(key, op, (value,), negated),
        st.sampled_from([*KEYS, "time"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        values,
        st.booleans(),
    ),
    st.builds(
        lambda key, several, negated: Clause(key, "in", tuple(several), negated),
        st.sampled_from([*KEYS, "time"]),
        st.lists(values, min_size=1, max_size=3),
        st.booleans(),
    ),
)
queries = st.builds(
    lambda name, some, at, latest, types: Query(
        name=name, project="p", clauses=tuple(some), at=at, latest=latest, types=types
    ),
    st.sampled_from([*NAMES, "none"]),
    st.lists(clauses, max_size=2),
    st.sampled_from([None, None, None, "latest", 1, 2, *ALIASES]),
    st.sampled_from(["commit", "time_partition"]),
    st.sampled_from([{}, TYPES]),
)


def _field(key: str, given: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    return given.map(lambda value: Field(key, value))


_TIMES = st.integers(0, 60).map(lambda minutes: _BEGINNING + timedelta(minutes=minutes))
_REFS = st.sampled_from([f"heirloom://p/{name}@1" for name in NAMES] + ["sales", "costs@champion"])
fields = st.one_of(
    _field("name", st.sampled_from(NAMES)),
    _field("kind", st.sampled_from(["value", "file", "none"])),
    _field("by", st.sampled_from(["ADA", "bob", "none"])),
    _field("alias", st.sampled_from(ALIASES)),
    _field("is", st.sampled_from(STATES)),
    _field("since", _TIMES),
    _field("until", _TIMES),
    _field("up", _REFS),
    _field("down", _REFS),
)
searches: st.SearchStrategy[Node] = st.recursive(
    st.one_of(words.map(Word), clauses.map(Part), fields),
    lambda inner: st.one_of(
        inner.map(Negated),
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=4,
)
