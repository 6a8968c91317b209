"""Pull: into a name of the person's choice."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom_widgets.pull import Pull


@pytest.fixture
def names() -> dict[str, Any]:
    """The notebook's names."""
    return {}


@pytest.fixture
def pull(session: hl.Session, names: dict[str, Any]) -> Pull:
    """The form, offering a prediction."""
    form = Pull(session, lambda: names)
    form.show(session.get("prediction@2"))
    return form


def test_the_value_is_bound_under_the_chosen_name(pull: Pull, names: dict[str, Any]) -> None:
    """What is pulled can be used in the next cell, and the line that was run is shown."""
    pull.view.name = "mine"
    assert pull.view.code == 'mine = hl.pull("prediction@2")'
    pull.pull().join()
    assert list(names["mine"].columns) == ["radius", "texture", "says"]
    assert "mine is in this notebook: DataFrame of 8 rows and 3 columns" in pull.view.said
    assert (pull.view.busy, pull.view.failed) == ("", False)


def test_what_is_selected_meanwhile_is_not_what_was_asked_for(
    session: hl.Session, pull: Pull, names: dict[str, Any]
) -> None:
    """The line runs as it stood at the click, once, also where Enter is pressed again."""
    going, go_on = threading.Event(), threading.Event()
    slow = session.pull

    def waits(ref: str) -> Any:
        going.set()
        assert go_on.wait(30)
        return slow(ref)

    pull.session = SimpleNamespace(pull=waits, project=session.project)
    work = pull.pull()
    assert going.wait(30)
    pull.view.hear({"kind": "pull", "seq": 1})
    pull.show(session.get("measurements@1"))
    pull.view.frame = True
    go_on.set()
    work.join()
    assert names["prediction"].equals(session.pull("prediction@2"))
    assert list(names) == ["prediction"]


def test_the_line_that_is_shown_is_the_line_that_was_run(
    session: hl.Session, pull: Pull, names: dict[str, Any]
) -> None:
    """Copied into a cell, the line does what the button did."""
    pull.view.name, pull.view.frame = "mine", True
    pull.pull().join()
    copied: dict[str, Any] = {"hl": hl}
    exec(pull.view.code, copied)
    assert copied["mine"].equals(names["mine"])


def test_a_version_of_another_project_is_pulled_by_its_full_ref(session: hl.Session) -> None:
    """The line means the same version wherever it is read."""
    there = hl.Session(replace(session.settings, project="other"))
    form = Pull(session, dict)
    form.show(there.publish(7, "seven"))
    assert form.view.code == 'seven = hl.pull("heirloom://other/seven@1")'
    there.close()


def test_the_name_offered_is_the_last_word_of_the_artifact(session: hl.Session) -> None:
    """A name with dots and slashes gives a name that Python takes."""
    version = session.publish(7, "team/daily.sum-up")
    form = Pull(session, dict)
    form.show(version)
    assert form.view.name == "daily_sum_up"


def test_the_line_offered_is_that_of_the_version(session: hl.Session) -> None:
    """An artifact that is called like a word of Python's gives a line that runs."""
    form = Pull(session, dict)
    for name in ("class", "a/for"):
        form.show(version := session.publish(1, name))
        assert form.view.code == session.get(version).snippet
        exec(form.view.code, {"hl": session})


def test_any_table_can_be_pulled_as_a_frame(
    session: hl.Session, pull: Pull, names: dict[str, Any]
) -> None:
    """The choice beside the button is honoured."""
    pull.show(session.publish([{"a": 1}, {"a": 2}], "rows"))
    pull.view.frame = True
    pull.pull().join()
    assert isinstance(names["rows"], pd.DataFrame)
    assert pull.view.code == 'rows = hl.pull_frame("rows@1")'
    assert "<table" in pull.view.shown


def test_a_pull_is_a_read_and_a_look_is_not(session: hl.Session, pull: Pull) -> None:
    """Lineage knows who took the value, and nobody who only looked."""
    version = session.get("prediction@2")
    assert session.consumers(version) == []
    pull.pull().join()
    session.pulls.flush()
    assert [run.kind for run in session.consumers(version)] == ["session"]


def test_a_name_that_is_replaced_is_told(pull: Pull, names: dict[str, Any]) -> None:
    """Nobody loses a variable without a word."""
    names["prediction"] = 1
    pull.pull().join()
    assert "It replaced the prediction that was there." in pull.view.said


@pytest.mark.parametrize("name", ["two words", "class", "", "7up"])
def test_a_name_that_python_does_not_take_is_refused(
    pull: Pull, names: dict[str, Any], name: str
) -> None:
    """Bad input changes nothing and is said in one line."""
    pull.view.name = name
    pull.pull().join()
    assert "is no name for a variable" in pull.view.said
    assert names == {}


def test_a_payload_that_is_gone_is_said_beside_the_button(
    pull: Pull, names: dict[str, Any], team: Path
) -> None:
    """The panel outlives a damaged store."""
    for file in (team / "store").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            file.unlink()
    pull.pull().join()
    assert pull.view.failed
    assert names == {}
    assert pull.view.busy == ""


def test_without_a_notebook_the_reader_is_told_what_to_call(session: hl.Session) -> None:
    """A panel made in a script has no names to bind in."""
    form = Pull(session)
    form.show(session.get("prediction@2"))
    form.pull().join()
    assert "hl.pull(...)" in form.view.said
