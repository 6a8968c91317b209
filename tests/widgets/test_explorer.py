"""The Explorer: one selection, every tab."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from ipywidgets.widgets.widget import _instances
from tests.widgets.waiting import hear, quiet, until

import heirloom as hl
from heirloom_widgets import Explorer

OVERVIEW, CARD, OBJECT, EXECUTIONS, LINEAGE, COMPARE, TRIGGERS = range(7)


def _pick(explorer: Explorer, ref: str) -> None:
    view = explorer.search.view
    hear(view, {"kind": "select", "ref": ref, "seq": view.answer + 1})


def test_the_first_row_is_selected_and_shown(session: hl.Session) -> None:
    """The panel opens with something to read."""
    explorer = Explorer("name=blessed_model", session)
    assert explorer.selected.ref == session.get("blessed_model@3").ref
    assert explorer.search.view.selected == explorer.selected.ref
    assert explorer.overview.puller.view.code == 'blessed_model = hl.pull("blessed_model@3")'


def test_a_selected_row_fills_the_tab_that_is_seen(session: hl.Session) -> None:
    """Each tab tells of the version that is selected, when it is turned to."""
    explorer = Explorer("", session)
    card, record, graph = (explorer.panels[at] for at in (CARD, OBJECT, LINEAGE))
    _pick(explorer, session.get("blessed_model@2").ref)
    assert card.version is None
    explorer.tabs.selected_index = CARD
    assert quiet()
    assert "0.95" in card._html.value
    explorer.tabs.selected_index = OBJECT
    assert quiet()
    assert "&quot;blessed_model&quot;" in record._html.value
    explorer.tabs.selected_index = LINEAGE
    assert quiet()
    assert graph.view.picture["where"] == "blessed_model@2"


def test_the_overview_tells_who_made_it_and_who_read_it(session: hl.Session) -> None:
    """The questions of a newcomer are answered at once."""
    explorer = Explorer("", session)
    explorer.select(session.get("blessed_model@3").ref)
    facts = {name: "".join(map(_said, pieces)) for name, pieces in explorer.overview.about.facts}
    assert facts["made by"] == "task train in workflow research"
    assert facts["read by"] == "task predict, workflow ops_wf"
    assert facts["owner"] == "tester"
    assert facts["partitions"] == "blessed=true"
    assert "@champion" in explorer._head.value


def test_a_click_in_the_graph_selects_the_version_everywhere(session: hl.Session) -> None:
    """Graph and table never disagree on what is selected."""
    explorer = Explorer("name=blessed_model", session)
    explorer.tabs.selected_index = LINEAGE
    assert quiet()
    target = session.get("prediction@2").ref
    hear(explorer.graph.view, {"kind": "open", "id": target, "seq": 1})
    assert explorer.selected.ref == explorer.search.view.selected == target
    assert explorer.graph.view.picture["trail"] == ["blessed_model@3"]
    explorer.tabs.selected_index = OVERVIEW
    assert quiet()
    assert explorer.overview.puller.view.code == 'prediction = hl.pull("prediction@2")'


def test_what_others_write_appears_by_itself(session: hl.Session) -> None:
    """A colleague's new version is there within about a second, and so is a moved alias."""
    explorer = Explorer("name=measurements", session)
    other = hl.Session(session.settings)
    other.publish(1, "measurements[batch=new]")
    other.alias("measurements@3", "golden")
    assert until(lambda: explorer.search.view.page["rows"][0]["version"] == "4")
    assert until(lambda: "@golden" in explorer._head.value)
    other.close()
    explorer.close()


def test_what_goes_wrong_is_said_above_the_tabs(session: hl.Session) -> None:
    """A version that cannot be shown costs neither the page nor the other tabs."""
    explorer = Explorer("", session)
    _pick(explorer, "heirloom://default/nobody@1")
    assert "hl-trouble" in explorer._head.value
    _pick(explorer, session.get("prediction@2").ref)
    assert "hl-trouble" not in explorer._head.value


