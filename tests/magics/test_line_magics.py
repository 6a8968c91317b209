"""The line magics, each the twin of a function."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import errors


@pytest.fixture
def team(notebook: Any) -> Any:
    """A notebook in which ``sales`` has two versions and a plan listens to it."""
    notebook.run("%%artifact sales[region=emea]\npd.DataFrame({'a': [1, 2]})")
    notebook.run("%%artifact forecast --from sales[region=emea] --on\nlen(sales)")
    return notebook


def test_pull_returns_or_binds(team: Any) -> None:
    """``%pull`` gives the value, as it was or as asked; with ``--as`` it binds it and says so."""
    assert len(team.run("%pull sales")) == 2
    assert team.run("%pull sales[region=emea]@1 --as mine") is None
    assert len(team.names["mine"]) == 2
    assert team.notice == "sales[region=emea]@1 pandas.DataFrame 2 rows · bound to mine"
    assert team.run("%pull sales --type arrow").num_rows == 2
    assert list(team.run("%pull forecast --frame").iloc[0]) == [2]


def test_looks_return_what_functions_return(team: Any) -> None:
    """``%artifact``, ``%artifacts`` and ``%lineage`` are ``get``, ``search`` and ``lineage``."""
    assert team.run("%artifact sales@1").ref == hl.get("sales@1").ref
    assert team.run("%artifacts name=sales").total == 1
    assert team.run("%lineage forecast --up all").centre == hl.get("forecast").ref


def test_why_is_why_or_diff(team: Any) -> None:
    """``%why REF`` is ``hl.why``; with another version it is ``hl.diff`` from that one."""
    team.run("%%artifact sales[region=emea]\npd.DataFrame({'a': [1, 2, 3]})")
    why = team.run("%why sales")
    assert why == hl.why("sales")
    assert why.reasons == ("the code changed (+1 -1 lines)",)
    assert team.run("%why sales@1 {'forecast'}") == hl.diff("forecast", "sales@1")


def test_trigger_lists_and_switches(team: Any) -> None:
    """``%trigger`` shows every plan with its last event, and throws switches."""
    assert "forecast" in repr(team.run("%trigger"))
    team.run("%trigger forecast off")
    assert not hl.plan("forecast").is_active
    hl.publish(9, "sales[region=emea]")
    *_, event = repr(team.run("%trigger forecast")).splitlines()[:3]
    assert event.split()[2:] == ["sales@2", "paused", "the", "plan", "is", "off"]
    team.run("%trigger forecast on")
    assert hl.plan("forecast").is_active


def test_trigger_says_what_becomes_of_what_was_missed(team: Any) -> None:
    """``%trigger PLAN on`` takes the version and ``--missed`` as ``plan.activate`` does."""
    team.run("%trigger forecast off")
    hl.publish(9, "sales[region=emea]")
    plan = team.run("%trigger forecast on --version 1 --missed newest")
    assert "1 event waited: 1 queued, 0 skipped" in plan.note
    with pytest.raises(errors.DeclarationError, match="Did you mean 'newest'"):
        team.run("%trigger forecast on --missed newst")


def test_trigger_previews(team: Any) -> None:
    """``%trigger PLAN preview`` is ``plan.preview``, of now and since a time."""
    assert [row.state for row in team.run("%trigger forecast preview")] == ["queued"]
    assert [row.state for row in team.run("%trigger forecast preview --since 1h")] == ["queued"]


@pytest.mark.parametrize("act", ["on", "approve", "review", "preview"])
def test_trigger_acts_on_the_version_that_it_names(team: Any, act: str) -> None:
    """``--version`` is never passed over: what was said of one version is not done to another."""
    with pytest.raises(errors.PlanNotFound, match="no version 9"):
        team.run(f"%trigger forecast {act} --version 9")


def test_trigger_backfills(team: Any) -> None:
    """``%trigger PLAN backfill`` is ``plan.backfill``, of a part of the past or of all."""
    hl.publish(1, "sales[region=emea]")
    team.run("%%task late(x: int) -> None\nNone")
    trigger = hl.OnArtifact(sales := hl.Artifact("sales"), {"x": sales})
    hl.LaunchPlan.get_or_create("late", team.names["late"], trigger=trigger).activate()
    line = "%trigger late backfill --since 1h --where region=emea"
    assert team.run(line).note.startswith("2 past versions: 2 queued")
    assert team.run("%trigger late backfill").note.startswith("2 past versions: nothing to do")


def test_heirloom_says_where_it_records(team: Any) -> None:
    """``%heirloom`` names the home and counts what is there."""
    shown = repr(team.run("%heirloom"))
    assert str(hl.current().home) in shown
    assert "reactors" in shown


def test_heirloom_update_moves_a_lock(
    team: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``%heirloom update`` is ``hl.update_lock``: of a path, or of this very notebook."""
    source = "import heirloom as hl\nx: hl.Ref = hl.ref('sales')"
    tagged = {"tags": ["parameters"]}
    cell = {"id": "c", "cell_type": "code", "source": source, "metadata": tagged, "outputs": []}
    path = tmp_path / "book.ipynb"
    doc = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    path.write_text(json.dumps(doc | {"cells": [cell | {"execution_count": None}]}))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(errors.DeclarationError, match="%heirloom update PATH"):
        team.run("%heirloom update")
    assert team.run(f"%heirloom update {path}").changed == ("x",)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert team.run("%heirloom update").changed == ()


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("%pull sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
        ("%pull sales[region=apac]", errors.Unmet, "No version meets"),
        ("%artifact sales@9", errors.VersionNotFound, "sales@9"),
        ("%why sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
        ("%why", errors.DeclarationError, "REF"),
        ("%artifacts region=", errors.RefError, "▸"),
        ("%trigger forecas off", errors.PlanNotFound, "Did you mean 'forecast'"),
        ("%lineage forecast --up some", errors.DeclarationError, "number of hops"),
    ],
)
def test_bad_lines_are_one_line(team: Any, line: str, error: type[Exception], says: str) -> None:
    """Each error says what, and what is nearest."""
    with pytest.raises(error, match=says) as raised:
        team.run(line)
    assert "\n" not in str(raised.value)


