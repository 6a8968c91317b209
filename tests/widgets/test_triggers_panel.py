"""The plans that listen, their switches and their ledger."""

from __future__ import annotations

import heirloom as hl
from heirloom_widgets import Triggers


def test_each_plan_has_a_row_that_tells_what_it_does(session: hl.Session) -> None:
    """What it listens to, what it starts, and what happened last."""
    rows = {row["name"]: row for row in Triggers(session).switches.view.plans}
    row = rows["predict_again"]
    assert row["armed"] is True
    assert row["about"] == "listens to blessed_model[blessed=true] · starts ops_wf · v1"
    assert row["last"].startswith("last: blessed_model@3 → succeeded · ")


def test_the_switch_is_thrown_in_the_catalog_and_told_back(session: hl.Session) -> None:
    """Off and on again, the row says what the catalog says."""
    panel = Triggers(session)
    view = panel.switches.view
    view.hear({"kind": "switch", "plan": "retrain", "on": False, "seq": 1})
    assert not session.plan("retrain").is_active
    assert [row["armed"] for row in view.plans if row["name"] == "retrain"] == [False]
    view.hear({"kind": "switch", "plan": "retrain", "on": True, "seq": 2})
    assert session.plan("retrain").is_active
    assert "hl.settle()" in view.said
    assert view.answer == 2


def test_an_event_while_off_is_paused_in_the_ledger(session: hl.Session) -> None:
    """What a disarmed trigger missed can be seen."""
    panel = Triggers(session)
    panel.switches.switch("retrain", False)
    session.publish(1, "measurements[batch=late]")
    panel.open("retrain")
    assert "measurements@4" in panel._ledger.value
    assert "paused" in panel._ledger.value


def test_the_ledger_is_that_of_the_selected_plan_or_of_all(session: hl.Session) -> None:
    """A click narrows it, a second click opens it again."""
    panel = Triggers(session)
    panel.switches.view.hear({"kind": "plan", "plan": "retrain", "seq": 1})
    assert "predict_again" not in panel._ledger.value
    panel.switches.view.hear({"kind": "plan", "plan": "retrain", "seq": 2})
    assert "predict_again" in panel._ledger.value


def test_a_plan_that_is_not_there_is_said_in_the_panel(session: hl.Session) -> None:
    """A row of yesterday does no harm."""
    view = Triggers(session).switches.view
    view.hear({"kind": "switch", "plan": "retrian", "on": True, "seq": 1})
    assert "retrain" in view.trouble


def test_the_twin_has_plans_and_ledger_without_script(session: hl.Session) -> None:
    """A saved notebook tells what was armed."""
    text = Triggers(session)._repr_mimebundle_()["text/html"]
    assert "armed" in text
    assert "filtered" in text
    assert "<script" not in text
