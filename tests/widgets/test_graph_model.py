"""What is drawn of a lineage and of the plans that listen in it."""

from __future__ import annotations

import threading

import heirloom as hl
from heirloom.ancestry.graph import Edge, Lineage, node_of
from heirloom_widgets import Graph
from heirloom_widgets.graph_marks import Drawing, Link
from heirloom_widgets.graph_model import drawing


def _drawn(session: hl.Session, ref: str, up: int | None = 1, down: int | None = 1) -> Drawing:
    return drawing(session.lineage(ref, up=up, down=down), session.plans())


def _titles(shown: Drawing, kind: str) -> set[str]:
    return {mark.title for mark in shown.marks if mark.kind == kind}


def test_one_hop_shows_what_made_it_what_took_it_and_what_came_of_that(
    session: hl.Session,
) -> None:
    """The first picture of a version is its neighbourhood, and no more."""
    shown = _drawn(session, "blessed_model@3")
    assert _titles(shown, "version") == {"measurements@3", "blessed_model@3", "prediction@2"}
    assert _titles(shown, "execution") == {"research", "ops_wf"}


def test_a_plan_stands_between_what_fired_it_and_what_it_started(session: hl.Session) -> None:
    """One sees on the graph why an execution ran."""
    shown = _drawn(session, "blessed_model@3")
    version = session.get("blessed_model@3")
    run = session.get("prediction@2").root_id
    plan = f"plan:predict_again|{run}"
    assert Link(version.ref, plan, "trigger") in shown.links
    assert Link(plan, run) in shown.links
    assert not [link for link in shown.links if (link.source, link.target) == (version.ref, run)]


def test_a_plan_that_is_on_is_drawn_armed_and_one_that_is_off_is_not(session: hl.Session) -> None:
    """The picture says whether a new version would start anything."""
    session.plan("predict_again").deactivate()
    marks = {mark.plan: mark for mark in _drawn(session, "blessed_model@3").marks if mark.plan}
    assert (marks["retrain"].armed, marks["retrain"].sub) == (True, "armed")
    assert (marks["predict_again"].armed, marks["predict_again"].sub) == (False, "off")


def test_what_a_plan_would_start_is_there_as_a_ghost(session: hl.Session) -> None:
    """Where a plan listens and nothing has run here yet, one sees what would."""
    fresh = session.publish(7, "measurements[batch=z]")
    session.plan("retrain").deactivate()
    shown = _drawn(session, fresh.ref)
    ghost = next(mark for mark in shown.marks if mark.faded)
    assert (ghost.title, ghost.sub, ghost.plan) == ("research", "not while off", "retrain")
    assert Link(f"plan:retrain|{fresh.ref}", ghost.id) in shown.links


def test_a_plan_that_does_not_listen_here_is_not_drawn(session: hl.Session) -> None:
    """The picture has no plan without an edge."""
    assert "plan" not in {mark.kind for mark in _drawn(session, "prediction@2", up=0).marks}


def test_a_read_while_running_is_told_from_a_declared_input(session: hl.Session) -> None:
    """How an edge is known can be seen."""
    shown = _drawn(session, "prediction@2")
    read = session.get("measurements@3").ref
    watched = {link.source: link.watched for link in shown.links if link.how}
    assert watched[read] is True
    assert watched[session.get("blessed_model@3").ref] is False


def test_nameless_values_are_folded(session: hl.Session) -> None:
    """What a task made without a name joins its maker to its taker, and is no node."""
    made, took = (
        next(e for e in session.catalog.view().executions(name=name)) for name in ("clean", "train")
    )
    value = next(made.values())
    piece = Lineage(
        value.item,
        (node_of(made), node_of(value), node_of(took)),
        (Edge(made.id, value.item, "produced"), Edge(value.item, took.id, "declared")),
    )
    shown = drawing(piece, [])
    assert shown.links == (Link(made.id, took.id, "value"),)
    assert [mark.id for mark in shown.marks] == [made.id, took.id]


def test_only_what_runs_now_is_live(session: hl.Session) -> None:
    """A workflow is on the graph from its start; its ring goes when it has ended."""
    begun, gate = threading.Event(), threading.Event()

    @hl.task
    def slowly(number: int) -> int:
        begun.set()
        gate.wait(20)
        return number

    @hl.workflow
    def slow(number: int):  # type: ignore[no-untyped-def]
        slowly(number=number)

    number = session.publish(1, "number")
    run = threading.Thread(target=lambda: session.run(slow, number=number))
    run.start()
    assert begun.wait(10)
    graph = Graph("number", session)
    assert [node["name"] for node in graph.view.picture["nodes"] if node["live"]] == ["slow"]
    gate.set()
    run.join()
    graph.refresh()
    assert not any(node["live"] for node in graph.view.picture["nodes"])
