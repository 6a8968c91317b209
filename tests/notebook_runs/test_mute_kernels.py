"""Kernels that start and say nothing: how long they are waited for, and what ends that."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.process.conftest import gone, until

import heirloom as hl
from heirloom.engine.kernel import Kind
from heirloom.engine.kernel_run import KernelRun, Stopped
from heirloom.engine.kernels import Kernels

from .conftest import Write

MUTE = {"kernelspec": {"name": "mute", "language": "R", "display_name": "Mute"}}
EACH = pytest.mark.parametrize("kernel", ["fresh", "warm"])


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pipe into which a mute kernel writes its process's number."""
    os.mkfifo(pipe := tmp_path / "begun")
    spec = tmp_path / "jupyter" / "kernels" / "mute"
    spec.mkdir(parents=True)
    argv = ["sh", "-c", f"echo $$ > {pipe}; exec sleep 1000"]
    (spec / "kernel.json").write_text(json.dumps({**MUTE["kernelspec"], "argv": argv}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return pipe


@pytest.fixture
def _interrupts_arrive() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_patience(write: Write, begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of any language is waited for so long; then its run has failed, and it ended."""
    monkeypatch.setattr("heirloom.engine.kernel._PATIENCE", 1.0)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(hl.run, write("team", "1", **MUTE), check=False)
        process = int(begun.read_text())
        ended = running.result(60)
    assert ended.state == "failed"
    assert str(ended.error).endswith(
        "Kernel 'mute' says nothing for 1 s. Choose another kernel for the notebook."
    )
    until(lambda: gone(process), "its process ends")


@EACH
def test_cancel(write: Write, begun: Path, kernel: str) -> None:
    """What is cancelled before its kernel is there does not wait for it."""
    book = hl.notebook_workflow(write("team", "1", **MUTE), kernel=kernel)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(hl.run, book, check=False)
        process = int(begun.read_text())
        until(lambda: hl.executions(name="team"), "its run is recorded")
        hl.cancel(hl.executions(name="team")[0])
        assert running.result(60).state == "cancelled"
    until(lambda: gone(process), "its process ends")


@EACH
@pytest.mark.usefixtures("_interrupts_arrive")
def test_interrupt(write: Write, begun: Path, kernel: str) -> None:
    """One interrupt of the caller ends the run, and with it the kernel that has not said a word."""

    def interrupt() -> int:
        process = int(begun.read_text())
        until(lambda: hl.executions(name="team", state="running"), "its run is recorded")
        os.kill(os.getpid(), signal.SIGINT)
        return process

    book = hl.notebook_workflow(write("team", "1", **MUTE), kernel=kernel)
    with ThreadPoolExecutor() as threads:
        interrupting = threads.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            hl.run(book)
        process = interrupting.result(60)
    (run,) = hl.executions(name="team")
    assert (run.state, run.error) == ("cancelled", "KeyboardInterrupt in the start of 'team.ipynb'")
    until(lambda: gone(process), "its process ends")


def test_an_interrupt_that_comes_first() -> None:
    """No kernel is started for a run that was interrupted before."""
    kernels = Kernels()
    run = KernelRun({}, print, interrupted=True)
    with pytest.raises(Stopped):
        kernels.submit(run._run(print, kernels, Kind("none", ".", ()), warm=False)).result(60)
    kernels.close()
