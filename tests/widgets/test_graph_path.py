"""The path between the centre of a graph and another version."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from tests.widgets.waiting import hear

import heirloom as hl
from heirloom_widgets import Graph


@pytest.fixture
def graph(session: hl.Session) -> Graph:
    """All that came of a measurement, and what that came of."""
    return Graph("measurements@3", session, None, None)


NONE = {"nodes": [], "edges": [], "ends": [], "told": ""}


def _ask(graph: Graph, *labels: str) -> dict[str, Any]:
    ends = [graph.session.get(label).ref for label in labels]
    hear(graph.view, {"kind": "path", "ends": ends, "seq": graph.view.answer + 1})
    found: dict[str, Any] = graph.view.picture["path"]
    return found


def _named(graph: Graph) -> list[str]:
    names = {node["id"]: node.get("name", "") for node in graph.view.picture["nodes"]}
    return [names[node] for node in graph.view.picture["path"]["nodes"]]


def test_the_path_is_told_and_drawn_with_the_triggers_on_it(graph: Graph) -> None:
    """From the earlier to the later; its nodes in order, and the edges between them."""
    path = _ask(graph, "blessed_model@3", "measurements@3")
    assert path["told"] == "measurements@3 → workflow research → blessed_model@3  (1 hop)"
    assert _named(graph) == ["measurements@3", "retrain", "research", "blessed_model@3"]
    ends = [edge for edge in graph.view.picture["edges"] if edge["id"] in path["edges"]]
    assert ends
    on = {*path["nodes"]}
    assert all(e[end] in on or e[end].startswith("via:") for e in ends for end in ("from", "to"))


def test_an_execution_that_is_open_is_on_the_path_with_its_leaves(graph: Graph) -> None:
    """What is inside of it is not left faint."""
    run = graph.session.get("blessed_model@3").root_id
    graph.steps(run)
    _ask(graph, "measurements@3", "blessed_model@3")
    assert {"clean", "train"} < {*_named(graph)}
    assert "research" not in _named(graph)


def test_where_there_is_none_that_is_said(session: hl.Session) -> None:
    """Also that there may be one beyond what is loaded; the two ends keep their places."""

    @hl.task
    def joined(one: int, other: int) -> Annotated[int, hl.Artifact("both")]:
        return one + other

    for name in ("left", "right"):
        session.publish(1, name)
    session.run(joined, one=session.get("left"), other=session.get("right"))
    graph = Graph("both", session)
    told = _ask(graph, "left", "right")["told"]
    none = "No path: neither of left@1 and right@1 came of the other"
    assert told == f"{none}, as far as is loaded here. All loads the rest."
    assert _named(graph) == []
    graph.more("all")
    assert graph.view.picture["path"]["told"] == f"{none}."


def test_the_path_stays_until_an_end_is_out_of_sight_or_none_is_asked_for(graph: Graph) -> None:
    """One may walk along it, and load more."""
    path = _ask(graph, "measurements@3", "blessed_model@3")
    graph.follow(graph.session.get("blessed_model@3"))
    assert graph.view.picture["path"]["told"] == path["told"]
    assert _ask(graph) == NONE
    _ask(graph, "measurements@3", "prediction@2")
    graph.show(graph.session.get("hostile@1"))
    assert graph.view.picture["path"] == NONE


def test_a_path_has_two_ends_or_none(graph: Graph) -> None:
    """Another count is refused, and the graph goes on being drawn."""
    with pytest.raises(hl.errors.UserFault, match="two ends, or none for no path; got 1"):
        graph.path(graph.centre.ref)
    assert graph.walk.ends == ()
    graph.refresh()
    assert graph.view.trouble == ""
