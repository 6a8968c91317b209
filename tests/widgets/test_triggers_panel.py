"""The plans that listen, their switches and their ledger."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.widgets.waiting import hear, until

import heirloom as hl
from heirloom.records.ledger import LEDGER_STATES
from heirloom_widgets import Explorer, Triggers
from heirloom_widgets.ledger import PAGE


def test_each_plan_has_a_row_that_tells_what_it_does(session: hl.Session) -> None:
    """What it listens to, what it starts, and what happened last."""
    rows = {row["name"]: row for row in Triggers(session).switches.view.plans}
    row = rows["predict_again"]
    assert row["armed"] is True
    assert row["about"] == "listens to blessed_model[blessed=true] · starts ops_wf · v1"
    assert row["last"].startswith("last: blessed_model@3 → succeeded · ")


def test_a_row_says_whether_one_event_or_all_start_it(session: hl.Session) -> None:
    """By the condition of its trigger."""
    two = [hl.Artifact("left"), hl.Artifact("right")]

    @hl.task
    def joined() -> None:
        pass

    for condition in ("any", "all", "all-latest"):
        trigger = hl.OnArtifact(two, condition=condition)
        hl.LaunchPlan.get_or_create(f"on_{condition}", joined, trigger=trigger)
    rows = {row["name"]: row["about"] for row in Triggers(session).switches.view.plans}
    assert rows["on_any"].startswith("listens to left or right · ")
    assert rows["on_all"].startswith("listens to left and right · ")
    assert rows["on_all-latest"].startswith(
        "listens to left or right, with the latest of the others · "
    )


def test_the_switch_is_thrown_in_the_catalog_and_told_back(session: hl.Session) -> None:
    """Off and on again, the row says what the catalog says."""
    panel = Triggers(session)
    view = panel.switches.view
    hear(view, {"kind": "switch", "plan": "retrain", "on": False, "seq": 1})
    assert not session.plan("retrain").is_active
    assert [row["armed"] for row in view.plans if row["name"] == "retrain"] == [False]
    hear(view, {"kind": "switch", "plan": "retrain", "on": True, "seq": 2})
    assert session.plan("retrain").is_active
    assert "hl.settle()" in view.said
    assert view.answer == 2


def _row(panel: Triggers, name: str) -> dict[str, Any]:
    return next(row for row in panel.switches.view.plans if row["name"] == name)


def _ledger(panel: Triggers) -> list[tuple[str, str]]:
    return [(row["plan"], row["state"]) for row in panel.ledger.view.rows]


def _miss(session: hl.Session, count: int) -> None:
    """So many versions while ``retrain`` is off."""
    session.plan("retrain").deactivate()
    for number in range(count):
        session.publish(number, f"measurements[batch=late{number}]")


def test_an_event_while_off_is_paused_in_the_ledger(session: hl.Session) -> None:
    """What a disarmed trigger missed can be seen, in its row as well."""
    panel = Triggers(session)
    panel.switches.switch("retrain", False)
    session.publish(1, "measurements[batch=late]")
    panel.open("retrain")
    assert panel.ledger.view.rows[0]["what"] == "measurements@4"
    assert _ledger(panel)[0] == ("retrain", "paused")
    panel.refresh()
    assert _row(panel, "retrain")["next"] == "next: 1 paused"
    assert _row(panel, "predict_again")["next"] == ""


@pytest.mark.parametrize(
    ("missed", "states"),
    [("none", ["skipped"] * 3), ("newest", ["queued", *["skipped"] * 2]), ("each", ["queued"] * 3)],
)
def test_what_was_missed_is_asked_about_before_it_is_on(
    session: hl.Session, missed: str, states: list[str]
) -> None:
    """The first click switches nothing; the answer does, and says what became of the events."""
    panel = Triggers(session)
    _miss(session, 3)
    view = panel.switches.view
    hear(view, {"kind": "switch", "plan": "retrain", "on": True, "seq": 1})
    assert not session.plan("retrain").is_active
    assert view.asks["count"] == "3"
    assert view.asks["newest"] == "measurements@6"
    answer = {"plan": "retrain", "on": True, "version": None, "missed": missed}
    hear(view, {"kind": "switch", **answer, "seq": 2})
    assert session.plan("retrain").is_active
    assert view.asks == {}
    assert view.said.startswith("3 events waited: ")
    assert [
        row.state.replace("waiting", "queued") for row in session.ledger("retrain")[:3]
    ] == states


def test_it_may_be_left_off(session: hl.Session) -> None:
    """The question goes, and nothing has changed."""
    panel = Triggers(session)
    _miss(session, 1)
    view = panel.switches.view
    hear(view, {"kind": "switch", "plan": "retrain", "on": True, "seq": 1})
    before = session.catalog.position()
    hear(view, {"kind": "leave", "seq": 2})
    assert (view.asks, session.catalog.position()) == ({}, before)
    assert not session.plan("retrain").is_active


def test_the_ledger_is_that_of_the_selected_plan_or_of_all(session: hl.Session) -> None:
    """A click narrows it, a second click opens it again; the desk has the plan meanwhile."""
    panel = Triggers(session)
    hear(panel.switches.view, {"kind": "plan", "plan": "retrain", "seq": 1})
    assert {plan for plan, _ in _ledger(panel)} == {"retrain"}
    assert panel.desk.view.plan["name"] == "retrain"
    hear(panel.switches.view, {"kind": "plan", "plan": "retrain", "seq": 2})
    assert {plan for plan, _ in _ledger(panel)} == {"retrain", "predict_again"}
    assert panel.desk.view.plan == {}


def test_the_ledger_is_filtered_and_paged(session: hl.Session) -> None:
    """By every state that a row may have; each page has what the one before did not."""
    panel = Triggers(session)
    view = panel.ledger.view
    assert tuple(view.states) == LEDGER_STATES
    hear(view, {"kind": "state", "state": "filtered", "seq": 1})
    assert {state for _, state in _ledger(panel)} == {"filtered"}
    assert view.rows[0]["why"]
    _miss(session, 2 * PAGE + 1)
    hear(view, {"kind": "state", "state": "paused", "seq": 2})
    seen = [row["what"] for row in view.rows]
    assert (len(seen), view.more) == (PAGE, True)
    for step in (3, 4):
        hear(view, {"kind": "page", "step": 1, "seq": step})
        seen += [row["what"] for row in view.rows]
    assert (len(set(seen)), view.page, view.more) == (2 * PAGE + 1, 2, False)
    hear(view, {"kind": "page", "step": -1, "seq": 5})
    assert view.rows[0]["what"] == seen[PAGE]


def test_the_ledger_has_no_page_beyond_the_last(session: hl.Session) -> None:
    """A second click that comes before the button is gone stays on it, and so does a refresh."""
    _miss(session, PAGE + 1)
    panel = Triggers(session, live=False)
    ledger = panel.ledger
    ledger.filter("paused")
    for seq in (1, 2):
        hear(ledger.view, {"kind": "page", "step": 1, "seq": seq})
    assert (ledger.view.page, len(ledger.view.rows), ledger.view.more) == (1, 1, False)
    ledger.view.page = 7
    ledger.refresh()
    assert (ledger.view.page, len(ledger.view.rows)) == (1, 1)


def test_an_event_leads_to_its_execution(session: hl.Session) -> None:
    """Below the ledger; in the Explorer to the tab of executions."""
    panel = Triggers(session)
    run = next(row["execution"] for row in panel.ledger.view.rows if row["execution"])
    hear(panel.ledger.view, {"kind": "open", "id": run, "seq": 1})
    assert until(lambda: run in panel._run.value)
    explorer = Explorer("", session)
    hear(explorer.triggers.ledger.view, {"kind": "open", "id": run, "seq": 1})
    assert explorer.panels[explorer.tabs.selected_index] is explorer.runs
    assert explorer.runs.view.selected == run
    explorer.close()


def test_what_a_version_would_start_is_shown_and_nothing_is_written(session: hl.Session) -> None:
    """Of one plan by what it listens to, of all by a ref; a ref that is none is said."""
    panel = Triggers(session)
    before = session.catalog.position()
    panel.open("predict_again")
    desk = panel.desk
    hear(desk.view, {"kind": "preview", "ref": "", "seq": 1})
    assert until(lambda: "predict_again v1" in desk.shown.value)
    hear(desk.view, {"kind": "preview", "ref": "blessed_model[blessed=false]", "seq": 2})
    assert until(lambda: "filtered" in desk.shown.value)
    panel.open("")
    hear(desk.view, {"kind": "preview", "ref": "measurements", "seq": 3})
    assert until(lambda: "retrain v1" in desk.shown.value and "→ predict_again" in desk.shown.value)
    hear(desk.view, {"kind": "preview", "ref": "measurmeents", "seq": 4})
    assert until(lambda: "hl-trouble" in desk.shown.value)
    assert (session.catalog.position(), desk.view.busy) == (before, False)


def test_code_is_approved_only_while_it_is_shown(session: hl.Session) -> None:
    """Selecting a plan that awaits approval shows its code; the button lets its events go."""
    session.approvals.path.unlink()
    panel = Triggers(session)
    view = panel.desk.view
    assert not _row(panel, "retrain")["approved"]
    panel.open("retrain")
    assert (view.shows, view.approvable) == ("review", True)
    assert "def research" in panel.desk.shown.value
    hear(view, {"kind": "close", "seq": 1})
    hear(view, {"kind": "approve", "seq": 2})
    assert not session.plan("retrain").approved
    hear(view, {"kind": "review", "seq": 3})
    hear(view, {"kind": "approve", "seq": 4})
    assert session.plan("retrain").approved
    assert (view.approvable, view.said[:11]) == (False, "v1 approved")
    assert [row["approved"] for row in panel.switches.view.plans if row["name"] == "retrain"] == [
        True
    ]


NOTING = """
import heirloom as hl

