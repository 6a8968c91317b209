"""The launch form: an answer for every input before anything starts, and how it went."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest
from tests.widgets.team import EVIL
from tests.widgets.waiting import until

import heirloom as hl
from heirloom.errors import TargetNotFound
from heirloom_widgets import Explorer, Launch
from heirloom_widgets.launch_offers import PAGE


class Speed(enum.Enum):
    """How fast."""

    SLOW = "s"
    FAST = "f"


def _given(panel: Launch, **texts: str) -> None:
    """Write texts, as the page does."""
    panel.view.given = {**panel.view.given, **{name: {"text": t} for name, t in texts.items()}}


def _ran(panel: Launch) -> Any:
    """Press the button and wait; the execution."""
    thread = panel.launch()
    assert thread is not None, panel.view.said
    thread.join()
    return panel.session.execution(panel.view.selected)


def _rows(panel: Launch) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in panel.view.fields}


@pytest.fixture
def every(session: hl.Session) -> Callable[..., Launch]:
    """A form with an input of every kind."""

    @hl.task
    def every_kind(
        count: int = 3,
        rate: float | None = None,
        name: str = "a",
        loud: bool = False,
        speed: Speed = Speed.FAST,
        side: Literal["left", "right"] = "left",
        day: date = date(2026, 1, 31),
        at: datetime = datetime(2026, 1, 31, 12),  # noqa: DTZ001
        file: hl.File | None = None,
        pair: tuple[int, int] = (1, 2),
        tags: set[str] = {"x"},  # noqa: B006
        options: dict[str, int] = {},  # noqa: B006
    ) -> str:
        return repr((count, rate, name, loud, speed, side, day, at, file and file.name, pair))

    return lambda: Launch(every_kind, session)


def test_each_input_has_the_control_of_its_type_and_its_default(every: Any) -> None:
    """What stands where nothing is given is in the control already."""
    shown = {name: (row["widget"], row["text"]) for name, row in _rows(every()).items()}
    assert shown == {
        "count": ("int", "3"),
        "rate": ("float", ""),
        "name": ("str", "a"),
        "loud": ("bool", "false"),
        "speed": ("choice", "1"),
        "side": ("choice", "0"),
        "day": ("date", "2026-01-31"),
        "at": ("datetime", "2026-01-31T12:00:00"),
        "file": ("file", ""),
        "pair": ("json", "[1, 2]"),
        "tags": ("json", '["x"]'),
        "options": ("json", "{}"),
    }
    assert _rows(every())["speed"]["choices"] == ["SLOW", "FAST"]


def test_what_is_written_reaches_the_body_as_its_own_type(every: Any, tmp_path: Path) -> None:
    """A number, a choice, a day, a path, a pair: as if they had been given in Python."""
    panel = every()
    (tmp_path / "a.csv").write_text("a\n")
    _given(panel, count="4", rate="2", name="", loud="true", speed="0", side="1")
    _given(panel, day="2026-02-01", at="2026-02-01T08:00", file=str(tmp_path / "a.csv"))
    _given(panel, pair="[3, 4]", tags='["y"]', options='{"a": 1}')
    assert panel.view.faults == {}
    run = _ran(panel)
    assert panel.view.said.startswith("task every_kind succeeded in ")
    assert panel.view.said.endswith(f" s: {run.id}.")
    assert run.outputs["o0"] == (
        "(4, 2.0, '', True, <Speed.SLOW: 's'>, 'right', datetime.date(2026, 2, 1), "
        "datetime.datetime(2026, 2, 1, 8, 0), 'a.csv', (3, 4))"
    )
    assert run.inputs["options"] == {"a": 1}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("count", "abc", "takes int; got str 'abc'"),
        ("rate", "x", "takes float | None; got str 'x'"),
        ("day", "31.1.2026", "is a date such as 2026-01-31; got '31.1.2026'"),
        ("at", "noon", "is a datetime such as 2026-01-31T12:00:00+00:00"),
        ("file", "/no/such.csv", "Nothing is at '/no/such.csv'"),
        ("pair", "[1, 2", "as JSON; at character 6: Expecting ',' delimiter"),
        ("pair", "[1, 2, 3]", "takes tuple[int, int]; got"),
        ("options", '{"a": "b"}', "takes dict[str, int]; got"),
    ],
)
def test_what_does_not_fit_is_said_at_its_input_and_starts_nothing(
    every: Any, name: str, text: str, said: str
) -> None:
    """One line as it is written; the button leads to it, and the catalog has nothing new."""
    panel = every()
    before = panel.session.catalog.position()
    _given(panel, **{name: text})
    assert said in panel.view.faults[name]
    assert "\n" not in panel.view.faults[name]
    assert panel.launch() is None
    assert panel.view.said == f"Nothing was started: see {name}."
    assert panel.session.catalog.position() == before
    panel.view.given = {}
    assert panel.view.faults == {}


def test_a_launch_runs_with_what_stands_on_the_page(every: Any) -> None:
    """What was typed last comes with the click: by itself it may come after it."""
    panel = every()
    given = {"count": {"text": "4"}}
    panel.view.hear({"kind": "launch", "given": given, "seq": 1})
    assert until(lambda: not panel.view.busy)
    assert panel.session.execution(panel.view.selected).inputs["count"] == 4
    panel.view.hear({"kind": "launch", "given": {"count": {"text": "x"}}, "seq": 2})
    assert panel.view.said == "Nothing was started: see count."


def test_what_must_be_given_is_asked_for(session: hl.Session) -> None:
    """An input without default, and a query that finds nothing, each with its reason."""
    unmade: Any = hl.Artifact("unmade").query()

    @hl.workflow
    def needs(frame: pd.DataFrame, model: dict[str, float] = unmade) -> None:
        pass

    panel = Launch(needs, session)
    assert panel.launch() is None
    assert panel.view.faults["frame"] == "This must be given."
    assert "unmade" in panel.view.faults["model"]
    panel.give("frame", "measurements@1")
    assert panel.launch() is None
    assert list(panel.view.faults) == ["model"]


def test_a_query_shows_what_it_means_now_and_is_overridden(session: hl.Session) -> None:
    """The answer follows the catalog; another version takes its place and is what is read."""
    panel = Launch("predict_again", session)
    row = _rows(panel)["model"]
    assert row["now"]["label"] == "blessed_model@3"
    assert row["now"]["partitions"] == "blessed=true"
    assert row["hint"] == "What blessed_model[blessed=true] means now."
    session.publish({"mean": 9.0}, "blessed_model[blessed=true]")
    panel.refresh()
    assert _rows(panel)["model"]["now"]["label"] == "blessed_model@4"
    panel.view.hear({"kind": "give", "name": "model", "ref": "blessed_model@2", "seq": 1})
    run = _ran(panel)
    assert (run.plan, run.inputs["model"].version) == ("predict_again", 2)
    steps = [(step["kind"], step["name"], step["state"]) for step in panel.view.steps]
    assert steps == [("workflow", "ops_wf", "succeeded"), ("task", "predict", "succeeded")]
    assert [text for _, text in panel.view.made] == ["prediction@3"]


def test_versions_that_fit_are_listed_a_page_at_a_time(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only as far as they are shown; what others have of another type is not among them."""
    for number in range(2 * PAGE):
        session.publish({"n": number}, "many")
    panel = Launch("predict_again", session)
    looked: list[Any] = []
    shown = type(session.looks).shown

    def counted(looks: Any, version: Any) -> Any:
        looked.append(version)
        return shown(looks, version)

    monkeypatch.setattr(type(session.looks), "shown", counted)
    panel.view.hear({"kind": "offer", "name": "model", "seq": 1})
    assert until(lambda: not panel.view.offers["busy"])
    rows = panel.view.offers["rows"]
    assert [row["label"] for row in rows[:3]] == [f"blessed_model@{n}" for n in (3, 2, 1)]
    assert (len(rows), panel.view.offers["more"], len(looked)) == (PAGE, True, PAGE + 1)
    panel.view.hear({"kind": "more", "seq": 2})
    assert until(lambda: len(panel.view.offers["rows"]) == 2 * PAGE)
    panel.view.hear({"kind": "more", "seq": 3})
    assert until(lambda: panel.view.offers["rows"][2 * PAGE :] and not panel.view.offers["more"])
    labels = [row["label"] for row in panel.view.offers["rows"]]
    assert len(labels) == len(set(labels)) == 2 * PAGE + 3
    assert not any(label.startswith("measurements") for label in labels)
    panel.view.hear({"kind": "offer", "name": "", "seq": 4})
    assert panel.view.offers["name"] == ""


