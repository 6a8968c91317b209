"""The log of a run: its tasks as a tree, and what they printed."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.printed import printed
from heirloom.errors import ExecutionNotFound

TEAM = """
    @hl.task(cache=True)
    def say(text: str) -> int:
        print("said", text)
        return len(text)

    @hl.task
    def shout() -> int:
        print("LOUD " * 2000)
        return 1

    @hl.task(retries=1)
    def fail(at: int) -> int:
        print("<b>before</b>")
        raise ValueError(at)

    @hl.workflow
    def inner():
        return shout()

    @hl.workflow
    def flow():
        hl.map_task(say)(text=["a", "bc"])
        inner()
        fail(at=1)
"""


def test_a_run_as_a_tree(load: Any) -> None:
    """Each execution below what called it, with its state, its tries, and what came of a cache."""
    team = load(TEAM)
    team.say(text="a")
    failed = hl.run(team.flow, check=False)
    log = hl.log(failed)
    assert [(row[0], row[1], row[3]) for row in log.table()] == [
        ("workflow flow", "failed", ""),
        ("  map say", "succeeded", ""),
        ("    task say", "cached", ""),
        ("    task say", "succeeded", ""),
        ("  workflow inner", "succeeded", ""),
        ("    task shout", "succeeded", ""),
        ("  task fail", "failed", "2"),
    ]
    assert log.steps[0].execution.id == failed.id
    assert all(float(row[2]) >= 0 for row in log.table())


def test_what_was_printed(load: Any) -> None:
    """Of one execution its text, short or long; of several, each under its name."""
    team = load(TEAM)
    failed = hl.run(team.flow, check=False)
    steps = {step.execution.name: step.execution for step in hl.log(failed).steps}
    assert hl.log(steps["shout"].id[:12]).printed == "LOUD " * 2000 + "\n"
    assert steps["shout"].log is not None
    told = hl.log(failed).printed
    assert f"--- shout {steps['shout'].id}\nLOUD LOUD" in told
    assert told.index("said a") < told.index("said bc") < told.index("LOUD") < told.index("before")
    assert "--- try 2 ---" in told


def test_a_log_in_a_notebook(load: Any) -> None:
    """A table and the end of what was printed, escaped; so does an execution show its own."""
    failed = hl.run(load(TEAM).flow, check=False)
    shown = hl.log(failed)._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;before" in shown
    assert "<b>before" not in shown
    own: Any = hl.executions(name="fail")[0]
    assert "&lt;b&gt;before" in own._repr_mimebundle_()["text/html"]


def test_a_stream_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """While bodies run, a terminal is one, and whatever is written to it is kept, too."""

    class Terminal(io.StringIO):
        encoding = "koi8-r"

        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return 7

    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    with printed() as lines:
        assert sys.stdout is not stream
        assert sys.stdout.isatty()
        assert (sys.stdout.fileno(), sys.stdout.encoding) == (7, "koi8-r")
        sys.stdout.writelines(["one\n", "two\n"])
        print("three", flush=True)
    assert sys.stdout is stream
    assert lines.text == stream.getvalue() == "one\ntwo\nthree\n"


def test_no_such_run() -> None:
    """An id that is none is refused."""
    with pytest.raises(ExecutionNotFound, match="nothing"):
        hl.log("nothing")