def test_the_heading_names_a_version_when_all_below_it_is_of_it(session: hl.Session) -> None:
    """Who reads the new name and copies the line below it copies no line of the one before."""
    explorer = Explorer("", session)
    _pick(explorer, "nobody@1")
    seen = []

    def look(_change: object) -> None:
        seen.append((explorer.overview.puller.view.code, explorer._head.value))

    explorer._head.observe(look, "value")
    for ref in ("blessed_model@3", "prediction@2"):
        _pick(explorer, session.get(ref).ref)
    assert [code for code, _ in seen] == [
        'blessed_model = hl.pull("blessed_model@3")',
        'prediction = hl.pull("prediction@2")',
    ]
    assert not any("hl-trouble" in heading for _, heading in seen)
    explorer.close()


def test_an_empty_catalog_is_shown_as_one(tmp_path_factory: object) -> None:
    """The first minute of a newcomer is no error."""
    explorer = Explorer("", hl.current())
    assert explorer.search.view.page["empty"] == "No versions yet."
    explorer.tabs.selected_index = LINEAGE
    assert quiet()
    assert "<svg" not in explorer.twin()
    explorer.close()


def test_the_saved_notebook_has_the_versions_as_html(session: hl.Session) -> None:
    """Where no kernel answers, the table is there, without script."""
    bundle = Explorer("name=prediction", session)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "prediction" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]


def test_a_hundred_panels_opened_and_closed_leave_nothing(session: hl.Session) -> None:
    """Opening and closing panels all day keeps no widget, no panel and no thread."""

    def threads() -> int:
        return sum(thread.name.startswith("heirloom-") for thread in threading.enumerate())

    Explorer("", session).close()
    before = threads()
    assert until(lambda: threads() <= before)
    widgets, made = len(_instances), list[weakref.ref[object]]()
    for at in range(100):
        explorer = Explorer("", session)
        explorer.tabs.selected_index = at % len(explorer.panels)
        parts = (explorer, *explorer.panels, explorer.widget, explorer.graph.view)
        made += map(weakref.ref, parts)
        explorer.close()
    del explorer, parts
    assert len(_instances) == widgets
    assert until(lambda: threads() <= before)
    assert until(lambda: gc.collect() >= 0 and all(each() is None for each in made))


def test_what_a_closed_panel_has_asked_for_is_not_answered(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that answers late finds nobody: each tab ends with the panel that holds it."""
    asked, gate = threading.Event(), threading.Event()

    def slow(_version: object) -> str:
        asked.set()
        gate.wait(10)
        return "late"

    explorer = Explorer("name=prediction", session)
    assert until(lambda: "Payload" in explorer.overview.payload.value)
    monkeypatch.setattr(session, "peek", slow)
    explorer.overview.look.click()
    assert asked.wait(10)
    shown = explorer.overview.payload.value
    explorer.close()
    gate.set()
    assert until(lambda: not _working())
    assert explorer.overview.payload.value == shown


def test_a_catalog_that_disappears_is_said_and_the_panel_lives(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pulled plug shows in the panel; when the catalog is back, so is the page."""
    explorer = Explorer("name=prediction", session)
    rows = explorer.search.view.page
    with monkeypatch.context() as gone:
        gone.setattr(session, "search", _unplugged)
        gone.setattr(session, "get", _unplugged)
        explorer.refresh()
    assert "is not there" in explorer.search.view.trouble
    assert "is not there" in explorer._head.value
    assert explorer.search.view.page == rows
    explorer.refresh()
    assert (explorer.search.view.trouble, explorer._trouble) == ("", "")


def _working() -> bool:
    return any(thread.name == "heirloom-preview" for thread in threading.enumerate())


def _said(piece: str | dict[str, str]) -> str:
    return piece if isinstance(piece, str) else piece["text"]


def _unplugged(*_: object, **__: object) -> None:
    msg = "The home is not there."
    raise hl.errors.CatalogUnavailable(msg)
