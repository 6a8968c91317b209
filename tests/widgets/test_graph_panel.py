"""The lineage graph as a panel: clicks, hops, switches, and the page it writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.widgets.waiting import hear

import heirloom as hl
from heirloom_widgets import Graph


def _click(graph: Graph, node: str) -> None:
    hear(graph.view, {"kind": "open", "id": node, "seq": graph.view.answer + 1})


def _nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in graph.view.picture["nodes"] if node["kind"] != "via"}


def _places(graph: Graph) -> dict[str, tuple[float, float]]:
    return {key: (node["x"], node["y"]) for key, node in _nodes(graph).items()}


@pytest.fixture
def graph(session: hl.Session) -> Graph:
    """The graph around the model that is blessed."""
    return Graph("blessed_model@champion", session)


def test_a_click_on_a_version_makes_it_the_centre_and_back_returns(graph: Graph) -> None:
    """One walks through the meta-workflow and finds the way home."""
    start, following = graph.centre, graph.session.get("prediction@2")
    _click(graph, following.ref)
    assert graph.centre.ref == graph.view.picture["centre"] == following.ref
    assert graph.view.picture["trail"] == ["blessed_model@3"]
    hear(graph.view, {"kind": "back", "seq": 9})
    assert graph.centre.ref == start.ref
    assert graph.view.picture["trail"] == []


def test_a_click_tells_the_panel_around_it(session: hl.Session) -> None:
    """The Explorer follows where the graph goes."""
    opened: list[str] = []
    graph = Graph("blessed_model@3", session, on_open=lambda version: opened.append(version.ref))
    _click(graph, session.get("prediction@2").ref)
    assert opened == [session.get("prediction@2").ref]


def test_a_click_on_an_execution_shows_it_and_keeps_the_centre(graph: Graph) -> None:
    """What ran is told without losing the place."""
    run = graph.session.get("prediction@2").root_id
    centre = graph.centre
    _click(graph, run)
    assert graph.centre is centre
    assert graph.view.selected == run
    assert "ops_wf" in graph.details.value
    assert "succeeded" in graph.details.value


def test_a_click_on_a_plan_selects_it_and_shows_its_ledger(graph: Graph) -> None:
    """A trigger on the graph is the same as in the list beside it."""
    node = next(key for key, node in _nodes(graph).items() if node["plan"] == "retrain")
    _click(graph, node)
    assert graph.switches.view.selected == "retrain"
    assert graph.view.selected == node
    assert "measurements@3" in graph.details.value


def test_the_switch_on_the_node_disarms_the_plan_in_the_catalog(graph: Graph, team: Path) -> None:
    """What is switched on the picture is switched for everyone."""
    hear(graph.view, {"kind": "switch", "plan": "predict_again", "on": False, "seq": 1})
    with_node = [node for node in _nodes(graph).values() if node["plan"] == "predict_again"]
    assert [node["armed"] for node in with_node] == [False]
    other = hl.Session(graph.session.settings, read_only=True)
    assert not other.plan("predict_again").is_active
    other.close()


def test_what_came_while_it_was_off_is_asked_about_on_the_graph(graph: Graph) -> None:
    """The switch on the node asks as the one in the list does, and switches nothing before."""
    graph.session.plan("retrain").deactivate()
    graph.session.publish(1, "measurements[batch=late]")
    hear(graph.view, {"kind": "switch", "plan": "retrain", "on": True, "seq": 1})
    assert graph.switches.view.asks["plan"] == "retrain"
    assert not graph.session.plan("retrain").is_active
    answer = {"kind": "switch", "plan": "retrain", "on": True, "missed": "none", "seq": 1}
    hear(graph.switches.view, answer)
    assert graph.session.plan("retrain").is_active
    assert graph.session.ledger("retrain", limit=1)[0].state == "skipped"
    assert [n["armed"] for n in _nodes(graph).values() if n["plan"] == "retrain"] == [True]


def test_the_list_has_one_switch_for_each_plan_on_the_picture(graph: Graph) -> None:
    """The graph's triggers can be reached without a mouse."""
    rows = {row["name"]: row["armed"] for row in graph.switches.view.plans}
    assert rows == {"predict_again": True, "retrain": True}
    hear(graph.switches.view, {"kind": "switch", "plan": "retrain", "on": False, "seq": 1})
    assert not graph.session.plan("retrain").is_active
    assert {row["name"]: row["armed"] for row in graph.switches.view.plans}["retrain"] is False


