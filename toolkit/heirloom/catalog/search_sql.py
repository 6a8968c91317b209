"""A search as SQL over the index; exactly `Node.matches`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from heirloom.catalog.clauses_sql import NUMBERS, TIMES, Sql, compare_sql, joined
from heirloom.records.clauses import Clause
from heirloom.records.clock import stamp
from heirloom.records.names import fold
from heirloom.records.search_tree import AllOf, AnyOf, Field, Negated, Node, Part, Word, asks_for

__all__ = ["Facts", "Related", "search_sql"]

Related = Callable[[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a search needs to know before it can be put in SQL.

    Attributes:
        related: Full refs of the ancestors (``up``) or descendants (``down``) of a ref.
        kinds: The types that a partition key was declared with, by any name.
    """

    related: Related
    kinds: Callable[[str], frozenset[str]]


_HIDDEN = ("draft", "yanked", "purged")
_WORD = (
    "(v.id IN (SELECT id FROM texts WHERE instr(text, ?)) "
    "OR v.name IN (SELECT id FROM names WHERE instr(described, ?)))"
)
_WORDS = (  # with a line feed, which may be the one before the description
    "EXISTS (SELECT 1 FROM texts t JOIN names n ON n.id=v.name WHERE t.id=v.id "
    "AND instr(t.text || char(10) || n.described, ?))"
)
_FIELDS = {
    "name": "v.name IN (SELECT id FROM names WHERE folded=?)",
    "kind": "v.kind=?",
    "by": "v.author=?",
    "since": "v.created>=?",
    "until": "v.created<?",
    "alias": (
        "EXISTS (SELECT 1 FROM aliases a WHERE a.name=v.name AND a.alias=? AND a.number=v.number)"
    ),
    "up": "v.ref IN (SELECT value FROM json_each(?))",
    "down": "v.ref IN (SELECT value FROM json_each(?))",
}
_STATES = {"linked": Sql("v.linked"), "value": Sql("v.kind='value'")}


def search_sql(node: Node, project: str | None, facts: Facts) -> Sql:
    """The condition on a row ``v`` of versions, hidden states left out unless asked for."""
    parts = [_node(node, facts)]
    if project is not None:
        parts.append(Sql("v.name IN (SELECT id FROM names WHERE project=?)", (project,)))
    hidden = [state for state in _HIDDEN if not asks_for(node, state)]
    parts += [Sql("v.state<>?", (state,)) for state in hidden]
    return joined("AND", parts, "1")


def _node(node: Node, facts: Facts) -> Sql:
    match node:
        case AllOf(nodes):
            return joined("AND", (_node(part, facts) for part in nodes), "1")
        case AnyOf(nodes):
            return joined("OR", (_node(part, facts) for part in nodes), "0")
        case Negated(inner):
            return _node(inner, facts).negated()
        case Word(text):
            return _word(text)
        case Part(clause):
            return _part(clause, facts)
        case Field(key, value):
            return _field(key, value, facts)
    msg = f"A search has no {type(node).__name__}."
    raise TypeError(msg)


def _word(text: str) -> Sql:
    folded = fold(text)
    return Sql(_WORDS, (folded,)) if "\n" in folded else Sql(_WORD, (folded, folded))


def _part(clause: Clause, facts: Facts) -> Sql:
    found = _met(clause, facts)
    return found.negated() if clause.negated else found


def _met(clause: Clause, facts: Facts) -> Sql:
    """The clause, as a set of versions found by the key's values, each of its declared type."""
    match clause.op:
        case "=" | "!=":
            equal = Sql(
                "v.id IN (SELECT id FROM parts WHERE key=? AND value=?)",
                (clause.key, clause.values[0]),
            )
            return equal.negated() if clause.op == "!=" else equal
        case "in":
            marks = ",".join("?" * len(clause.values))
            several = f"v.id IN (SELECT id FROM parts WHERE key=? AND value IN ({marks}))"
            return Sql(several, (clause.key, *clause.values))
    text, kinds = compare_sql(clause, "str"), facts.kinds(clause.key)
    cases = [
        _case(clause, which, as_)
        for which, as_ in ((NUMBERS, "float"), (TIMES, "datetime"))
        if kinds & which
    ]
    if not cases:
        within = f"v.id IN (SELECT p.id FROM parts p WHERE p.key=? AND {text.text})"
        return Sql(within, (clause.key, *text.params))
    return Sql(
        "v.id IN (SELECT p.id FROM parts p LEFT JOIN types y ON y.name=p.name AND y.key=p.key "
        f"WHERE p.key=? AND CASE {' '.join(case.text for case in cases)} ELSE {text.text} END)",
        (clause.key, *(param for case in cases for param in case.params), *text.params),
    )


def _case(clause: Clause, kinds: frozenset[str], kind: str) -> Sql:
    compared = compare_sql(clause, kind)
    names = ",".join(f"'{each}'" for each in sorted(kinds))
    return Sql(f"WHEN y.kind IN ({names}) THEN {compared.text}", compared.params)


def _field(key: str, value: Any, facts: Facts) -> Sql:
    if key == "is":
        return _STATES.get(value) or Sql("v.state=?", (value,))
    if key in {"up", "down"}:
        value = orjson.dumps(sorted(facts.related(value, key))).decode()
    elif key in {"since", "until"}:
        value = stamp(value)
    elif key in {"name", "by"}:
        value = fold(value)
    return Sql(_FIELDS[key], (value,))
