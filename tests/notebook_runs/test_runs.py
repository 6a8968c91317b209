"""Notebooks run in real kernels: what is recorded of them, and how they end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import heirloom as hl
from heirloom import watching
from heirloom.engine.hooks import show_with
from heirloom.engine.progress import Step
from heirloom.errors import NotebookFailed, NotFound

pytestmark = pytest.mark.kernel

Write = Callable[..., Path]
PUBLISHES = "import heirloom as hl\nhl.publish(1, 'made')"


def shown(notebook: Any, cell: str) -> str:
    """What a cell of an executed copy shows as its value, or printed."""
    (found,) = [each for each in notebook.cells if each.id == cell]
    outputs = [out.get("text") or out.get("data", {}).get("text/plain") for out in found.outputs]
    return "".join(filter(None, outputs)).strip()


@pytest.fixture
def shown_again() -> Iterator[None]:
    """Runs are shown as ever, whatever the test puts there."""
    yield
    show_with(watching.watch)


def test_run(write: Write, tmp_path: Path, shown_again: None) -> None:
    """Parameters go in, artifacts come out, and all of it belongs to the run's execution."""
    hl.publish({"total": 20}, "sales")
    hl.publish({"total": 0}, "sales")
    path = write(
        "team",
        (
            "import heirloom as hl\n"
            "import numpy as np\n"
            "n: int = 1\n"
            "data: dict = hl.ref('sales')\n"
            "array: np.ndarray = None",
            "parameters",
        ),
        "from pathlib import Path\nPath('here.txt').write_text('here')",
        "%%artifact double\ndata['total'] * n",
        "get_ipython().get_parent()['metadata']['heirloom']",
        "int(array.sum())",
        ("1 / 0", "raises-exception"),
        ("unheard", "skip-execution"),
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"},
    )
    seen: list[Step] = []
    show_with(lambda name: nullcontext(seen.append))
    run = hl.run(path, n=2, data=hl.get("sales@1"), array=np.arange(4))

    assert (run.kind, run.name, run.state) == ("notebook", "team", "succeeded")
    inputs: Any = run.inputs
    outputs: Any = run.outputs
    assert (inputs["n"], inputs["data"].ref) == (2, "heirloom://default/sales@1")
    assert {name: version.ref for name, version in outputs.items()} == {
        "double": "heirloom://default/double@1"
    }
    assert hl.pull("double") == 40
    assert (tmp_path / "here.txt").read_text() == "here"

    emitted = hl.get("double")
    made_by = hl.execution(emitted.execution_id)
    assert (emitted.root_id, emitted.path) == (run.id, "/c2")
    assert (made_by.kind, made_by.parent_id) == ("cell", run.id)

    readers = {each.path: each for each in hl.current().consumers(hl.get("sales@1"))}
    assert set(readers) == {"", "/heirloom-inputs", "/c2"}
    assert readers["/heirloom-inputs"].parent_id == run.id
    assert hl.current().consumers(hl.get("sales@2")) == []

    copy = hl.executed(run).notebook
    note = eval(shown(copy, "c3"))
    assert note == {
        "execution_id": run.id,
        "root_id": run.id,
        "path": "",
        "attempt": 1,
        "again": False,
        "depth": 0,
        "chain": run.chain,
        "fenced": note["fenced"],
        "cell": "c3",
        "notebook": str(path),
        "home": str(hl.current().home),
    }
    assert shown(copy, "c4") == "6"
    assert copy.cells[6].outputs[0].ename == "ZeroDivisionError"
    assert copy.cells[7].execution_count is None
    assert copy.cells[1].metadata.tags == ["injected-parameters"]
    assert copy.metadata.heirloom.execution_id == run.id
    assert copy.metadata.heirloom.inputs.data.item == "heirloom://default/sales@1"
    cells = ["c0", "heirloom-inputs", "c1", "c2", "c3", "c4", "c5"]
    steps = [(step.path, step.name, step.state) for step in seen]
    assert steps[: len(cells)] == [(f"/{cell}", "team", "queued") for cell in cells]
    pairs = [(f"/{cell}", state) for cell in cells for state in ("running", "succeeded")]
    assert steps[len(cells) :] == [(path, "team", state) for path, state in pairs]


def test_the_latest_of_each(write: Write) -> None:
    """A parameter that asks for a version of each region is the list of their frames."""
    for value, region in ((1, "emea"), (10, "apac"), (2, "emea")):
        hl.publish(pd.DataFrame({"n": [value] * 1000}), f"sales[region={region}]")
    path = write(
        "each",
        (
            "import heirloom as hl\nimport pandas as pd\n"
            "parts: list[pd.DataFrame] = hl.Artifact('sales').query().per('region')",
            "parameters",
        ),
        "%%artifact total\nsum(int(part.n.iloc[0]) for part in parts)",
    )
    run = hl.run(path)
    assert hl.pull("total") == 12
    reads = [read.item for read in hl.execution(run.id).reads]
    assert reads == [hl.get("sales@3").ref, hl.get("sales@2").ref]