def test_a_version_that_does_not_fit_is_refused_at_its_input(session: hl.Session) -> None:
    """By a ref that is none, and by one of another type: nothing runs."""
    panel = Launch("predict_again", session)
    panel.view.hear({"kind": "give", "name": "model", "ref": "blessed_modle", "seq": 1})
    assert "blessed_model" in panel.view.faults["model"]
    assert panel.view.given == {}
    before = session.catalog.position()
    panel.give("model", "measurements@1")
    thread = panel.launch()
    assert thread is not None
    thread.join()
    assert "takes dict" in panel.view.faults["model"]
    assert panel.view.said == "Nothing was started: see model."
    assert (panel.view.busy, session.catalog.position()) == ("", before)


def test_the_steps_show_while_it_runs_and_it_can_be_cancelled(
    session: hl.Session, tmp_path: Path
) -> None:
    """Another process's eyes see no more than the panel does."""
    go = tmp_path / "go"

    @hl.task
    def wait(path: str) -> int:
        assert until(Path(path).exists)
        return 1

    @hl.workflow
    def waits(path: str) -> int:
        return wait(path=path)  # type: ignore[no-any-return]

    panel = Launch(waits, session)
    _given(panel, path=str(go))
    thread = panel.launch()
    assert thread is not None
    assert panel.view.busy == "Running workflow waits"
    assert panel.launch() is None

    def begun() -> bool:
        panel.refresh()
        return bool(panel.view.steps)

    assert until(begun)
    assert panel.view.steps[0]["state"] == "running"
    panel.view.hear({"kind": "cancel", "seq": 1})
    go.touch()
    thread.join()
    assert panel.view.steps[0]["state"] == "cancelled"
    assert panel.view.failed
    assert "waits cancelled" in panel.view.said


