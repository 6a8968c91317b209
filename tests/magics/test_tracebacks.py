"""Tracebacks under a cell: the user's frames with their cells and arrows, and none of ours."""

from __future__ import annotations

import re
from typing import Any

import pytest

from heirloom.errors import TaskFailed

_TASK = "@hl.task\ndef divide(x: int) -> float:\n    return 1 / x"
_WORKFLOW = "@hl.workflow\ndef both(x: int = 0) -> float:\n    return divide(x=x)"
_BODY = "----> 3     return 1 / x"


def arrows(notebook: Any) -> list[str]:
    """The line that an arrow points at, of each frame that was shown under the last cell."""
    shown = re.sub(r"\x1b\[[0-9;]*m", "", notebook.text)
    assert "toolkit" not in shown
    assert "heirloom/" not in shown
    return [line for line in shown.splitlines() if line.startswith("--") and ">" in line]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("divide(x=0)", ["----> 1 divide(x=0)", _BODY]),
        ("both()", ["----> 1 both()", _BODY]),
        ("%%artifact total\ndivide(x=0)", ["----> 2 divide(x=0)", _BODY]),
        ("%%artifact total\nimport asyncio\nawait asyncio.sleep(0)\n1 / 0", ["----> 4 1 / 0"]),
        (
            "%%workflow broken(x: int)\n1 / 0\ndivide(x=x)",
            ["----> 1 @hl.workflow", "----> 3     1 / 0"],
        ),
        ("inner(x=0)", ["----> 1 inner(x=0)", "----> 4     return 1 / x"]),
    ],
)
def test_a_failing_cell_shows_the_users_frames(notebook: Any, cell: str, shown: list[str]) -> None:
    """A call, an emitting cell and a workflow that is traced: the call, then the body."""
    notebook.run(_TASK)
    notebook.run(_WORKFLOW)
    notebook.run("%%task inner(x: int)\nx = x + 0\n1 / x")
    with pytest.raises(ZeroDivisionError):
        notebook.run(cell)
    assert arrows(notebook) == shown


@pytest.mark.parametrize(
    ("cell", "call"),
    [
        ("hl.run(both)", "----> 1 hl.run(both)"),
        ("%run_workflow both --now", "----> 1 get_ipython().run_line_magic("),
    ],
)
def test_a_failing_run_is_our_one_line_below_the_body(notebook: Any, cell: str, call: str) -> None:
    """The user's error with its frame, then the line that ran it and what we say."""
    notebook.run(_TASK)
    notebook.run(_WORKFLOW)
    with pytest.raises(TaskFailed):
        notebook.run(cell)
    body, caller = arrows(notebook)
    assert body.endswith("return 1 / x")
    assert caller.startswith(call)
    assert notebook.text.rstrip().endswith(
        "workflow 'both' failed: ZeroDivisionError: division by zero"
    )


def test_all_frames_under_a_cell_on_request(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """``HEIRLOOM_TRACEBACKS=full`` shows what led to the cell as well."""
    monkeypatch.setenv("HEIRLOOM_TRACEBACKS", "full")
    with pytest.raises(ZeroDivisionError):
        notebook.run("%%artifact total\n1 / 0")
    assert "running.py" in notebook.text