def test_failing_cell(write: Write) -> None:
    """A cell that raises ends the run as failed, with its own traceback; what it did is kept."""
    path = write(
        "team",
        ("n = 1", "parameters"),
        "import heirloom as hl\nhl.publish(n, 'kept')",
        "def broken():\n    raise ValueError('no\\nsense')\nbroken()",
        "hl.publish(2, 'never')",
    )
    with pytest.raises(
        NotebookFailed, match=r"^cell 3 of 'team\.ipynb' raised ValueError: no$"
    ) as e:
        hl.run(path)
    failed = e.value
    assert (failed.path, failed.cell_index) == (str(path), 2)
    assert (failed.ename, failed.evalue) == ("ValueError", "no\nsense")
    assert type(failed.__cause__).__name__ == "CellExecutionError"

    run = failed.execution
    assert run == hl.execution(run.id)
    assert run.state == "failed"
    assert run.error.startswith("-----")
    assert "in broken()" in run.error
    assert run.error.endswith("ValueError: no\nsense\n\n" + str(failed))
    assert "\x1b" not in run.error
    assert "nbclient" not in run.error
    *cells, line = "\n".join(failed._render_traceback_()).splitlines()
    assert line == f"NotebookFailed: {failed}"
    assert cells == [*run.error.splitlines()[:-1]]
    assert hl.get("kept").root_id == run.id

    copy = hl.executed(run).notebook
    assert copy.cells[3].outputs[0].ename == "ValueError"
    assert copy.cells[4].outputs == []


