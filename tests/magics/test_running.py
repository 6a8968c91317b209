"""An emitting cell runs as any cell does: its errors, its waiting, its output, its frame."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.frame import current_frame


def traceback_of(error: BaseException) -> str:
    """What IPython shows of an error, without colours."""
    render: Any = getattr(error, "_render_traceback_")  # noqa: B009 - the class has none
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(render()))


def test_a_traceback_is_the_users_own_with_the_cells_line_numbers(notebook: Any) -> None:
    """Only the user's frames are shown, and lines count from the cell's first one."""
    notebook.run("def divide(x):\n    return 1 / x")
    with pytest.raises(ZeroDivisionError) as raised:
        notebook.run("%%artifact total\n\nzero = 0\ndivide(zero)")

    shown = traceback_of(raised.value)
    assert "line 4" in shown
    assert "----> 4 divide(zero)" in shown
    assert "in divide(x)" in shown
    assert "magics" not in shown
    (execution,) = hl.executions(state="failed")
    assert execution.error is not None
    assert "magics" not in execution.error
    assert "divide(zero)" in execution.error


def test_a_syntax_error_is_found_before_the_magic_is_called(notebook: Any) -> None:
    """It is shown as in any cell, at its line in the cell, and nothing is recorded."""
    with pytest.raises(SyntaxError) as raised:
        notebook.run("%%artifact total\n\n1 +")

    assert raised.value.lineno == 3
    assert "SyntaxError" in notebook.text
    assert "magics" not in notebook.text
    assert hl.executions() == []


def test_a_body_waits_in_the_notebooks_own_loop(notebook: Any) -> None:
    """What a cell before it left running in the loop is there to be awaited."""
    notebook.run("import asyncio\nloop = asyncio.get_running_loop()\nawait asyncio.sleep(0)")
    notebook.run("%%artifact same\nawait asyncio.sleep(0)\nasyncio.get_running_loop() is loop")

    assert hl.pull("same") is True


def test_an_awaiting_body_reads_and_fails_as_any_other(notebook: Any) -> None:
    """Its reads are its edges, its error is the user's own and is recorded."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact double\nimport asyncio\nawait asyncio.sleep(0)\n2 * hl.pull('sales')")
    with pytest.raises(ZeroDivisionError) as raised:
        notebook.run("%%artifact double\nawait asyncio.sleep(0)\n1 / 0")

    producer = hl.current().producer(hl.get("double"))
    assert producer is not None
    assert [read.item for read in producer.all_reads()] == ["heirloom://default/sales@1"]
    assert "magics" not in traceback_of(raised.value)
    assert [each.name for each in hl.executions(state="failed")] == ["double"]


def test_the_last_expression_shows_as_ever(notebook: Any) -> None:
    """It is the cell's output above the line, and ``Out``; a semicolon silences it."""
    assert notebook.run("%%artifact total\n40 + 2") == 42
    assert notebook.names["_"] == 42
    assert "total@1" in notebook.notice

    assert notebook.run("%%artifact total\n43;") is None
    assert notebook.run("%%artifact total\nx = 44") is None
    assert hl.pull("total") == 44


def test_a_cell_that_runs_another_keeps_its_own_frame(notebook: Any) -> None:
    """What it reads after the inner cell is its own read, not the inner one's."""
    notebook.run("%%artifact a\n1")
    notebook.run("%%artifact b\n2")
    notebook.run(
        "get_ipython().run_cell('hl.pull(\"a\")')\nhl.pull('b')",
    )

    found = {
        name: [len(each.reads) for each in hl.current().consumers(hl.get(name))]
        for name in ("a", "b")
    }
    assert found == {"a": [1], "b": [1]}


def test_two_emissions_of_one_cell_are_two_versions(notebook: Any) -> None:
    """A cell that calls the magic twice emits twice; the second has its own place in it."""
    notebook.run(
        "for value in (1, 2):\n    get_ipython().run_cell_magic('artifact', 'total', str(value))"
    )

    versions = list(hl.search("name=total"))
    assert [hl.pull(version) for version in versions] == [2, 1]
    assert len({version.emission for version in versions}) == 2
    assert len({version.root_id for version in versions}) == 1


def test_a_task_that_outlives_its_cell_is_not_the_cells(notebook: Any) -> None:
    """A read of what a cell left running in the background does not belong to the cell."""
    notebook.run("%%artifact a\n1")
    notebook.run(
        "import asyncio\n"
        "async def later():\n"
        "    await gate.wait()\n"
        "    return hl.pull('a')\n"
        "gate = asyncio.Event()\n"
        "left = asyncio.get_running_loop().create_task(later())\n"
        "await asyncio.sleep(0)"
    )
    notebook.run("gate.set()\nvalue = await left")
    hl.current().pulls.flush()

    assert notebook.names["value"] == 1
    assert [each.kind for each in hl.current().consumers(hl.get("a"))] == ["session"]


def test_between_cells_no_frame_is_current(notebook: Any) -> None:
    """After a cell, also one that awaited or failed, nothing more is gathered for it."""
    notebook.run("1")
    assert current_frame() is None
    notebook.run("import asyncio\nawait asyncio.sleep(0)")
    assert current_frame() is None
    with pytest.raises(ZeroDivisionError):
        notebook.run("1 / 0")
    assert current_frame() is None


def test_unloading_takes_all_away(notebook: Any) -> None:
    """After ``%unload_ext`` no magic, hook, transformer or completion of ours is left."""
    shell = notebook.shell
    notebook.run("%unload_ext heirloom")

    assert shell.find_cell_magic("artifact") is None
    assert shell.find_line_magic("pull") is None
    assert shell.input_transformers_post == []
    assert shell.Completer.custom_matchers == []
    assert hl.Session.interactive is False
    handlers = logging.getLogger("heirloom.progress").handlers
    assert not [each for each in handlers if type(each).__module__ == "heirloom.waiting"]
    assert notebook.run("1 + 1") == 2
    notebook.run("%load_ext heirloom")


@pytest.mark.process
def test_activating_in_a_kernel_starts_its_reactor(
    notebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person's kernel runs what its plans are started by, and says so."""
    monkeypatch.delenv("HEIRLOOM_REACTOR")
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact double --from sales --on\n2 * sales")
    assert "this kernel's reactor runs it" in notebook.notice

    session = hl.current()
    assert session.reactor.status().here
    notebook.run("%%artifact sales\n20")
    hl.settle(timeout=60)
    assert hl.pull("double") == 40
    assert not session.reactor.stop().here


def test_without_autoawait_a_body_cannot_wait(notebook: Any) -> None:
    """Where the notebook does not await, ``await`` is a syntax error, as in any cell."""
    notebook.run("%autoawait off")
    with pytest.raises(SyntaxError, match="'await' outside"):
        notebook.run("%%artifact total\nawait go()\n1")

    assert hl.executions() == []
