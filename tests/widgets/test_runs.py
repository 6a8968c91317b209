"""The executions of a version."""

from __future__ import annotations

from typing import Any

import pytest
from tests.widgets.waiting import until

import heirloom as hl
from heirloom_widgets.runs import Runs


@pytest.fixture
def runs(session: hl.Session) -> Runs:
    """The panel, showing the model that predictions were made with."""
    panel = Runs(session)
    panel.show(session.get("blessed_model@3"))
    return panel


def _listed(runs: Runs) -> list[Any]:
    return [row.get("head") or (row["depth"], row["kind"], row["name"]) for row in runs.view.runs]


def _open(runs: Runs, execution_id: str) -> None:
    runs.view.hear({"kind": "open", "id": execution_id, "seq": runs.view.answer + 1})


def test_the_run_that_made_it_and_what_read_it_are_listed(runs: Runs) -> None:
    """Step by step, each below what called it; what emitted the version is selected."""
    assert _listed(runs) == [
        "Made by",
        *((0, "workflow", "research"), (1, "task", "clean"), (1, "task", "train")),
        "Read by",
        *((0, "task", "predict"), (0, "workflow", "ops_wf")),
    ]
    assert runs.view.selected == runs.version.execution_id
    assert [act for act, _ in runs.view.actions] == ["rerun", "latest"]


def test_the_selected_one_shows_inputs_outputs_and_log(session: hl.Session, runs: Runs) -> None:
    """A nameless value by its type, a version by its ref."""
    assert until(lambda: "pandas.DataFrame, " in runs.details.value)
    assert "blessed_model@3" in runs.details.value
    _open(runs, runs.view.runs[1]["id"])
    assert until(lambda: "measurements@3" in runs.details.value)


def test_a_failure_shows_its_traceback_as_text_and_can_be_resumed(
    session: hl.Session, runs: Runs
) -> None:
    """What a person raised is no markup; the newest lines come first in the list."""
    runs.view.hear({"kind": "every", "on": True, "seq": 1})
    (failed,) = (row for row in runs.view.runs if row.get("state") == "failed")
    assert failed["error"].startswith("ValueError: <img")
    _open(runs, failed["id"])
    assert until(lambda: "Traceback" in runs.details.value)
    assert "<img" not in runs.details.value
    assert [act for act, _ in runs.view.actions] == ["rerun", "latest", "resume"]


@pytest.mark.process
def test_rerun_runs_beside_the_kernel_and_selects_the_new_run(
    session: hl.Session, runs: Runs
) -> None:
    """The button says what it does while it lasts, and then what came of it."""
    before = runs.view.selected
    busy: list[str] = []
    runs.view.observe(lambda change: busy.append(change["new"]), "busy")
    thread = runs.act("rerun")
    assert thread is not None
    thread.join()
    assert busy == ["Running again", ""]
    again = session.execution(runs.view.selected)
    assert (again.rerun_of, again.state) == (before, "succeeded")
    assert runs.view.said == f"task train succeeded: {again.id}."
    assert _listed(runs)[:2] == ["Run from here", (0, "task", "train")]


def test_what_cannot_run_again_is_said_in_one_line(session: hl.Session, runs: Runs) -> None:
    """The panel lives, and nothing is recorded."""
    before = len(session.executions(limit=500))
    runs.view.selected = session.publish(1, "one").execution_id
    thread = runs.act("resume")
    assert thread is not None
    thread.join()
    assert "only what failed, died or was cancelled is resumed" in runs.view.said
    assert (runs.view.busy, len(session.executions(limit=500))) == ("", before + 1)


def test_what_is_queued_is_cancelled(session: hl.Session, runs: Runs) -> None:
    """The catalog knows before the button is free again."""
    session.publish([{"radius": 1.0}] * 5, "measurements[batch=late]")
    (queued,) = session.executions(state="queued")
    runs.view.hear({"kind": "every", "on": True, "seq": 1})
    _open(runs, queued.id)
    assert [act for act, _ in runs.view.actions] == ["hold", "cancel"]
    runs.view.hear({"kind": "act", "act": "hold", "seq": 1})
    assert runs.view.said == "workflow research is held until somebody starts it."
    assert session.execution(queued.id).held_by == session.user
    assert [act for act, _ in runs.view.actions] == ["start", "cancel"]
    runs.view.hear({"kind": "act", "act": "start", "seq": 2})
    assert session.execution(queued.id).held_by is None
    assert [act for act, _ in runs.view.actions] == ["hold", "cancel"]
    runs.view.hear({"kind": "act", "act": "cancel", "seq": 3})
    assert session.execution(queued.id).state == "cancelled"
    assert runs.view.said == "workflow research is cancelled."


def test_a_run_of_another_process_is_live(session: hl.Session, runs: Runs) -> None:
    """What others cancel or finish shows when the panel hears of it."""
    runs.view.hear({"kind": "every", "on": True, "seq": 1})
    other = hl.Session(session.settings)
    other.publish(1, "measurements[batch=late]")
    runs.refresh()
    assert runs.view.runs[1]["state"] == "queued"
    other.cancel(other.executions(state="queued")[0])
    runs.refresh()
    assert runs.view.runs[1]["state"] == "cancelled"
    other.close()