def test_triggered(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a plan it runs the text that was recorded, with the version that fired.

    Its directory is gone by then, so it runs where the session is.
    """
    path = write(
        "gone/team",
        ("import heirloom as hl\ndata: dict = hl.ref('sales')\nname = 'double'", "parameters"),
        "import os\nhl.publish(data['total'] * 2, name)\nos.getcwd()",
    )
    sales = hl.Artifact("sales")
    plan = hl.LaunchPlan.get_or_create(
        "on_sales",
        hl.notebook_workflow(path),
        trigger=hl.OnArtifact(trigger_on=sales, inputs={"data": sales}),
        fixed_inputs={"name": "twice"},
    )
    plan.activate()
    shutil.rmtree(path.parent)
    monkeypatch.chdir(tmp_path)
    fired = hl.publish({"total": 21}, "sales")
    (run,) = hl.settle().done

    assert (run.state, run.kind, run.plan) == ("succeeded", "notebook", "on_sales")
    assert run.triggered_by == (fired.ref,)
    made = hl.get("twice")
    assert (hl.pull(made), made.root_id) == (42, run.id)
    (row,) = hl.ledger("on_sales")
    assert row.execution_id == run.id
    reads = hl.current().catalog.view().consumers(fired.ref)
    assert (run.id, "data", "trigger") in [(e.id, read.input, read.how) for e, read in reads]
    assert shown(hl.executed(run).notebook, "c1") == repr(str(tmp_path))


def test_triggered_by_a_window(write: Write) -> None:
    """A plan that brings a week together gives its notebook the list of that week's values."""
    path = write(
        "weekly", ("days = []", "parameters"), "%load_ext heirloom", "%%artifact total\nsum(days)"
    )
    visits = hl.Artifact("visits", time_partitioned=True)
    trigger = hl.OnArtifact(visits, {"days": visits}, window="week")
    weekly = hl.notebook_workflow(path)
    hl.LaunchPlan.get_or_create("weekly", weekly, trigger=trigger, auto_activate=True)
    for day in range(5, 12):
        hl.publish(day, "visits", time_partition=datetime(2026, 1, day, tzinfo=UTC))
    (run,) = hl.settle().done

    assert (run.state, run.kind, len(run.triggered_by)) == ("succeeded", "notebook", 7)
    assert run.inputs["days"] == [5, 6, 7, 8, 9, 10, 11]
    assert hl.pull("total") == 56


def test_a_reactive_cell_of_a_run_wins_over_nobody(write: Write) -> None:
    """A reactive cell inside a run says that it stays off where a person switched it off."""
    hl.publish(1, "sales")
    cells = "%load_ext heirloom", "%%artifact forecast --from sales --on\nsales + 1"
    path = write("team", *cells)
    hl.run(path)
    assert hl.plan("forecast").is_active
    off = hl.plan("forecast").deactivate()
    (line,) = [
        text
        for cell in hl.executed(hl.run(path)).notebook.cells
        for out in cell.outputs
        if "again on" in (text := out.get("data", {}).get("text/plain", ""))
    ]
    assert "does not run again on sales (a person (" in line
    assert hl.plan("forecast").is_active is off.is_active is False


def test_interrupt(write: Write) -> None:
    """An interrupt of the caller reaches the cell that runs; the run is recorded as cancelled."""
    path = write(
        "team",
        "import os, signal, time\nprint('working')\n"
        "os.kill(os.getppid(), signal.SIGINT)\nfor _ in range(600):\n    time.sleep(0.1)",
        "never = 1",
    )
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        hl.run(path)
    assert signal.getsignal(signal.SIGINT) is before
    (run,) = hl.executions(name="team")
    assert run.state == "cancelled"
    assert run.error == "KeyboardInterrupt in cell 1 of 'team.ipynb'"
    assert [cell.state for cell in hl.executed(run).cells] == ["stopped", "not run"]
    copy = hl.executed(run).notebook
    assert copy.cells[0].outputs[0].text == "working\n"
    assert copy.cells[0].outputs[1].ename == "KeyboardInterrupt"
    assert copy.cells[1].execution_count is None


def test_cancel(write: Write, tmp_path: Path) -> None:
    """What another thread cancels is interrupted in its cell, and its kernel ends."""
    path = write("team", "open('begun', 'w').close()\nimport time\ntime.sleep(120)", "never = 1")
    os.mkfifo(tmp_path / "begun")
    with ThreadPoolExecutor() as threads:
        running = threads.submit(hl.run, path, check=False)
        (tmp_path / "begun").open().close()  # until the cell has it open, too
        (run,) = hl.executions(name="team")
        assert hl.cancel(run).state == "cancelled"
        ended = running.result(100)
    assert (ended.id, ended.state) == (run.id, "cancelled")
    assert str(ended.error).startswith("cancelled by ")
    assert [cell.state for cell in hl.executed(run.id).cells] == ["stopped", "not run"]


@pytest.mark.process
def test_cancelled_by_another_process(write: Write, tmp_path: Path) -> None:
    """The cells run on in vain: nothing more is recorded but the copy of what ran."""
    path = write("team", "open('begun', 'w').close()\nopen('go').close()", PUBLISHES)
    for name in ("begun", "go"):
        os.mkfifo(tmp_path / name)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(hl.run, path, check=False)
        (tmp_path / "begun").open().close()
        (run,) = hl.executions(name="team")
        subprocess.run([sys.executable, "-m", "heirloom", "cancel", run.id], check=True)
        (tmp_path / "go").open("w").close()
        ended = running.result(100)
    assert (ended.state, ended.attempt) == ("cancelled", 1)
    assert str(ended.error).startswith("cancelled by ")
    assert [cell.state for cell in hl.executed(run.id).cells] == ["ran", "failed"]
    assert "Fenced" in str(hl.executed(run.id).notebook.cells[1].outputs)
    assert hl.search().total == 0


def test_a_cancelled_run_that_is_resumed_keeps_the_copy_of_its_next_attempt(
    write: Write, tmp_path: Path
) -> None:
    """The copy of the first is in its place until then."""
    begin = "import os, time\nif not os.path.exists('again'):\n    open('begun', 'w').close()"
    path = write("team", f"{begin}\n    time.sleep(120)", "1 + 1")
    os.mkfifo(tmp_path / "begun")
    with ThreadPoolExecutor() as threads:
        running = threads.submit(hl.run, path, check=False)
        (tmp_path / "begun").open().close()
        (run,) = hl.executions(name="team")
        hl.cancel(run)
        running.result(100)
    (tmp_path / "again").touch()
    again = hl.resume(run.id)
    assert (again.state, again.attempt) == ("succeeded", 2)
    assert [cell.state for cell in hl.executed(again).cells] == ["ran", "ran"]


def test_dead_kernel(write: Write) -> None:
    """A kernel that dies is told from a cell that raises, with what its process last wrote."""
    path = write(
        "team",
        "import os",
        "os.write(1, b'before the end\\n')\nos._exit(3)",
        "never = 1",
    )
    run = hl.run(path, check=False)
    assert run.state == "failed"
    assert run.error is not None
    *rest, message = run.error.split("\n")
    assert message == "cell 2 of 'team.ipynb' lost its kernel: the process died"
    assert rest[-1] == "before the end"
    assert [cell.state for cell in hl.executed(run).cells] == ["ran", "stopped", "not run"]


def test_exit(write: Write) -> None:
    """A cell that leaves its kernel before the last one ends the run as failed."""
    run = hl.run(write("team", "exit()", "never = 1"), check=False)
    assert run.state == "failed"
    assert run.error == "cell 1 of 'team.ipynb' left its kernel before the notebook was done"


def test_no_copy() -> None:
    """An execution that is no notebook's has no executed copy, and says so."""
    made = hl.publish(1, "one")
    with pytest.raises(NotFound, match=r"\(publish, succeeded\) kept no notebook"):
        hl.executed(made.execution_id)
