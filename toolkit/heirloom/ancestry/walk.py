"""Walking hop by hop: version to execution to version, inner steps folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from heirloom.ancestry.graph import Edge, Lineage, Node, node_of
from heirloom.records.executions import Execution, Read
from heirloom.records.refs import SCHEME
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Edges", "outermost", "walk"]

_FOLDS = frozenset({"workflow", "map"})


class Edges(Protocol):
    """What walking asks of the catalog; each answer costs what it returns."""

    def record(self, item: str) -> ArtifactVersion | Value | None:
        """The version or value that an item names."""
        ...

    def execution(self, execution_id: str) -> Execution | None:
        """An execution by its whole id."""
        ...

    def producer(self, item: str) -> Execution | None:
        """The leaf (or the envelope of a workflow-level output) that made an item."""
        ...

    def consumers(self, item: str) -> Sequence[tuple[Execution, Read]]:
        """Every execution that read an item, and how."""
        ...

    def outputs(self, execution_id: str) -> Sequence[str]:
        """The items that an execution made."""
        ...


def walk(
    edges: Edges,
    centre: str,
    up: int | None = 1,
    down: int | None = 1,
    *,
    as_of: datetime | None = None,
    limit: int = 1000,
) -> Lineage:
    """The lineage around an item.

    Args:
        edges: Where to look.
        centre: A version's full ref, or a value's item.
        up: Hops towards its ancestors; `None` for all.
        down: Hops towards its descendants; `None` for all.
        as_of: As it was known then.
        limit: Nodes at most; how many were cut is said.

    Raises:
        KeyError: There is no such item.
    """
    start = edges.record(centre)
    if start is None:
        raise KeyError(centre)
    drawing = _Drawing(edges, as_of, limit)
    drawing.add(node_of(start))
    drawing.spread(centre, up, drawing.above)
    drawing.spread(centre, down, drawing.below)
    return Lineage(
        centre, tuple(drawing.nodes.values()), tuple(drawing.edges), len(drawing.left_out)
    )


def outermost(edges: Edges, execution: Execution) -> Execution:
    """The outermost workflow or map around an execution; itself where there is none."""
    shown, step = execution, execution
    while step.parent_id is not None:
        parent = edges.execution(step.parent_id)
        if parent is None:
            break
        step = parent
        shown = step if step.kind in _FOLDS else shown
    return shown


class _Drawing:
    """The piece of lineage as it grows."""

    def __init__(self, lookup: Edges, as_of: datetime | None, limit: int) -> None:
        self.lookup = lookup
        self.as_of = as_of
        self.limit = limit
        self.nodes: dict[str, Node] = {}
        self.edges: dict[Edge, None] = {}
        self.left_out: set[str] = set()
        self._folds: dict[str, Execution] = {}

    def add(self, node: Node) -> bool:
        """Take a node in; `False` where the limit leaves it out."""
        if node.id in self.nodes:
            return True
        if len(self.nodes) >= self.limit:
            self.left_out.add(node.id)
            return False
        self.nodes[node.id] = node
        return True

    def link(self, source: str, target: str, how: str) -> None:
        """Join two nodes that are both in."""
        if source in self.nodes and target in self.nodes:
            self.edges[Edge(source, target, how)] = None

    def spread(self, centre: str, hops: int | None, step: object) -> None:
        """Take `hops` steps from `centre`, breadth first."""
        assert callable(step)
        seen, ring = {centre}, [centre]
        while ring and (hops is None or hops > 0):
            found = [item for key in ring for item in step(key)]
            ring = [item for item in dict.fromkeys(found) if item not in seen]
            seen.update(ring)
            hops = None if hops is None else hops - 1

    def above(self, item: str) -> Iterator[str]:
        """One hop up: what made the item, and what that read from outside."""
        leaf = self.lookup.producer(item)
        if leaf is None or not self._known(leaf):
            return
        shown = self.fold(leaf)
        if not self.add(node_of(shown)):
            return
        self.link(shown.id, item, "produced")
        for read in self._outside(leaf, shown):
            if self._add_item(read.item):
                self.link(read.item, shown.id, read.how)
                yield read.item

    def below(self, item: str) -> Iterator[str]:
        """One hop down: what read the item, and what came of that."""
        for reader, read in self.lookup.consumers(item):
            if not self._known(reader):
                continue
            shown = self.fold(reader)
            if not self.add(node_of(shown)):
                continue
            self.link(item, shown.id, read.how)
            if reader.id == shown.id and reader.is_envelope and read.input:
                continue
            for made in self._came_of(reader, shown):
                if self._add_item(made):
                    self.link(shown.id, made, "produced")
                    yield made

    def fold(self, execution: Execution) -> Execution:
        """The outermost workflow or map around an execution; itself where there is none."""
        if execution.id not in self._folds:
            self._folds[execution.id] = outermost(self.lookup, execution)
        return self._folds[execution.id]

    def _outside(self, leaf: Execution, shown: Execution) -> Iterator[Read]:
        """What `leaf` read from outside of `shown`, directly or through inner steps."""
        stack, seen = [leaf], {leaf.id}
        while stack:
            for read in stack.pop().all_reads():
                maker = self.lookup.producer(read.item)
                if maker is None or self.fold(maker).id != shown.id:
                    yield read
                elif maker.id not in seen:
                    seen.add(maker.id)
                    stack.append(maker)

    def _came_of(self, reader: Execution, shown: Execution) -> Iterator[str]:
        """What came of `reader` inside of `shown`, through inner steps.

        Versions, and nameless values that were read outside of it.
        """
        stack, seen = [reader], {reader.id}
        while stack:
            for item in self.lookup.outputs(stack.pop().id):
                readers = [execution for execution, _ in self.lookup.consumers(item)]
                inner = [e for e in readers if self.fold(e).id == shown.id]
                if item.startswith(SCHEME) or len(inner) < len(readers):
                    yield item
                stack += [e for e in inner if e.id not in seen]
                seen.update(e.id for e in inner)

    def _add_item(self, item: str) -> bool:
        record = self.lookup.record(item)
        return record is not None and self._recorded(record) and self.add(node_of(record))

    def _recorded(self, record: ArtifactVersion | Value) -> bool:
        if self.as_of is None or isinstance(record, Value):
            return True
        return record.created_at <= self.as_of

    def _known(self, execution: Execution) -> bool:
        return self.as_of is None or execution.started_at <= self.as_of
