"""A search as a tree of conditions, each true or not of one version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from heirloom.records.clauses import Clause
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = [
    "FIELDS",
    "ORDERS",
    "STATES",
    "AllOf",
    "AnyOf",
    "Facts",
    "Field",
    "Negated",
    "Node",
    "OfTypes",
    "Part",
    "Word",
    "asks_for",
    "leaves_of",
    "parts_of",
    "relations_of",
]

STATES = ("draft", "yanked", "purged", "value", "linked")
ORDERS = ("newest", "oldest", "name", "kind", "producer")
"""How a search's versions may be ordered; within the last three the newest is the first."""


class Facts(Protocol):
    """What a search may ask of a version beyond the version itself."""

    def text(self, version: ArtifactVersion) -> str:
        """The casefolded text that bare words look in."""
        ...

    def related(self, ref: str, direction: str) -> frozenset[str]:
        """Full refs of the ancestors (``up``) or descendants (``down``) of `ref`."""
        ...

    def producer(self, version: ArtifactVersion) -> str:
        """The name of the execution that made it."""
        ...

    def types(self, version: ArtifactVersion) -> Mapping[str, str]:
        """Declared type by partition key."""
        ...


class Node(Protocol):
    """A part of a search: true or not of one version."""

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether it is true of `version`."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: a casefolded substring of the version's text."""

    text: str

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether the text has it."""
        return fold(self.text) in facts.text(version)


@dataclass(frozen=True, slots=True)
class Part:
    """A clause on a partition; `at` is where the search line has it."""

    clause: Clause
    at: int = field(default=0, compare=False)

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether the partition meets it."""
        return self.clause.holds(version.conditions, facts.types(version))


@dataclass(frozen=True, slots=True)
class Field:
    """A reserved key with its value; `value` is a time for ``since`` and ``until``."""

    key: str
    value: Any

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether the version has it."""
        return _FIELDS[self.key](self.value, version, facts)


@dataclass(frozen=True, slots=True)
class OfTypes:
    """Of one of these classes, as their records name them; no search line says it."""

    names: tuple[str, ...]

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether the version's value was recorded as one of them."""
        return version.type_name in self.names


@dataclass(frozen=True, slots=True)
class Negated:
    """Not."""

    node: Node

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether the part is untrue."""
        return not self.node.matches(version, facts)


@dataclass(frozen=True, slots=True)
class AllOf:
    """And; of no parts, true."""

    nodes: tuple[Node, ...]

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether every part is true."""
        return all(node.matches(version, facts) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Or."""

    nodes: tuple[Node, ...]

    def matches(self, version: ArtifactVersion, facts: Facts) -> bool:
        """Whether some part is true."""
        return any(node.matches(version, facts) for node in self.nodes)


def _is(value: str, version: ArtifactVersion, facts: Facts) -> bool:
    if value == "linked":
        return version.payload.link is not None
    if value == "value":
        return version.kind == "value"
    return version.state == value


_FIELDS: Mapping[str, Callable[[Any, ArtifactVersion, Facts], bool]] = {
    "name": lambda value, version, _: fold(version.name) == fold(value),
    "kind": lambda value, version, _: version.kind == value,
    "by": lambda value, version, facts: (
        fold(value) in {fold(version.created_by), fold(facts.producer(version))}
    ),
    "since": lambda value, version, _: version.created_at >= value,
    "until": lambda value, version, _: version.created_at < value,
    "alias": lambda value, version, _: value in version.aliases,
    "up": lambda value, version, facts: version.ref in facts.related(value, "up"),
    "down": lambda value, version, facts: version.ref in facts.related(value, "down"),
    "is": _is,
}
FIELDS = tuple(_FIELDS)


def asks_for(node: Node, state: str) -> bool:
    """Whether the search itself speaks of ``is=state``, so that such versions may appear."""
    match node:
        case Field("is", value):
            return bool(value == state)
        case Negated(inner):
            return asks_for(inner, state)
        case AllOf(nodes) | AnyOf(nodes):
            return any(asks_for(part, state) for part in nodes)
    return False


def leaves_of(node: Node) -> Iterator[Node]:
    """Every word, clause and field, in the order of the line."""
    match node:
        case Negated(inner):
            yield from leaves_of(inner)
        case AllOf(nodes) | AnyOf(nodes):
            for part in nodes:
                yield from leaves_of(part)
        case _:
            yield node


def parts_of(node: Node) -> Iterator[Part]:
    """Every clause on a partition, in the order of the line."""
    return (leaf for leaf in leaves_of(node) if isinstance(leaf, Part))


def relations_of(node: Node) -> Iterator[tuple[str, str]]:
    """Every ref whose relatives the search asks for, with ``up`` or ``down``."""
    for leaf in leaves_of(node):
        if isinstance(leaf, Field) and leaf.key in {"up", "down"}:
            yield leaf.value, leaf.key
