"""One condition on a partition: ``region=emea``, ``day>=2026-01-01``, ``tier in (a, b)``."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from heirloom.records.names import canonical, typed

__all__ = ["OPERATORS", "Clause", "quote"]

OPERATORS = ("!=", "<=", ">=", "=", "<", ">")
_RANGES = frozenset({"<", "<=", ">", ">="})
_BETWEEN = {"int": "float", "date": "datetime"}
_BREAKS = frozenset(',[]()=!<>"\\')
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def quote(value: Any) -> str:
    """A value as the grammar writes it: bare where it can be, else in double quotes.

    What is known only later (a `Bind`) is written as it shows itself.
    """
    if not isinstance(value, str):
        return str(value)
    breaks = any(char in _BREAKS or char.isspace() for char in value)
    if value and not breaks and value not in {"and", "or", "not", "in"}:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition that a version's partitions meet or do not.

    `values` has one canonical string, or several for ``in``. A key that the version
    lacks meets no condition but ``!=`` and ``not``.
    """

    key: str
    op: str
    values: tuple[Any, ...]
    negated: bool = False

    def holds(self, partitions: Mapping[str, str], types: Mapping[str, str]) -> bool:
        """Whether `partitions` meet it, compared by the declared type of the key."""
        return self._met(partitions.get(self.key), types.get(self.key, "str")) != self.negated

    def _met(self, value: str | None, kind: str) -> bool:
        if value is None:
            return self.op == "!="
        if self.op == "in":
            return value in self.values
        if self.op in {"=", "!="}:
            return _COMPARE[self.op](value, self.values[0])
        return _COMPARE[self.op](typed(value, kind), typed(self.values[0], kind))

    def of_type(self, kind: str) -> Clause:
        """The same condition with values as the key's declared type writes them.

        A bound of a range may lie between: half a number, a time within a date.

        Raises:
            PartitionError: A value is none of that type.
        """
        if kind == "str":
            return self
        if self.op in _RANGES:
            kind = _BETWEEN.get(kind, kind)
        if not all(isinstance(value, str) for value in self.values):
            return self  # bound to an input or to what fires
        return replace(self, values=tuple(canonical(v, self.key, kind) for v in self.values))

    def __str__(self) -> str:
        if self.op == "in":
            body = f"{self.key} in ({', '.join(map(quote, self.values))})"
        else:
            body = f"{self.key}{self.op}{quote(self.values[0])}"
        return f"not {body}" if self.negated else body