def _report() -> Any:
    latest = hl.Artifact("sales").query()

    @hl.task
    def count(frame: Any, times: int) -> int:
        return len(frame) * times

    @hl.workflow
    def report(times: int = 3, frame: Any = latest) -> Any:
        return count(frame=frame, times=times)

    return report


def test_run_workflow_shows_the_form_or_runs(team: Any) -> None:
    """With no values it shows what the workflow takes; with any, or ``--now``, it runs."""
    team.names["report"] = _report()
    before = len(hl.executions())
    form = team.run("%run_workflow report")
    assert [field.name for field in form.fields] == ["times", "frame"]
    shown = form._repr_mimebundle_()
    assert "sales@1, by sales" in shown["text/plain"]
    assert "<td" in shown["text/html"]
    assert len(hl.executions()) == before
    run = team.run("%run_workflow report --now")
    assert (run.kind, run.outputs["o0"]) == ("workflow", 6)
    hl.publish([1], "sales[region=apac]")
    run = team.run("%run_workflow report -p times={1 + 1} --from frame=sales[region=emea]")
    assert run.outputs["o0"] == 4


def test_run_workflow_is_a_panel_in_a_kernel_that_has_it(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form to be filled in; where no panel is installed, the form as a table."""
    team.names["report"] = _report()
    monkeypatch.setattr(team.shell, "kernel", object(), raising=False)
    monkeypatch.setattr("heirloom.magics.line.entry_points", lambda **_: ())
    assert "sales@1, by sales" in repr(team.run("%run_workflow report").listing)
    point = EntryPoint("launch", "heirloom_widgets:Launch", "heirloom.panels")
    monkeypatch.setattr("heirloom.magics.line.entry_points", lambda **_: (point,))
    panel = team.run("%run_workflow report")
    assert [field["name"] for field in panel.view.fields] == ["times", "frame"]
    assert "sales@1, by sales" in panel.text()
    panel.close()


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("report -p time=3", errors.InputError, "Did you mean 'times'"),
        ("report -p times", errors.InputError, "name=value"),
        ("report -p times=many", errors.InputError, "takes int"),
        ("report --locked", errors.InputError, "runs a notebook by the lock beside it"),
        ("report --from frame=sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
        ("forecas", errors.TargetNotFound, "Did you mean 'forecast'"),
        ("", errors.DeclarationError, "NAME"),
    ],
)
def test_run_workflow_refuses(team: Any, line: str, error: type[Exception], says: str) -> None:
    """A wrong name, value or ref is one line, and nothing runs."""
    team.names["report"] = _report()
    before = len(hl.executions())
    with pytest.raises(error, match=says) as raised:
        team.run(f"%run_workflow {line}")
    assert "\n" not in str(raised.value)
    assert len(hl.executions()) == before


def test_loading_twice_is_loading_once(notebook: Any) -> None:
    """``%load_ext`` and ``%reload_ext`` leave one set of hooks."""
    notebook.run("%reload_ext heirloom")
    hl.load_ipython_extension(notebook.shell)
    notebook.run("%%artifact total\n42")

    assert len(notebook.shell.input_transformers_post) == 1
    assert len(notebook.shell.Completer.custom_matchers) == 1
    assert hl.search("").total == 1
    assert len(hl.executions()) == 1


def test_loading_opens_no_session() -> None:
    """The extension alone makes no home."""
    from heirloom.declare.port import open_port

    assert open_port() is None
