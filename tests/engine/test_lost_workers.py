"""A worker that dies in mid-task: what it costs, and what is said."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import loky
import pytest

import heirloom as hl
from heirloom.engine.bodies import bodies_of
from heirloom.engine.printed import Lines
from heirloom.engine.spool import Spool, left_in
from heirloom.errors import InputError, WorkerLost

pytestmark = pytest.mark.process

TEAM = """
    import os, signal, threading

    @hl.task
    def inner():
        print("inside")

    @hl.task(retries=1)
    def fragile(path: str, x: int) -> int:
        if not os.path.exists(path):
            print("before\\N{SNOWMAN}", flush=True)
            inner()
            open(path, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return x + 1

    @hl.task(retries=2)
    def patient(x: int) -> int:
        return x + 1

    @hl.task
    def chatty() -> int:
        for n in range(200_000):
            print("line", n)
        os.kill(os.getpid(), signal.SIGKILL)
        return 1

    @hl.task
    def doomed() -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 1

    @hl.task
    def threads(n: int) -> int:
        return threading.active_count()

    @hl.workflow
    def many(items: list[int]):
        return hl.map_task(threads)(n=items)
"""
spawned = partial(ProcessPoolExecutor, 1, mp_context=get_context("spawn"))


@pytest.fixture
def kept() -> Iterator[Callable[[Callable[[], Executor]], Callable[[], Executor]]]:
    """Makes a function that gives executors remember them, so that they are shut down."""
    made: list[Executor] = []

    def keeping(make: Callable[[], Executor]) -> Callable[[], Executor]:
        def one() -> Executor:
            made.append(make())
            return made[-1]

        return one

    yield keeping
    for executor in made:
        executor.shutdown()


@pytest.mark.parametrize("make", [spawned, partial(loky.get_reusable_executor, max_workers=1)])
def test_a_function_that_gives_pools_gives_another(
    load: Any, record: Any, kept: Any, make: Any, tmp_path: Path
) -> None:
    """What died costs one try; what comes later runs on the new pool."""
    fragile = load(TEAM).fragile
    hl.connect(tmp_path / "home", executor=kept(make))
    assert fragile(path=str(tmp_path / "died"), x=1) == 2
    done = hl.executions(limit=1)[0]
    assert (done.state, done.tries) == ("succeeded", 2)
    said, _, told = done.printed.partition("WorkerLost: ")
    assert said == "before\N{SNOWMAN}\ninside\n"
    assert told.startswith("The process that ran 'fragile' died")
    assert fragile(path=str(tmp_path / "died"), x=2) == 3


def test_a_pool_that_is_given_is_broken_for_good(load: Any, tmp_path: Path) -> None:
    """No try is wasted on it, and the line says what to give instead."""
    fragile = load(TEAM).fragile
    with spawned() as pool:
        hl.connect(tmp_path / "home", executor=pool)
        with pytest.raises(WorkerLost, match=r"Give a function that makes one"):
            fragile(path=str(tmp_path / "died"), x=1)
        assert [each.tries for each in hl.executions()] == [1]
    with pytest.raises(WorkerLost, match=r"Give a function that makes one"):
        fragile(path=str(tmp_path / "died"), x=1)


def test_a_task_without_retries_fails(load: Any, kept: Any, tmp_path: Path) -> None:
    """Its record says that its process died."""
    hl.connect(tmp_path / "home", executor=kept(spawned))
    with pytest.raises(WorkerLost, match="The process that ran 'doomed' died"):
        load(TEAM).doomed()
    assert [each.state for each in hl.executions()] == ["failed"]


def test_what_died_had_printed_is_kept(
    load: Any, kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the execution that failed; nothing else is left of it on the disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    hl.connect(tmp_path / "home", executor=kept(spawned))
    with pytest.raises(WorkerLost):
        load(TEAM).chatty()
    (failed,) = hl.executions()
    printed = hl.log(failed).printed
    assert printed.startswith("line 0\nline 1\n")
    assert printed.endswith("\nline 199999\n")
    assert len(printed) < 1_100_000
    assert len(list(tmp_path.glob("heirloom-*"))) == 1
    assert not list(tmp_path.rglob("*.log"))


def test_a_spool_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    """A directory that is not on this machine, or a disk that is full, costs the file alone."""
    spool = Spool(str(tmp_path / "elsewhere" / "x.log"))
    lines = Lines(spool.write)
    lines.add("one")
    lines.add("two")
    spool.close()
    assert lines.text == "onetwo"
    assert left_in(str(tmp_path / "elsewhere" / "x.log")) == ""


def test_clusters_say_in_their_own_words_that_a_worker_died(
    load: Any, record: Any, tmp_path: Path
) -> None:
    """Dask after three deaths, ipyparallel after one: the task's retries run on what is left."""
    dask, ipyparallel = import_module("distributed.scheduler"), import_module("ipyparallel")
    deaths: list[Exception] = [
        dask.KilledWorker("patient", SimpleNamespace(address="tcp://there"), 3),
        ipyparallel.error.RemoteError("EngineError", "Engine died while running task", ""),
    ]

    class Dying(Executor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            if deaths:
                future.set_exception(deaths.pop())
            else:
                future.set_result(fn(*args, **kwargs))
            return future

    record.session = hl.connect(tmp_path / "home", executor=Dying())
    assert load(TEAM).patient(x=1) == 2
    done = record.one("patient")
    assert done.tries == 3
    assert done.printed.count("WorkerLost: The process that ran 'patient' died") == 2


def test_an_executor_that_was_shut_down(load: Any, kept: Any, tmp_path: Path) -> None:
    """A function is asked for another one; without, nothing is recorded, and the line says why."""
    make = kept(spawned)
    first = make()
    first.shutdown()
    hl.connect(tmp_path / "home", executor=first)
    with pytest.raises(InputError, match=r"takes no more work: .* Give a function"):
        load(TEAM).threads(n=1)
    assert not hl.executions()
    pools = iter([first, make()])
    hl.connect(tmp_path / "home", executor=lambda: next(pools))
    assert load(TEAM).threads(n=1) > 0


def test_a_map_begins_no_more_than_its_executor_can_take(load: Any, tmp_path: Path) -> None:
    """Two hundred items on three threads are no two hundred threads."""
    with ThreadPoolExecutor(3) as threads:
        hl.connect(tmp_path / "home", executor=threads)
        before = threading.active_count()
        most = max(load(TEAM).many(items=list(range(200))))
    assert most - before < 20
    with spawned() as pool:
        assert bodies_of(pool).width == 4


def test_a_function_that_gives_no_executor_is_refused(tmp_path: Path) -> None:
    """Where it is given, not when a task runs."""
    with pytest.raises(InputError, match=r"a function that gives one; got int"):
        hl.connect(tmp_path / "home", executor=lambda: 4)
