"""Clauses on partitions as SQL over the index: true of every version for which they hold.

A comparison may be true of more, where numbers differ by less than the index keeps of them:
`Clause.holds` decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from heirloom.records.clauses import Clause
from heirloom.records.names import typed

__all__ = ["NUMBERS", "TIMES", "Sql", "clause_sql", "compare_sql", "joined", "kept"]

NUMBERS = frozenset({"int", "float", "bool"})
TIMES = frozenset({"date", "datetime"})


class Sql(NamedTuple):
    """A condition on a row ``v`` of versions, never NULL, and its parameters."""

    text: str
    params: tuple[Any, ...] = ()

    def negated(self) -> Sql:
        """Not."""
        return Sql(f"NOT {self.text}", self.params)


def joined(word: str, parts: Iterable[Sql], empty: str) -> Sql:
    """The parts joined by ``AND`` or ``OR``; `empty` where there is none."""
    found = list(parts)
    if not found:
        return Sql(empty)
    if len(found) == 1:
        return found[0]
    text = f" {word} ".join(part.text for part in found)
    return Sql(f"({text})", tuple(param for part in found for param in part.params))


def clause_sql(clause: Clause, types: Mapping[str, str]) -> Sql:
    """The clause, its key compared by its type in `types`."""
    met = _met(clause, lambda: compare_sql(clause, types.get(clause.key, "str")))
    return met.negated() if clause.negated else met


def _met(clause: Clause, compared: Any) -> Sql:
    match clause.op:
        case "=":
            return _part(clause.key, Sql("p.value=?", clause.values))
        case "!=":
            return _part(clause.key, Sql("p.value=?", clause.values)).negated()
        case "in":
            marks = ",".join("?" * len(clause.values))
            return _part(clause.key, Sql(f"p.value IN ({marks})", clause.values))
    return _part(clause.key, compared())


def _part(key: str, condition: Sql) -> Sql:
    return Sql(
        f"EXISTS (SELECT 1 FROM parts p WHERE p.id=v.id AND p.key=? AND {condition.text})",
        (key, *condition.params),
    )


def kept(number: float) -> float:
    """What the index keeps of a number: the nearest float, which others may share.

    Of two numbers the greater has no smaller one.
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def compare_sql(clause: Clause, kind: str) -> Sql:
    """The comparison of a part ``p`` with the clause's value as `kind` orders them.

    What does not parse orders as text, after all that does; NaN, NULL in SQL, as nothing. Of
    numbers that the index cannot tell apart it is true, and where it is negated false.
    """
    op, value = clause.op, clause.values[0]
    if kind not in NUMBERS | TIMES:
        return Sql(f"p.value {op} ?", (value,))
    parsed, column = ("p.isnum", "p.num") if kind in NUMBERS else ("p.iswhen", "p.moment")
    rank, number, _ = typed(value, kind)
    above = op.startswith(">")
    if rank == 0:
        among = f"({parsed} AND {column} {op[0]}{'' if clause.negated else '='} ?)"
        return Sql(f"({among} OR NOT {parsed})" if above else among, (kept(number),))
    among = f"(NOT {parsed} AND p.value {op} ?)"
    return Sql(among if above else f"({among} OR {parsed})", (value,))
