"""What a graph writes: Mermaid, SVG and a page, of what is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.widgets.waiting import hear

import heirloom as hl
from heirloom_widgets import Graph
from heirloom_widgets.graph_export import Export
from heirloom_widgets.graph_marks import Drawing, Link, Mark
from heirloom_widgets.layout import Spot


@pytest.fixture
def graph(session: hl.Session) -> Graph:
    """The graph around the model that predictions are made with."""
    return Graph("blessed_model@champion", session)


def _asked(graph: Graph, what: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    sent: list[dict[str, str]] = []
    monkeypatch.setattr(graph.view, "send", sent.append)
    hear(graph.view, {"kind": "save", "what": what, "seq": 1})
    return sent[0]


def test_the_page_is_given_a_file_with_a_name(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one exports by a click is what the methods write."""
    file = _asked(graph, "mermaid", monkeypatch)
    assert file["name"] == "blessed_model@3.mmd"
    assert file["text"] == graph.to_mermaid()
    assert _asked(graph, "html", monkeypatch)["text"] == graph.export.html()
    ElementTree.fromstring(_asked(graph, "svg", monkeypatch)["text"])


def test_mermaid_has_the_plans_and_what_was_seen_while_running(session: hl.Session) -> None:
    """A flowchart of the picture: triggers are hexagons, watched reads are dotted."""
    text = Graph("prediction@2", session).to_mermaid()
    number = {line.partition("measurements@3")[0].strip(): line for line in text.splitlines()}
    (measured,) = (key.rstrip('["') for key in number if key.endswith('["'))
    assert '{{"predict_again<br>armed"}}' in text
    assert f"{measured} -.->|read|" in text


def test_markup_and_quotes_are_text_in_mermaid() -> None:
    """A renderer of Mermaid shows what was written, and runs none of it."""
    evil = Mark(id="a", kind="version", title='<b>"x"</b>', sub="a&b\nc")
    drawing = Drawing((evil, Mark(id="b", kind="execution", title="o0")), (Link("a", "b", "read"),))
    text = Export(drawing, {"a": Spot(0, 0, 0), "b": Spot(200, 0, 1)}, None).mermaid()
    assert '["&lt;b>#quot;x#quot;&lt;/b><br>a&amp;b c"]' in text
    assert len(text.splitlines()) == 4


def test_as_of_a_moment_shows_what_was_known_then(graph: Graph) -> None:
    """Neither what came later, nor what would come next, nor a claim about now."""
    then = graph.centre.created_at + timedelta(microseconds=1)
    message = {"kind": "at", "at": then.isoformat().replace("+00:00", "Z"), "seq": 1}
    hear(graph.view, message)
    kinds = [node["kind"] for node in graph.view.picture["nodes"]]
    assert "as of" in graph.view.picture["note"]
    assert kinds.count("version") == 2
    assert not any(node["faded"] for node in graph.view.picture["nodes"])
    hear(graph.view, {"kind": "at", "at": "", "seq": 2})
    assert "as of" not in graph.view.picture["note"]
    assert graph.view.picture["at"] == ""


def test_as_of_a_moment_before_the_centre_says_so(graph: Graph) -> None:
    """The picture is the version alone, and the note says why."""
    graph.at(graph.centre.created_at - timedelta(days=1))
    assert "before it was made" in graph.view.picture["note"]
    assert len(graph.view.picture["nodes"]) == 1


@pytest.mark.parametrize("by", ["project", "state"])
def test_colours_and_legend_follow_each_other(graph: Graph, by: str) -> None:
    """What a colour means can be read beneath the picture."""
    hear(graph.view, {"kind": "colour", "by": by, "seq": 1})
    words: dict[str, Any] = {"project": {"default"}, "state": {"live", "succeeded"}}
    legend = graph.view.picture["legend"]
    assert {text for shape, _, text in legend if shape == "version"} == words[by]
    tones = {tone for shape, tone, _ in legend if shape == "version"}
    records = [n for n in graph.view.picture["nodes"] if n["kind"] in {"version", "execution"}]
    assert {node["tone"] for node in records} <= tones


def test_the_legend_has_only_what_is_shown(graph: Graph) -> None:
    """Kinds by their colours, states of what ran, triggers and lines where there are some."""
    assert [(shape, words) for shape, _, words in graph.view.picture["legend"]] == [
        *(("version", "data"), ("version", "model"), ("execution", "succeeded")),
        *(("plan", "trigger"), ("solid", "declared input")),
    ]


def test_a_second_click_on_an_execution_opens_it(session: hl.Session) -> None:
    """The first shows it beside the graph; whoever holds the graph opens it."""
    opened: list[str] = []
    graph = Graph("blessed_model@3", session, on_run=opened.append)
    run = session.get("prediction@2").root_id
    for seq in (1, 2):
        assert opened == []
        hear(graph.view, {"kind": "open", "id": run, "seq": seq})
    assert opened == [run]


def test_the_trail_leads_back_over_several_centres(graph: Graph) -> None:
    """A name on the trail is one click away."""
    start = graph.centre.ref
    for ref in ("prediction@2", "measurements@3"):
        graph.follow(graph.session.get(ref))
    assert graph.view.picture["trail"] == ["blessed_model@3", "prediction@2"]
    hear(graph.view, {"kind": "back", "steps": 2, "seq": 1})
    assert (graph.centre.ref, graph.view.picture["trail"]) == (start, [])


def test_what_was_cut_is_said_and_loaded_when_asked(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too much is not drawn at once, and never silently."""
    monkeypatch.setattr("heirloom_widgets.graph_walk.MANY", 3)
    graph = Graph("blessed_model@3", session)
    assert graph.view.picture["cut"] > 0
    assert f"{graph.view.picture['cut']} more not loaded" in graph.view.picture["note"]
    hear(graph.view, {"kind": "more", "way": "cut", "seq": 1})
    assert graph.view.picture["cut"] == 0
    assert "not loaded" not in graph.view.picture["note"]


def test_a_long_name_keeps_its_version_on_the_page(session: hl.Session) -> None:
    """What does not fit is cut in the middle; the hover has all of it."""
    name = "everything-that-was-ever-measured-in-emea"
    graph = Graph(session.publish(1, name), session)
    (node,) = (n for n in graph.export.network.nodes if n["kind"] == "version")
    assert node["label"] == "everything-that-…-emea@1"
    assert f"{name}@1" in node["title"]
