"""What takes long goes on beside the kernel: no message waits for it, and no other panel does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.widgets.waiting import quiet, until

import heirloom as hl
from heirloom.session import Session
from heirloom_widgets import Card, Explorer, Graph, Launch, Triggers
from heirloom_widgets import card as cards
from heirloom_widgets.search import Search
from heirloom_widgets.turns import called

Held = Callable[[Any, str], threading.Event]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Lets calls of a function begin and not end before the test does; the event is set in them."""
    gate = threading.Event()

    def hold(owner: Any, name: str) -> threading.Event:
        does, begun = getattr(owner, name), threading.Event()

        def slow(*args: Any, **named: Any) -> Any:
            begun.set()
            gate.wait(20)
            return does(*args, **named)

        monkeypatch.setattr(owner, name, slow)
        return begun

    yield hold
    gate.set()
    assert quiet()


def _asks(panel: Any, kind: str, **more: Any) -> None:
    view = getattr(panel, "view", panel)
    view.hear({"kind": kind, "seq": view.answer + 1, **more})
    assert view.trouble == ""
    assert view.working


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "open", "id": "heirloom://default/prediction@2"},
        {"kind": "more", "way": "all"},
        {"kind": "at", "at": "2099-01-01T00:00:00+00:00"},
    ],
    ids=lambda asked: asked["kind"],
)
def test_a_graph_that_is_long_in_coming_holds_nobody_up(
    session: hl.Session, held: Held, asked: dict[str, str]
) -> None:
    """The message is answered, the old picture stays, and a quick panel answers meanwhile."""
    graph, quick = Graph("blessed_model@3", session), Triggers(session, live=False)
    before, begun = graph.view.picture, held(session, "lineage")
    _asks(graph, **asked)
    assert begun.wait(10)
    quick.open("retrain")
    assert quick.desk.view.plan["name"] == "retrain"
    assert graph.view.picture is before


@pytest.mark.parametrize("asked", [{"kind": "search", "text": "kind=model"}, {"kind": "refresh"}])
def test_a_search_that_is_long_in_coming_holds_nobody_up(
    session: hl.Session, held: Held, asked: dict[str, str]
) -> None:
    """The page that was found stays until the next is there; rows can be selected meanwhile."""
    explorer = Explorer("", session)
    page, begun = explorer.search.view.page, held(session, "search")
    explorer.search.view.answers("refresh", lambda _message: explorer.refresh())
    _asks(explorer.search, **asked)
    assert begun.wait(10)
    ref = session.get("prediction@1").ref
    explorer.search.view.hear({"kind": "select", "ref": ref, "seq": 9})
    assert explorer.selected.ref == ref
    assert explorer.search.view.page is page
    explorer.close()


def test_a_page_of_the_ledger_that_is_long_in_coming_holds_nobody_up(
    session: hl.Session, held: Held
) -> None:
    """A page far down, say."""
    panel = Triggers(session, live=False)
    begun = held(session, "ledger")
    _asks(panel.ledger, "state", state="filtered")
    assert begun.wait(10)


def test_a_switch_that_queues_thousands_holds_nobody_up(session: hl.Session, held: Held) -> None:
    """One is thrown after the other; what became of it is said when it has."""
    panel = Triggers(session, live=False)
    begun = held(hl.Plan, "deactivate")
    switch = panel.switches
    _asks(switch, "switch", plan="retrain", on=False)
    assert begun.wait(10)
    switch.view.hear({"kind": "switch", "plan": "predict_again", "on": False, "seq": 9})
    assert "A switch is being thrown" in switch.view.trouble


def test_an_approval_that_lets_thousands_go_holds_nobody_up(
    session: hl.Session, held: Held
) -> None:
    """The code stays in sight meanwhile."""
    session.approvals.path.unlink()
    panel = Triggers(session, live=False)
    panel.open("retrain")
    begun = held(hl.Plan, "approve")
    _asks(panel.desk, "approve")
    assert begun.wait(10)
    assert panel.desk.view.shows == "review"


def test_an_export_that_is_long_in_coming_holds_nobody_up(session: hl.Session, held: Held) -> None:
    """The graph can be walked meanwhile."""
    graph = Graph("blessed_model@3", session)
    begun = held(type(graph.export), "html")
    _asks(graph, "save", what="html")
    assert begun.wait(10)


