"""Executions that are opened on the graph, to the leaves inside of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.widgets.waiting import hear

import heirloom as hl
from heirloom_widgets import Graph


@pytest.fixture
def graph(session: hl.Session) -> Graph:
    """The graph around the model that predictions are made with."""
    return Graph("blessed_model@champion", session)


def _nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in graph.view.picture["nodes"] if node["kind"] != "via"}


def _named(graph: Graph, name: str) -> str:
    (found,) = (key for key, node in _nodes(graph).items() if node["name"] == name)
    return found


def _edges(graph: Graph) -> set[tuple[str, str]]:
    """The edges by the names at their ends, of those that go straight."""
    names = {key: node["name"] for key, node in _nodes(graph).items()}
    links = graph.chart.shown.links
    return {(names[link.source], names[link.target]) for link in links}


def _steps(graph: Graph, run: str) -> None:
    hear(graph.view, {"kind": "steps", "id": run, "seq": graph.view.answer + 1})


def test_an_execution_opens_to_its_leaves_where_it_stood(graph: Graph) -> None:
    """The plan leads to the first leaf, the last one to what was made."""
    run = _named(graph, "research")
    before = _nodes(graph)
    _steps(graph, run)
    after = _nodes(graph)
    assert run not in after
    assert {("retrain", "clean"), ("clean", "train"), ("train", "blessed_model@3")} <= _edges(graph)
    assert ("measurements@3", "clean") not in _edges(graph)
    clean = after[_named(graph, "clean")]
    assert (clean["x"], clean["y"]) == (before[run]["x"], before[run]["y"])
    assert (clean["inside"], clean["within"]) == (run, "research")


def test_closed_again_the_picture_is_as_before(graph: Graph) -> None:
    """One looks into an execution without losing one's map."""
    run, before = _named(graph, "research"), _nodes(graph)
    _steps(graph, run)
    _steps(graph, run)
    assert _nodes(graph) == before


def test_an_open_execution_stays_open_when_more_load(graph: Graph) -> None:
    """Hops, refreshes and a way back keep what was opened, and its places."""
    run = _named(graph, "ops_wf")
    _steps(graph, run)
    before = {key: (node["x"], node["y"]) for key, node in _nodes(graph).items()}
    graph.more("all")
    graph.refresh()
    after = {key: (node["x"], node["y"]) for key, node in _nodes(graph).items()}
    assert {key: after[key] for key in before} == before
    assert run not in after


def test_what_a_leaf_read_beside_its_inputs_leads_to_it(graph: Graph) -> None:
    """Inside one sees which step pulled what."""
    _steps(graph, _named(graph, "ops_wf"))
    assert {("predict_again", "predict"), ("measurements@3", "predict")} <= _edges(graph)


def test_a_leaf_shows_its_details(graph: Graph) -> None:
    """A click on a step tells of the step."""
    _steps(graph, _named(graph, "research"))
    node = _named(graph, "train")
    hear(graph.view, {"kind": "open", "id": node, "seq": 9})
    assert "task" in graph.details.value
    assert node in graph.details.value


def test_one_that_is_not_there_is_said(graph: Graph) -> None:
    """By its id, and nothing opens."""
    _steps(graph, "zzzzzz")
    assert graph.view.trouble == "There is no execution 'zzzzzz'."
    assert graph.walk.opened == {}


def test_one_that_has_not_begun_says_so(session: hl.Session) -> None:
    """Nothing opens, and the picture stays."""
    session.publish([{"radius": 1.0}] * 5, "measurements[batch=late]")
    graph = Graph("measurements", session)
    before = _nodes(graph)
    _steps(graph, session.executions(state="queued")[0].id)
    assert "Nothing inside of workflow research has run" in graph.view.trouble
    assert _nodes(graph) == before
