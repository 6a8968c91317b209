"""Code on its way to where bodies run: once to each process, and again where it is not known."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine import packed
from heirloom.engine.packed import Packed, unpacked
from heirloom.errors import NotPortable

TEAM = """
    @hl.task
    def add(x: int) -> int:
        return x + 1

    @hl.task
    def times(x: int) -> int:
        return x * 2
"""


class Process(Executor):
    """Another process, as far as its calls are concerned: by value, and with what it knows."""

    def __init__(self) -> None:
        self.came: list[Packed] = []
        self.known: dict[str, Any] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call, all that the process has seen before being known."""
        (job,) = pickle.loads(pickle.dumps(args))
        self.came.append(job.code)
        packed._REBUILT = self.known
        future: Future[Any] = Future()
        future.set_result(fn(job))
        return future

    @property
    def whole(self) -> list[bool]:
        """Of each job whether its code came along."""
        return [code.whole is not None for code in self.came]


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Process:
    """What the session's tasks run in."""
    monkeypatch.setattr(packed, "_REBUILT", {})
    process = Process()
    hl.connect(tmp_path / "home", executor=process)
    return process


def test_code_goes_once(load: Any, process: Process) -> None:
    """The first call of each task takes its code along, later ones name it."""
    team = load(TEAM)
    assert [team.add(x=1), team.add(x=2), team.times(x=3), team.add(x=4)] == [2, 3, 6, 5]
    assert process.whole == [True, False, True, False]
    assert process.came[0].digest == process.came[3].digest == team.add.closure.digest


def test_a_process_that_does_not_know_it_is_told(load: Any, process: Process, record: Any) -> None:
    """A worker that came later asks; the body runs once, and that is one execution."""
    team = load(TEAM)
    team.add(x=1)
    process.known = {}
    assert team.add(x=2) == 3
    assert process.whole == [True, False, True]
    record.session = hl.current()
    assert [each.tries for each in record.named("add")] == [1, 1]


def test_code_that_changed_goes_again(process: Process) -> None:
    """What a name stands for is part of the code: another digest, another journey."""
    step = 1

    @hl.task
    def add(x: int) -> int:
        return x + step

    assert add(x=1) == 2
    step = 10
    assert add(x=1) == 11
    step = 1
    assert add(x=1) == 2
    assert process.whole == [True, True, False]


def test_code_of_another_digest_is_not_run(load: Any, process: Process) -> None:
    """What came is held against the digest that it came as."""
    team = load(TEAM)
    team.add(x=1)
    process.known = {}
    false = replace(process.came[0], digest=team.times.closure.digest)
    with pytest.raises(NotPortable, match="nothing of it was run"):
        unpacked(false)
