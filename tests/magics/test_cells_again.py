"""A cell that was run by hand, run again: its code, its versions, its partitions, its edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import errors
from heirloom.records.executions import Execution


def emitted(notebook: Any, name: str) -> Execution:
    """What the catalog has of the newest cell that emitted `name`."""
    found = hl.current().catalog.view().execution(hl.get(name).execution_id)
    assert found is not None
    return found


def test_a_cell_by_hand_is_rerun(notebook: Any) -> None:
    """In a clean process, on the versions that it had: another version, linked to the first."""
    notebook.run("%%artifact sales[region=emea]\n10")
    notebook.run("factor = 2\ndef scaled(value): return value * factor")
    notebook.run(
        '%%artifact forecast[region=emea] --from sales[region=emea] --card "# It"\n'
        "import math\nresult = scaled(sales) + math.floor(0.5)"
    )
    first = emitted(notebook, "forecast")
    notebook.run("factor = 100\nsales = None")
    notebook.run("%%artifact sales[region=emea]\n50")

    again = hl.rerun(first.id)
    version: Any = again.outputs["o0"]
    assert (again.kind, again.name, again.rerun_of) == ("cell", "forecast", first.id)
    assert (version.version, version.partitions) == (2, {"region": "emea"})
    assert (hl.pull(version), version.card.text) == (20, "# It")
    assert again.inputs["sales"] == hl.get("sales@1")
    assert again.code_version == first.code_version


def test_with_the_latest_and_with_another_input(notebook: Any) -> None:
    """What ``--from`` names is asked for anew, a pinned version stays; overrides are inputs."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact rate\n3")
    notebook.run("%%artifact total --from sales --from r=rate@1\nsales * r")
    first = emitted(notebook, "total")
    notebook.run("%%artifact sales\n20")
    notebook.run("%%artifact rate\n7")

    assert hl.rerun(first.id, latest=True).outputs["o0"] == hl.get("total@2")
    assert hl.pull("total@2") == 60
    hl.rerun(first.id, r=hl.get("rate"))
    assert hl.pull("total@3") == 70
    with pytest.raises(errors.InputError, match="'total' has no input 'rate'"):
        hl.rerun(first.id, rate=1)


def test_edges_of_what_stands_in_the_code(notebook: Any) -> None:
    """A constant that came from a version has its edge in the run again, too."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact rate\n10")
    notebook.run('n = hl.pull("sales")')
    notebook.run('m = hl.pull("rate") + 1')
    notebook.run("%%artifact total\nn * m")
    first = emitted(notebook, "total")
    again = hl.rerun(first.id)
    assert hl.pull("total@2") == 110
    second = emitted(notebook, "total")
    assert second.id == again.id
    assert {read.how for read in first.reads} == {"free-variable", "derived"}
    assert second.reads == first.reads


@pytest.mark.parametrize(
    ("cell", "error", "why"),
    [
        ("frame.sum()", errors.NotPortable, "'frame'.*bring it with --from frame=REF"),
        ("total = total + 1", errors.NotSupported, "reads 'total' before it assigns it"),
        ("await asyncio.sleep(0)\n1", errors.NotSupported, "cannot be a function"),
    ],
)
def test_what_cannot_run_again(notebook: Any, cell: str, error: Any, why: str) -> None:
    """A cell among names that are gone is refused with the reason, and nothing is recorded."""
    notebook.run("import asyncio\ntotal = 1\nframe = pd.Series([1.0, 2.0])")
    notebook.run(f"%%artifact made\n{cell}")
    made = emitted(notebook, "made")
    for again in (hl.current().again.target, hl.rerun):
        with pytest.raises(error, match=why):
            again(made.id)
    assert len(hl.executions()) == 1


def test_a_cell_that_emits_nothing(notebook: Any) -> None:
    """It has nothing to make again; the line says what else can."""
    notebook.run("%%artifact sales\n10")
    notebook.run('n = hl.pull("sales")')
    with pytest.raises(errors.NotSupported, match=r"emits nothing.*hl\.executions\(parent="):
        hl.rerun(hl.executions()[0])


def test_a_failed_cell_is_rerun_and_resumed(notebook: Any, tmp_path: Path) -> None:
    """Its code is recorded, however it ended; resumed, it is the same run and emits once."""
    gate = tmp_path / "gate"
    notebook.run("%%artifact sales\n4")
    notebook.run("%%artifact rate\n2")
    notebook.run('one = hl.pull("rate") - 1')
    with pytest.raises(FileNotFoundError):
        notebook.run(
            "%%artifact share[region=emea] --from sales\n"
            f"len(open({str(gate)!r}).read()) * one / sales"
        )
    (failed, *_) = hl.executions()
    gate.write_text("x")
    assert hl.rerun(failed, sales=2).state == "succeeded"
    assert hl.pull("share[region=emea]") == 0.5
    resumed = hl.resume(failed)
    assert (resumed.id, resumed.attempt, resumed.state) == (failed.id, 2, "succeeded")
    assert hl.pull("share[region=emea]@2") == 0.25
    assert resumed.inputs == {"sales": hl.get("sales")}
    for version in hl.search("name=share"):
        made = hl.current().catalog.view().execution(version.execution_id)
        assert made is not None
        assert hl.get("rate").ref in {read.item for read in made.all_reads()}


TEAM = """
import os

@hl.task
def double(x: int) -> int:
    return 2 * x

@hl.task
def gated(x: int, gate: str) -> int:
    if not os.path.exists(gate):
        raise FileNotFoundError(gate)
    return x + 1

@hl.workflow
def flow(x: int, gate: str) -> int:
    return gated(x=double(x=x), gate=gate)
"""


def test_what_a_cell_called_is_resumed(notebook: Any, tmp_path: Path) -> None:
    """It is a run of its own inside the cell, however the cell itself ended."""
    gate = tmp_path / "gate"
    notebook.run(TEAM)
    notebook.run(f"failed = hl.run(flow, x=3, gate={str(gate)!r}, check=False)")
    failed = notebook.names["failed"]
    with pytest.raises(errors.TaskFailed):
        notebook.run(f"hl.run(flow, x=4, gate={str(gate)!r})")
    raised = next(run for run in hl.executions(name="flow") if run.id != failed.id)
    gate.touch()

    notebook.run("again = hl.resume(failed)")
    again = notebook.names["again"]
    assert (again.id, again.attempt, again.outputs) == (failed.id, 2, {"o0": 7})
    assert hl.execution(failed.parent_id).kind == "cell"
    ran = [(run.name, run.attempt) for run in hl.executions(root=failed.id)]
    assert sorted(ran) == [("double", 1), ("flow", 2), ("gated", 1), ("gated", 2)]
    assert hl.resume(raised).outputs == {"o0": 9}
    assert "gated" in str(hl.log(failed.parent_id))
