"""A piece of lineage: versions and executions, and how they are known to belong together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from heirloom import render
from heirloom.ancestry.way import way
from heirloom.codecs.needs import need
from heirloom.records.executions import Execution
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Edge", "Lineage", "Node"]

_SHAPES = {"version": ('["', '"]'), "execution": ('(["', '"])'), "value": ('("', '")')}


@dataclass(frozen=True, slots=True)
class Node:
    """A version, a nameless value, or an execution (the outermost workflow of a leaf).

    `id` is a full ref, ``value:EXECUTION/OUTPUT``, or an execution's id; `data` the record.
    """

    id: str
    kind: str
    label: str
    data: Any = field(default=None, compare=False, repr=False)

    @property
    def partial(self) -> tuple[str, ...]:
        """Names that went into it and that no recorded cell bound; its ancestry may lack more."""
        return getattr(self.data, "partial", ())


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` came before `target`: a version read, or an execution that made it."""

    source: str
    target: str
    how: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """What was asked for around `centre`; `cut` nodes were left out at the limit."""

    centre: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cut: int = 0

    def node(self, key: str) -> Node:
        """The node of that id.

        Raises:
            KeyError: It is not in this piece.
        """
        for node in self.nodes:
            if node.id == key:
                return node
        raise KeyError(key)

    def path(self, one: str, other: str) -> tuple[Node, ...]:
        """The shortest way between two nodes of this piece, from the earlier to the later.

        Args:
            one: A node's id, as a version's full ref.
            other: Another's.

        Returns:
            Both and what lies between; empty where neither came of the other, as far as this
            piece knows.

        Raises:
            KeyError: One of them is not in this piece.
        """
        self.node(one), self.node(other)
        edges = [(edge.source, edge.target) for edge in self.edges]
        found = way(edges, one, other) or way(edges, other, one)
        return tuple(map(self.node, found))

    def to_mermaid(self) -> str:
        """The graph as Mermaid text."""
        number = {node.id: f"n{i}" for i, node in enumerate(self.nodes)}
        lines = ["flowchart LR"]
        for node in self.nodes:
            left, right = _SHAPES[node.kind]
            lines.append(f"    {number[node.id]}{left}{_quoted(node.label)}{right}")
        lines += [f"    {number[e.source]} -->|{e.how}| {number[e.target]}" for e in self.edges]
        return "\n".join(lines)

    def to_text(self, *, down: bool = False) -> str:
        """The centre's ancestors as an indented tree, each node written out once.

        Args:
            down: Its descendants instead.
        """
        labels = {node.id: f"{node.label}{_unknown(node)}" for node in self.nodes}
        beyond: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for edge in self.edges:
            near, far = (edge.source, edge.target) if down else (edge.target, edge.source)
            beyond[near].append((far, "" if edge.how == "produced" else f"  ({edge.how})"))
        lines: list[str] = []
        seen: set[str] = set()
        waiting: list[tuple[str, str, int]] = [(self.centre, "", 0)]
        while waiting:
            key, how, depth = waiting.pop()
            again = key in seen and bool(beyond[key])
            lines.append(f"{'  ' * depth}{labels[key]}{how}{' …' if again else ''}")
            if not again:
                seen.add(key)
                waiting += [(far, step, depth + 1) for far, step in reversed(beyond[key])]
        return "\n".join(lines)

    def to_networkx(self) -> Any:
        """The graph as a ``networkx.DiGraph``.

        Raises:
            MissingExtra: networkx is not installed.
        """
        graph = need("networkx", "widgets", "This graph").DiGraph()
        for node in self.nodes:
            graph.add_node(node.id, kind=node.kind, label=node.label)
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, how=edge.how)
        return graph

    def __str__(self) -> str:
        """The tree of its ancestors, that of what came of it, and how much is cut."""
        lines = [self.to_text()]
        if after := self.to_text(down=True).splitlines()[1:]:
            lines += ["", "what came of it", *after]
        if self.cut:
            lines.append(f"… {self.cut} nodes cut")
        return "\n".join(lines)

    def __repr__(self) -> str:
        cut = f", {self.cut} cut" if self.cut else ""
        return f"<lineage of {self.centre}: {len(self.nodes)} nodes, {len(self.edges)} edges{cut}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = str(self)
        return {"text/plain": text, "text/html": render.code(text)}


def _unknown(node: Node) -> str:
    """What is to be said of a version with partial provenance."""
    told = node.kind == "version" and node.partial
    return f"  (partial: {', '.join(node.partial)})" if told else ""


def _quoted(label: str) -> str:
    """A label inside Mermaid's quotes."""
    return label.replace('"', "#quot;").replace("\n", " ")


def node_of(record: ArtifactVersion | Value | Execution) -> Node:
    """The node that stands for a record."""
    if isinstance(record, ArtifactVersion):
        return Node(record.ref, "version", record.label, record)
    if isinstance(record, Value):
        return Node(record.item, "value", f"{record.payload.type_name}", record)
    return Node(record.id, "execution", f"{record.kind} {record.name}", record)