@hl.task
def note(x: int) -> int:
    return x + {number}

@hl.workflow
def noting(x: int = hl.Artifact("counted").query()):
    note(x=x)

on = hl.OnArtifact(trigger_on=hl.Artifact("counted"))
hl.LaunchPlan.get_or_create(name="noting", workflow=noting, trigger=on)
"""


def test_versions_are_picked_reviewed_and_activated(
    session: hl.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code and what it would start are shown; the switch moves to the version."""
    monkeypatch.syspath_prepend(tmp_path)
    for number in (1, 2):
        (tmp_path / f"noting_{number}.py").write_text(NOTING.format(number=number))
        import_module(f"noting_{number}")
    session.plan("noting").activate(1)
    panel = Triggers(session)
    panel.open("noting")
    view = panel.desk.view
    assert (view.plan["versions"], view.picked, view.shows) == ([2, 1], 1, "")
    hear(view, {"kind": "review", "seq": 1})
    hear(view, {"kind": "pick", "version": 2, "seq": 2})
    assert "return x + 2" in panel.desk.shown.value
    hear(view, {"kind": "preview", "ref": "", "seq": 3})
    assert until(lambda: "noting v2" in panel.desk.shown.value)
    hear(view, {"kind": "pick", "version": 1, "seq": 4})
    assert until(lambda: "noting v1" in panel.desk.shown.value)
    hear(view, {"kind": "pick", "version": 2, "seq": 5})
    hear(view, {"kind": "activate", "seq": 6})
    assert session.plan("noting").version == 2
    assert (view.plan["version"], view.picked) == (2, 2)


