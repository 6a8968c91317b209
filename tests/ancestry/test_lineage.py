"""A piece of lineage, told: text, Mermaid, networkx."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from heirloom.ancestry import Edge, Lineage, Node

LINEAGE = Lineage(
    "b",
    (
        Node("b", "version", "sales[region=emea]@1"),
        Node("run", "execution", 'task "clean"'),
        Node("a", "version", "raw@1"),
        Node("v", "value", "int"),
        Node("next", "execution", "task fit"),
        Node("c", "version", "model@1"),
    ),
    (
        Edge("run", "b", "produced"),
        Edge("a", "run", "query"),
        Edge("v", "run", "free-variable"),
        Edge("b", "next", "trigger"),
        Edge("next", "c", "produced"),
    ),
)


def test_as_text() -> None:
    """Ancestors and descendants as indented trees; each edge with how it is known."""
    assert LINEAGE.to_text().splitlines() == [
        "sales[region=emea]@1",
        '  task "clean"',
        "    raw@1  (query)",
        "    int  (free-variable)",
    ]
    assert LINEAGE.to_text(down=True).splitlines() == [
        "sales[region=emea]@1",
        "  task fit  (trigger)",
        "    model@1",
    ]


def test_a_node_is_written_out_once() -> None:
    """A second way to a node that has ancestors ends in an ellipsis."""
    nodes = tuple(Node(key, "version", key) for key in "abcd")
    pairs = [("b", "a"), ("c", "a"), ("d", "b"), ("d", "c"), ("e", "d")]
    found = Lineage(
        "a",
        (*nodes, Node("e", "version", "e")),
        tuple(Edge(source, target, "produced") for source, target in pairs),
    )
    assert found.to_text().split() == ["a", "b", "d", "e", "c", "d", "…"]


def test_a_long_chain_as_text() -> None:
    """A chain deeper than Python's own stack is told to its end."""
    nodes = tuple(Node(str(i), "version", f"n@{i}") for i in range(5000))
    found = Lineage(
        "0", nodes, tuple(Edge(str(i + 1), str(i), "read") for i in range(len(nodes) - 1))
    )
    assert len(found.to_text().splitlines()) == 5000 > sys.getrecursionlimit()


def test_as_mermaid() -> None:
    """Shapes by kind; what a label holds does not end it."""
    assert LINEAGE.to_mermaid().splitlines() == [
        "flowchart LR",
        '    n0["sales[region=emea]@1"]',
        '    n1(["task #quot;clean#quot;"])',
        '    n2["raw@1"]',
        '    n3("int")',
        '    n4(["task fit"])',
        '    n5["model@1"]',
        "    n1 -->|produced| n0",
        "    n2 -->|query| n1",
        "    n3 -->|free-variable| n1",
        "    n0 -->|trigger| n4",
        "    n4 -->|produced| n5",
    ]


def test_as_a_networkx_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes and edges go to networkx with what they say."""

    class DiGraph:
        def __init__(self) -> None:
            self.nodes: dict[str, Any] = {}
            self.edges: dict[tuple[str, str], Any] = {}

        def add_node(self, key: str, **said: Any) -> None:
            self.nodes[key] = said

        def add_edge(self, source: str, target: str, **said: Any) -> None:
            self.edges[source, target] = said

    networkx = ModuleType("networkx")
    networkx.DiGraph = DiGraph  # type: ignore[attr-defined]  # a stand-in for the library
    monkeypatch.setitem(sys.modules, "networkx", networkx)
    graph = LINEAGE.to_networkx()
    assert graph.nodes["a"] == {"kind": "version", "label": "raw@1"}
    assert graph.edges["a", "run"] == {"how": "query"}
    assert len(graph.edges) == 5


def test_in_a_notebook() -> None:
    """Shown as text, both ways, and as HTML in which labels are text."""
    shown = LINEAGE._repr_mimebundle_()
    after = "what came of it\n  task fit  (trigger)\n    model@1"
    assert shown["text/plain"] == f"{LINEAGE.to_text()}\n\n{after}"
    assert "task &quot;clean&quot;" in shown["text/html"]
    assert repr(LINEAGE) == "<lineage of b: 6 nodes, 5 edges>"


def test_a_node_by_its_id() -> None:
    """A node is found by its id, or not at all."""
    assert LINEAGE.node("a").label == "raw@1"
    with pytest.raises(KeyError, match="z"):
        LINEAGE.node("z")


def _ids(lineage: Lineage, one: str, other: str) -> list[str]:
    return [node.id for node in lineage.path(one, other)]


def test_the_path_between_two_nodes() -> None:
    """From the earlier to the later, whichever is named first."""
    assert _ids(LINEAGE, "a", "c") == ["a", "run", "b", "next", "c"]
    assert _ids(LINEAGE, "c", "a") == ["a", "run", "b", "next", "c"]
    assert _ids(LINEAGE, "b", "b") == ["b"]


def test_where_neither_came_of_the_other_there_is_no_path() -> None:
    """To have been read by one execution is no lineage."""
    assert LINEAGE.path("a", "v") == ()


def test_the_shortest_path_is_taken() -> None:
    """Through fewer nodes, also where a longer way was recorded first; a cycle is no trap."""
    pairs = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "e"), ("e", "d"), ("b", "a")]
    nodes = tuple(Node(key, "version", key) for key in "abcde")
    edges = tuple(Edge(source, target, "produced") for source, target in pairs)
    assert _ids(Lineage("a", nodes, edges), "a", "d") == ["a", "e", "d"]


def test_a_path_to_what_is_not_there_is_refused() -> None:
    """No path and no such node are two answers."""
    with pytest.raises(KeyError, match="nobody"):
        LINEAGE.path("a", "nobody")
