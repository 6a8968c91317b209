"""Notebooks in kernels that were started before they were needed."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from tests.process.conftest import gone, until

import heirloom as hl
from heirloom.engine.kernel_run import KernelRun

pytestmark = pytest.mark.kernel

Write = Callable[..., Path]

TOLD = (
    "import os, psutil\nimport heirloom as hl\n"
    "hl.publish({'pid': os.getpid(), 'began': psutil.Process().create_time(),\n"
    "            'seen': 'seen' in globals(), 'name': os.environ['JPY_SESSION_NAME'],\n"
    "            'here': os.getcwd()}, 'told')\nseen = 1"
)
"""A cell that emits what it is told by its kernel."""


def kernels() -> list[psutil.Process]:
    """The kernels that are children of this process."""
    return [each for each in psutil.Process().children() if _is_kernel(each)]


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel_launcher" in " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        return False


def test_warm(write: Write) -> None:
    """The run is given a kernel that was there before it, and that nothing has run in."""
    hl.current()
    path = write("team", TOLD)
    notebook = hl.notebook_workflow(path, kernel="warm")
    seen = set()
    for _ in range(2):
        until(lambda: [each for each in kernels() if each.pid not in seen], "one stands ready")
        run = hl.run(notebook)
        told: Any = hl.pull("told")
        assert told["began"] < run.started_at.timestamp()
        assert (told["seen"], told["name"]) == (False, str(path))
        assert told["here"] == str(path.parent)
        assert hl.get("told").root_id == run.id
        assert told["pid"] not in seen
        seen.add(told["pid"])
    hl.current().close()
    assert kernels() == []


KEPT = """
import sys, time
import heirloom as hl
from heirloom.engine.kernel_run import KernelRun
hl.current()
hl.notebook_workflow(sys.argv[1], kernel="warm")
print("kept", flush=True)
time.sleep(600)
"""


@pytest.mark.process
def test_a_killed_process_leaves_none(write: Write) -> None:
    """A kernel that stands ready ends when the process that keeps it was killed."""
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEPT, write("team", "1")], stdout=subprocess.PIPE
    )
    assert keeper.stdout is not None
    assert keeper.stdout.readline() == b"kept\n"
    parent = psutil.Process(keeper.pid)
    until(parent.children, "one is started")
    (kernel,) = parent.children()
    until(lambda: len(kernel.open_files()) > 0 or kernel.num_threads() > 3, "it is up")
    os.kill(keeper.pid, signal.SIGKILL)
    keeper.wait()
    keeper.stdout.close()
    until(lambda: gone(kernel.pid), "the kernel ends")


@pytest.mark.process
def test_a_worker_keeps_one(write: Write) -> None:
    """A reactor's worker has a kernel ready for an active plan before the first event."""
    path = write("team", "n = 1\n" + TOLD)
    trigger = hl.OnArtifact(hl.Artifact("source"))
    plan = hl.LaunchPlan.get_or_create(
        "work", hl.notebook_workflow(path, kernel="warm"), trigger=trigger
    )
    plan.activate()
    session = hl.current()
    session.reactor.start()

    def standing() -> list[psutil.Process]:
        workers = map(psutil.Process, session.reactor.status().workers)
        return [kernel for worker in workers for kernel in worker.children()]

    until(lambda: len(standing()) == 2, "each worker keeps one")
    event = hl.publish(1, "source")
    until(lambda: hl.executions(plan="work", state="succeeded"), "the event's run ends")
    assert hl.pull("told")["began"] < event.created_at.timestamp()
    plan.deactivate()
    until(lambda: not standing(), "none is kept for a plan that is off")


def test_a_kernel_that_cannot_start(write: Write, tmp_path: Path) -> None:
    """It is told from a cell that raises, with what its process wrote; warm ones are no other."""
    place = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / "broken"
    place.mkdir(parents=True)
    argv = [sys.executable, "-c", "raise SystemExit('no such thing')"]
    spec = {"argv": argv, "display_name": "Broken", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec))
    path = write("team", "1", kernelspec={"name": "broken"})
    for kernel in ("fresh", "warm"):
        run = hl.run(hl.notebook_workflow(path, kernel=kernel), check=False)
        assert run.state == "failed"
        assert run.error == (
            "no such thing\nthe start of 'team.ipynb' lost its kernel: the process died"
        )


@pytest.mark.parametrize(
    "cell",
    [
        "import time\ntime.sleep(600)",
        "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass",
    ],
)
def test_timeout(write: Write, cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that takes too long is interrupted, and killed where its cell does not mind that."""
    monkeypatch.setattr("heirloom.engine.kernel_run._GRACE", 0.5)
    path = write("team", "print('first')", cell, "never = 1")
    run = hl.run(hl.notebook_workflow(path, timeout=1), check=False)
    assert run.state == "failed"
    assert run.error == "cell 2 of 'team.ipynb' ran into the timeout of 1 s"
    assert [cell.state for cell in hl.executed(run).cells] == ["ran", "stopped", "not run"]
    copy = hl.executed(run).notebook
    assert copy.cells[0].outputs[0].text == "first\n"
    assert copy.cells[2].execution_count is None


def test_a_timeout_that_did_not_come_keeps_nothing(write: Write) -> None:
    """A run that ended long before its timeout is not kept in memory until then."""
    path = write("team", "x = 1")
    assert hl.run(hl.notebook_workflow(path, timeout=3600)).state == "succeeded"
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, KernelRun)]
