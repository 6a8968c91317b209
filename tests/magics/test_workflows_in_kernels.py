"""Workflows in a real kernel: interrupted from its front end, and failing in other processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

import heirloom as hl

pytestmark = pytest.mark.kernel

TEAM = """
%load_ext heirloom
import heirloom as hl, logging, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

made = hl.Artifact("made")

@hl.task
def first() -> Annotated[int, made]: return 1

@hl.task
def waits(n: int, place: str) -> Annotated[int, made]:
    print("waiting", n)
    logging.getLogger("team").warning("still %d", n)
    Path(place, f"{n}.began").touch()
    until = time.monotonic() + 60
    while time.monotonic() < until and not Path(place, "over").exists():
        time.sleep(0.01)
    return n

@hl.workflow
def flow(place: str):
    n = first()
    return [waits(n=n, place=place), waits(n=2, place=place)]

class Odd(Exception):
    def __str__(self): return f"odd: {self.args[0]}"

class Strict(Exception):
    def __init__(self, left, right): super().__init__(f"{left} is not {right}")

@hl.task
def odd(x: int) -> int:
    print("before")
    raise Odd(x)

@hl.task
def strict() -> int: raise Strict("left", "right")
"""


class Kernel:
    """One that a person works in."""

    def __init__(self) -> None:
        started: Any = start_new_kernel()
        self.manager, self.client = started

    def begin(self, cell: str) -> str:
        """Send a cell off; an error takes none of the next with it."""
        sent: str = self.client.execute(cell, stop_on_error=False)
        return sent

    def end(self, message: str) -> dict[str, Any]:
        """Wait for what came of it."""
        while True:
            reply = self.client.get_shell_msg(timeout=60)
            if reply["parent_header"]["msg_id"] == message:
                content: dict[str, Any] = reply["content"]
                return content

    def run(self, cell: str) -> dict[str, Any]:
        """Both."""
        return self.end(self.begin(cell))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel that imports the package that the tests import, with the team's cells run."""
    monkeypatch.setenv("PYTHONPATH", str(Path(hl.__file__).parents[1]), prepend=os.pathsep)
    kernel = Kernel()
    try:
        assert kernel.run(TEAM)["status"] == "ok"
        yield kernel
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(("executor", "at_once"), [("None", 1), ("ThreadPoolExecutor(2)", 2)])
def test_kernel_interrupt(kernel: Kernel, executor: str, at_once: int, tmp_path: Path) -> None:
    """What runs is cancelled with what it said, what ended stays, and the kernel goes on."""
    kernel.run(f"hl.connect(executor={executor})")
    run = kernel.begin(f"hl.run(flow, place={str(tmp_path)!r})")
    while len(list(tmp_path.glob("*.began"))) < at_once:
        time.sleep(0.01)
    kernel.manager.interrupt_kernel()
    ended = kernel.end(run)
    (tmp_path / "over").touch()
    assert (ended["status"], ended["ename"]) == ("error", "KeyboardInterrupt")

    every = [each for each in hl.executions() if each.kind != "cell"]
    assert {each.name: each.state for each in every} == {
        "flow": "cancelled",
        "first": "succeeded",
        "waits": "cancelled",
    }
    cancelled = [each for each in every if each.name == "waits"]
    assert len(cancelled) == at_once
    for each in cancelled:
        assert "KeyboardInterrupt" in (each.error or "")
        assert [line.split()[0] for line in each.printed.splitlines()] == ["waiting", "still"]
    assert hl.search().total == 1
    assert kernel.run("assert hl.run(first).state == 'succeeded'")["status"] == "ok"


def test_errors_of_the_notebook_come_back_from_processes(kernel: Kernel) -> None:
    """As themselves where they can, so that they can be caught; else in words. So the records."""
    kernel.run(
        "pool = ProcessPoolExecutor(1, mp_context=get_context('spawn'))\nhl.connect(executor=pool)"
    )
    caught = kernel.run("try: odd(x=3)\nexcept Odd as error: assert str(error) == 'odd: 3'")
    assert caught["status"] == "ok"
    told = kernel.run("strict()")
    kernel.run("pool.shutdown()")
    assert (told["ename"], told["evalue"]) == ("RuntimeError", "Strict: left is not right")
    records = {each.name: each for each in hl.executions() if each.kind == "task"}
    assert {name: (each.error or "").splitlines()[-1] for name, each in records.items()} == {
        "odd": "Odd: odd: 3",
        "strict": "Strict: left is not right",
    }
    assert 'raise Strict("left", "right")' in (records["strict"].error or "")
    assert records["odd"].printed == "before\n"