def test_a_run_of_the_same_name_is_somebody_elses(session: hl.Session, tmp_path: Path) -> None:
    """What others run meanwhile is neither followed nor cancelled, however new it is."""
    go = tmp_path / "go"

    @hl.task
    def wait(own: str, go: str) -> int:
        Path(own).touch()
        assert until(Path(go).exists)
        return 1

    @hl.workflow
    def waits(own: str, go: str) -> int:
        return wait(own=own, go=go)  # type: ignore[no-any-return]

    panel = Launch(waits, session, live=False)
    _given(panel, own=str(tmp_path / "mine"), go=str(go))
    thread = panel.launch()
    assert thread is not None
    assert until((tmp_path / "mine").exists)
    other, ended = hl.Session(session.settings), []
    theirs = {"own": str(tmp_path / "theirs"), "go": str(go)}
    running = threading.Thread(target=lambda: ended.append(other.run(waits, theirs)))
    running.start()
    assert until((tmp_path / "theirs").exists)
    panel.refresh()
    (own,) = (run for run in session.executions(name="waits") if run.inputs["own"].endswith("mine"))
    assert [step["id"] for step in panel.view.steps][:1] == [own.id]
    panel.view.hear({"kind": "cancel", "seq": 1})
    go.touch()
    thread.join()
    running.join()
    other.close()
    assert session.execution(own.id).state == "cancelled"
    assert [run.state for run in ended] == ["succeeded"]


