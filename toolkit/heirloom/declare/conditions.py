"""How Python spells conditions on partitions: ``between``, ``one_of``, ``not_`` and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from heirloom.errors import PartitionError
from heirloom.records.binds import Bind
from heirloom.records.clauses import Clause
from heirloom.records.names import canonical

__all__ = [
    "Condition",
    "at_least",
    "at_most",
    "before",
    "between",
    "clauses",
    "more_than",
    "not_",
    "one_of",
]


@dataclass(frozen=True, slots=True)
class Condition:
    """One or more comparisons with a key that is not known yet."""

    parts: tuple[tuple[str, tuple[Any, ...]], ...]
    negated: bool = False

    def __heirloom_source__(self) -> str:
        return f"heirloom.Condition({self.parts!r}, {self.negated!r})"


def one_of(*values: Any) -> Condition:
    """Any of these values."""
    if not values:
        msg = "one_of needs at least one value."
        raise PartitionError(msg)
    return Condition((("in", values),))


def between(low: Any, high: Any) -> Condition:
    """From `low` to `high`, both included, compared by the key's declared type."""
    return Condition(((">=", (low,)), ("<=", (high,))))


def at_least(low: Any) -> Condition:
    """`low` and above."""
    return Condition(((">=", (low,)),))


def more_than(low: Any) -> Condition:
    """Above `low`."""
    return Condition(((">", (low,)),))


def at_most(high: Any) -> Condition:
    """`high` and below."""
    return Condition((("<=", (high,)),))


def before(high: Any) -> Condition:
    """Below `high`."""
    return Condition((("<", (high,)),))


def not_(value: Any) -> Condition:
    """Not this value, or not what this condition says.

    Raises:
        PartitionError: A range is negated: its two bounds cannot be one clause.
    """
    if not isinstance(value, Condition):
        return Condition((("!=", (value,)),))
    if len(value.parts) > 1:
        msg = "not_(between(...)) is two conditions; ask for what is below or above in two queries."
        raise PartitionError(msg)
    return replace(value, negated=not value.negated)


def clauses(
    wanted: Mapping[str, Any], types: Mapping[str, str] = MappingProxyType({})
) -> tuple[Clause, ...]:
    """Keyword arguments of a query as clauses, in the order given; `types` by key, but ``str``.

    Raises:
        PartitionError: A value is none that a partition can have.
    """
    found = (clause for key, value in wanted.items() for clause in _of(key, value))
    return tuple(clause.of_type(types.get(clause.key, "str")) for clause in found)


def _of(key: str, value: Any) -> list[Clause]:
    if not isinstance(value, Condition):
        value = Condition((("=", (value,)),))
    return [
        Clause(key, op, tuple(_operand(operand, key) for operand in operands), value.negated)
        for op, operands in value.parts
    ]


def _operand(value: Any, key: str) -> Any:
    return value if isinstance(value, Bind) else canonical(value, key)