def test_a_switch_thrown_elsewhere_shows_here(graph: Graph) -> None:
    """The picture is of the catalog, not of this panel's memory."""
    other = hl.Session(graph.session.settings)
    other.plan("retrain").deactivate()
    other.close()
    graph.refresh()
    assert [n["armed"] for n in _nodes(graph).values() if n["plan"] == "retrain"] == [False]


def test_more_hops_leave_every_node_where_it_is(session: hl.Session) -> None:
    """The reader's map does not shift under the pointer."""
    graph = Graph("prediction@2", session)
    before = _places(graph)
    hear(graph.view, {"kind": "more", "way": "up", "seq": 1})
    after = _places(graph)
    assert len(after) > len(before)
    assert {key: after[key] for key in before} == before


def test_a_way_that_has_no_more_is_closed(session: hl.Session) -> None:
    """A button that would do nothing says so."""
    graph = Graph("prediction@2", session)
    assert graph.view.picture["down"] is True
    graph.more("down")
    assert (graph.view.picture["up"], graph.view.picture["down"]) == (True, False)
    graph.more("all")
    assert (graph.view.picture["up"], graph.view.picture["down"]) == (False, False)


def test_tidy_lays_the_graph_out_as_if_it_were_new(session: hl.Session) -> None:
    """After many hops one may ask for order again."""
    graph = Graph("prediction@2", session)
    graph.more("all")
    graph.tidy()
    assert _places(graph) == _places(Graph("prediction@2", session, None, None))


def test_a_click_on_what_is_gone_is_told_and_the_graph_lives(graph: Graph) -> None:
    """An error in a callback shows in the panel's own place."""
    _click(graph, "heirloom://default/nothing@1")
    assert "'heirloom://default/nothing@1' is not in the graph" in graph.view.trouble
    _click(graph, graph.session.get("prediction@2").ref)
    assert graph.view.trouble == ""


def test_an_unknown_version_is_refused_at_once(session: hl.Session) -> None:
    """A typo gets its nearest names, as everywhere."""
    with pytest.raises(hl.errors.ArtifactNotFound, match="blessed_model"):
        Graph("blesed_model", session)


def test_the_page_has_the_graph_and_asks_for_nothing(graph: Graph, tmp_path: Path) -> None:
    """One file can be sent to anyone, and opens without a network."""
    page = graph.to_html(tmp_path / "lineage.html").read_text("utf-8")
    assert "blessed_model@3" in page
    assert not re.findall(r"<(?:link|img|iframe)\b|<script[^>]+src=", page)
    assert "bootstrap" not in page
    assert "<h1>" not in page


def test_no_text_of_a_person_becomes_markup_in_the_page(
    session: hl.Session, tmp_path: Path
) -> None:
    """Pyvis shows a title with a link as HTML; ours is never that."""
    note = "<a href=//evil.example onmouseover=alert(1)>x</a>"
    session.publish(1, f'hostile[note="{note}"]')
    page = Graph("hostile", session).to_html(tmp_path / "page.html").read_text("utf-8")
    assert "<a href" not in page.partition("drawGraph")[2]
    assert "innerHTML" not in page.rpartition("function drawGraph")[2]


def test_the_twin_is_a_picture_without_script(graph: Graph) -> None:
    """A saved or untrusted notebook still shows the lineage."""
    bundle = graph._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "<svg" in bundle["text/html"]
    assert "blessed_model@3" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