def test_what_was_refused_is_no_run(session: hl.Session) -> None:
    """Nothing was recorded of it, and there is nothing to cancel."""
    panel = Launch("predict_again", session, live=False)
    panel.give("model", "measurements@1")
    thread = panel.launch()
    assert thread is not None
    thread.join()
    panel.view.hear({"kind": "cancel", "seq": 1})
    assert (panel.view.trouble, panel.view.steps) == ("", [])


def test_a_failure_is_told_with_its_traceback_as_text(session: hl.Session) -> None:
    """What a person raised is no markup; the form is there to try again."""

    @hl.task
    def fails(word: str = EVIL) -> int:
        raise ValueError(word)

    panel = Launch(fails, session)
    run = _ran(panel)
    assert (run.state, panel.view.failed) == ("failed", True)
    assert until(lambda: "Traceback" in panel.twin())
    assert "<img" not in panel.twin()
    assert (panel.view.busy, panel.view.steps[0]["state"]) == ("", "failed")


def test_a_target_is_chosen_by_name(session: hl.Session) -> None:
    """In the Explorer a plan's; a name that is none leaves the form as it was."""
    explorer = Explorer("", session)
    panel = explorer.launch
    assert panel.view.chooses
    panel.refresh()
    assert panel.view.targets == ["predict_again", "retrain"]
    panel.view.hear({"kind": "target", "text": "retrian", "seq": 1})
    assert "Did you mean 'retrain'" in panel.view.trouble
    panel.view.hear({"kind": "target", "text": "retrain", "seq": 2})
    assert (panel.view.trouble, panel.view.title) == ("", "workflow research, by plan retrain")
    _given(panel, frame="")
    _ran_here = panel.view.given
    panel.view.hear({"kind": "target", "text": "  ", "seq": 3})
    assert "Write the name" in panel.view.trouble
    assert panel.view.given == _ran_here
    explorer.close()
    with pytest.raises(TargetNotFound, match="Did you mean 'retrain'"):
        Launch("retrian", session)


def test_in_the_explorer_runs_and_versions_open_in_their_tabs(session: hl.Session) -> None:
    """A click on a step is followed by Executions, on what was made by Overview."""
    explorer = Explorer("", session)
    panel = explorer.launch
    explorer.tabs.selected_index = explorer.panels.index(panel)
    panel.choose("predict_again")
    run = _ran(panel)
    panel.view.hear({"kind": "open", "id": run.id, "seq": 1})
    assert explorer.panels[explorer.tabs.selected_index] is explorer.runs
    assert explorer.runs.view.selected == run.id
    panel.view.hear({"kind": "see", "ref": panel.view.made[0][0], "seq": 2})
    assert explorer.panels[explorer.tabs.selected_index] is explorer.overview
    assert explorer.selected.label == "prediction@3"
    explorer.close()


def test_what_a_plan_has_fixed_cannot_be_given(session: hl.Session) -> None:
    """It stands there, and says who decided it."""

    @hl.workflow
    def two(a: int, b: int = 2) -> None:
        pass

    hl.LaunchPlan.get_or_create(name="fixed", workflow=two, fixed_inputs={"a": 7})
    row = _rows(Launch("fixed", session))["a"]
    assert (row["fixed"], row["text"], row["hint"]) == (True, "7", "Fixed by the plan.")


def test_the_twin_is_the_form_without_script(session: hl.Session) -> None:
    """What a saved notebook shows, and what a terminal does."""
    bundle = Launch("predict_again", session)._repr_mimebundle_()
    assert "blessed_model@3, by blessed_model[blessed=true]" in bundle["text/plain"]
    assert "blessed_model@3" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
