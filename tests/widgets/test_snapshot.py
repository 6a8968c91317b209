"""Static twins and pages: readable without script, safe with anyone's text."""

from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree

import heirloom as hl
from heirloom.render import page
from heirloom_widgets import Card, Explorer, Graph, Launch, Triggers
from heirloom_widgets.graph_model import drawing
from heirloom_widgets.layout import place
from heirloom_widgets.snapshot import catalog_html, drawing_svg, lineage_html, version_page

ENV = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_drawing_is_well_formed_and_has_every_node(session: hl.Session) -> None:
    """A picture of the lineage that any viewer opens."""
    shown = drawing(session.lineage("prediction@2", up=None), session.plans())
    svg = ElementTree.fromstring(drawing_svg(shown, place(shown.sizes, shown.pairs)))
    titles = [node.text or "" for node in svg.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(shown.marks)
    assert any(title.startswith("trigger retrain") for title in titles)


def test_a_version_has_a_page_of_its_own(session: hl.Session) -> None:
    """Facts, snippet, card and lineage in one file that asks for nothing."""
    version = session.get("blessed_model@3")
    text = version_page(version, session.lineage(version.ref))
    for part in ("blessed_model@3", "hl.pull(", "accuracy", "<svg", "measurements@3"):
        assert part in text
    for outside in ("<script", "src=", "@import", "url("):
        assert outside not in text


def test_the_twin_of_a_graph_as_of_a_moment_is_of_that_moment(session: hl.Session) -> None:
    """As the picture is: what listens today is drawn of today only."""
    late = session.publish(1, "measurements[batch=late]")
    graph = Graph(late, session)
    assert "trigger retrain" in graph.twin()
    graph.at(late.created_at)
    assert "measurements@4" in graph.twin()
    assert "trigger retrain" not in graph.twin()


def test_the_catalog_is_a_table(session: hl.Session) -> None:
    """All versions on one page."""
    text = page("Catalog", catalog_html(session.search()))
    assert text.count("<tr") == 1 + 9


def test_markup_in_names_cards_and_partitions_stays_text(session: hl.Session) -> None:
    """Whoever can write a version cannot run anything where it is shown."""
    version = session.get("hostile@1")
    lineage = session.lineage(version.ref)
    card = Card(version, session)
    for text in (version_page(version, lineage), catalog_html([version]), card.twin()):
        assert "<script" not in text
        assert "<img" not in text
        assert "&lt;img" in text
    assert "<img" not in lineage_html(drawing(lineage, []))


def test_importing_the_package_loads_nothing_heavy() -> None:
    """The extension may look for panels without paying for them."""
    heavy = ("ipywidgets", "anywidget", "pyvis", "pandas")
    assert _loaded("heirloom_widgets", heavy) == "[]"


def test_the_explorer_loads_nothing_that_its_first_tab_does_not_need() -> None:
    """Whoever searches does not wait for what draws graphs."""
    heavy = ("pyvis", "networkx", "pandas", "pyarrow")
    assert (
        _loaded(
            "heirloom_widgets.explorer, heirloom_widgets.graph_view as g; g.vis_source()", heavy
        )
        == "[]"
    )


def _loaded(what: str, heavy: tuple[str, ...]) -> str:
    code = f"import sys, {what}\nprint([m for m in {heavy} if m in sys.modules])"
    return subprocess.check_output([sys.executable, "-c", code], env=ENV, text=True).strip()


def test_what_a_collapsed_output_shows_of_a_panel_is_for_people(session: hl.Session) -> None:
    """JupyterLab takes the first line of the HTML, whatever stands in it; no name ends it early."""
    hostile = session.search("name=hostile")[0].ref
    firsts = [
        panel._repr_mimebundle_()["text/html"].partition("\n")[0]
        for panel in (
            Explorer("name=prediction", session),
            Graph("prediction@2", session),
            Card(hostile, session),
            Launch("predict_again", session),
            Launch(session=session),
            Triggers(session),
        )
    ]
    assert firsts == [
        "<!-- Explorer · 2 versions · prediction@2 -->",
        "<!-- Graph · prediction@2 -->",
        "<!-- Card · hostile@1 -->",
        "<!-- Launch · workflow ops_wf, by plan predict_again -->",
        "<!-- Launch -->",
        "<!-- Triggers -->",
    ]
    launch = Launch(session=session)
    launch.view.title = "task a-->--<img src=x>"
    assert launch._repr_mimebundle_()["text/html"] == "<!-- Launch · task aimg src=x -->\n"