@pytest.mark.process
def test_the_reactor_is_started_and_stopped(session: hl.Session) -> None:
    """Beside the kernel; the line says who runs events, also when another process starts one."""
    panel = Triggers(session)
    view = panel.reactors.view
    assert (view.running, view.status[:11]) == (False, "no reactor:")
    panel.switches.switch("retrain", False)
    panel.switches.switch("retrain", True)
    assert "nothing runs events now" in panel.switches.view.said
    view.hear({"kind": "start", "seq": 1})
    assert until(lambda: view.here and not view.busy)
    assert view.status.startswith("1 reactor, one of this session")
    assert panel.switches.view.said == ""
    assert view.processes[0][0] == "reactor"
    other = Triggers(hl.Session(session.settings), live=False)
    assert (other.reactors.view.running, other.reactors.view.here) == (True, False)
    other.session.close()
    view.hear({"kind": "stop", "seq": 2})
    assert until(lambda: not view.here and not view.busy)
    assert not session.reactor.runs_anywhere()
    panel.close()


def test_a_reactor_that_comes_is_heard_of(session: hl.Session) -> None:
    """It writes nothing to the catalog, and shows all the same."""
    panel = Triggers(session)
    life = session.reactor.lives.begin("reactor")
    assert until(lambda: panel.reactors.view.running)
    life.end()
    assert until(lambda: not panel.reactors.view.running)
    panel.close()


def test_a_plan_that_is_not_there_is_said_in_the_panel(session: hl.Session) -> None:
    """A row of yesterday does no harm."""
    view = Triggers(session).switches.view
    hear(view, {"kind": "switch", "plan": "retrian", "on": True, "seq": 1})
    assert "retrain" in view.trouble


def test_the_twin_has_plans_and_ledger_without_script(session: hl.Session) -> None:
    """A saved notebook tells what was armed."""
    text = Triggers(session)._repr_mimebundle_()["text/html"]
    assert "armed" in text
    assert "filtered" in text
    assert "<script" not in text