def test_a_long_card_and_a_large_notebook_hold_nobody_up(session: hl.Session, held: Held) -> None:
    """Neither Markdown nor the file of the cell that made a version is waited for."""
    explorer = Explorer("name=prediction", session)
    rendered, read = held(cards, "card_html"), held(Session, "anchor")
    explorer.search.view.hear({"kind": "select", "ref": session.get("prediction@1").ref, "seq": 1})
    assert read.wait(10)
    assert explorer.overview.version.version == 1
    explorer.tabs.selected_index = 1
    card = explorer.panels[1]
    assert isinstance(card, Card)
    explorer.search.view.hear({"kind": "select", "ref": "heirloom://default/hostile@1", "seq": 2})
    assert rendered.wait(10)
    assert card._html.value == "Reading the card …"
    explorer.close()


def test_clicks_that_come_while_it_draws_are_all_in_the_next_picture(
    session: hl.Session, held: Held
) -> None:
    """Two hops asked for one after the other are two hops."""
    graph = Graph("prediction@2", session, 0, 0)
    begun = held(session, "lineage")
    _asks(graph, "more", way="up")
    assert begun.wait(10)
    _asks(graph, "more", way="down")
    _asks(graph, "colour", by="state")
    assert (graph.walk.up, graph.walk.down, graph.chart.colour) == (1, 1, "state")


def test_what_fails_beside_the_kernel_is_said_in_the_panel(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what fails in it; the next click finds it alive."""

    def gone(*_: Any, **__: Any) -> Any:
        msg = "The home is not there."
        raise hl.errors.CatalogUnavailable(msg)

    graph = Graph("prediction@2", session)
    with monkeypatch.context() as unplugged:
        unplugged.setattr(session, "lineage", gone)
        graph.view.hear({"kind": "more", "way": "up", "seq": 1})
        assert until(lambda: graph.view.trouble == "The home is not there.")
        assert quiet()
    graph.view.hear({"kind": "tidy", "seq": 2})
    assert quiet()
    assert graph.view.trouble == ""
    assert graph.walk.lineage.centre == graph.centre.ref


def test_what_was_said_of_a_click_outlives_what_others_write(session: hl.Session) -> None:
    """Whatever is shown anew meanwhile; the next click takes its place."""
    explorer = Explorer("name=prediction", session)
    form, triggers = Launch(session=session, live=False), Triggers(session, live=False)
    switches, graph = triggers.switches, explorer.graph
    explorer.tabs.selected_index = explorer.panels.index(graph)
    form.view.hear({"kind": "target", "text": "nope", "seq": 1})
    switches.view.hear({"kind": "switch", "plan": "nope", "on": True, "seq": 1})
    graph.view.hear({"kind": "steps", "id": "zzzzzz", "seq": 1})
    explorer.search.view.hear({"kind": "select", "ref": "nobody@1", "seq": 1})

    def said() -> list[str]:
        views = form.view, switches.view, graph.view
        return [*(view.trouble for view in views), explorer._trouble]

    before = said()
    assert all(before)
    session.publish(1, "prediction")
    for panel in (explorer, triggers, form):
        called(panel.refresh)
    assert quiet()
    assert explorer.search.view.page["rows"][0]["version"] == "3"
    assert said() == before
    form.view.hear({"kind": "target", "text": "retrain", "seq": 2})
    explorer.search.view.hear({"kind": "select", "ref": "prediction@1", "seq": 2})
    assert quiet()
    assert (form.view.trouble, explorer._trouble) == ("", "")
    explorer.close()


def test_what_fails_while_it_is_shown_anew_is_said_until_that_goes_well(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click that goes well meanwhile does not say that all is well."""

    def gone(*_: Any, **__: Any) -> Any:
        msg = "The home is not there."
        raise hl.errors.CatalogUnavailable(msg)

    ledger = Triggers(session, live=False).ledger
    with monkeypatch.context() as unplugged:
        unplugged.setattr(session, "ledger", gone)
        called(lambda: ledger.view.renew(ledger.refresh))
        assert quiet()
    assert ledger.view.trouble == "The home is not there."
    ledger.view.answers("nothing", lambda _message: None)
    ledger.view.hear({"kind": "nothing", "seq": 1})
    assert ledger.view.trouble == "The home is not there."
    called(lambda: ledger.view.renew(ledger.refresh))
    assert quiet()
    assert ledger.view.trouble == ""


def test_a_search_that_is_under_way_outlives_what_others_write(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown anew meanwhile is the page that was asked for, not the one before."""
    search, does = Search("", session, lambda _ref: None), session.search
    begun, gate = threading.Event(), threading.Event()

    def slow(*args: Any, **named: Any) -> Any:
        begun.set()
        gate.wait(20)
        return does(*args, **named)

    monkeypatch.setattr(session, "search", slow)
    _asks(search, "search", text="kind=model")
    assert begun.wait(10)
    called(search.refresh)
    gate.set()
    assert quiet()
    assert search.view.text == "kind=model"
    assert {row["kind"] for row in search.view.page["rows"]} == {"model"}
