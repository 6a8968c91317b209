"""One contract for every executor: the same records, wherever the bodies run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import loky
import pytest

import heirloom as hl
from heirloom.errors import InputError, TaskFailed, TaskTimeout
from heirloom.records.executions import Item
from heirloom.session import Session

distributed: Any = import_module("distributed")
ipyparallel: Any = import_module("ipyparallel")

TEAM = """
    import os, threading, time
    import pandas as pd

    sales, report = hl.Artifact("sales"), hl.Artifact("report")
    clean = hl.Artifact("clean", ["region"])

    @hl.task
    def read(n: int, region: str) -> Annotated[pd.DataFrame, clean(region=hl.Inputs.region)]:
        print("reading", region)
        return clean.create_from(pd.DataFrame({"n": range(n)}), hl.DataCard(f"# {region}"))

    @hl.task
    def count(frame: pd.DataFrame) -> int:
        return len(frame)

    @hl.task
    def total(sizes: list[int], weight: int = 1) -> Annotated[int, report]:
        return sum(sizes) * weight

    @hl.workflow
    def counted(n: int):
        frames = [read(n=n, region=region) for region in ("apac", "emea")]
        return total(sizes=[count(frame=frame) for frame in frames])

    @hl.workflow
    def mapped(n: int):
        frames = hl.map_task(read)(n=[1, 2, 3], region=["a", "b", "c"])
        return total(sizes=hl.map_task(count)(frame=frames))

    @hl.task
    def outer(x: int) -> int:
        print("outside")
        return inner(x=x) + hl.pull("sales")

    @hl.task
    def inner(x: int) -> Annotated[int, report]:
        print("inside")
        return x + 1

    @hl.task
    def split(n: int) -> list[Annotated[pd.DataFrame, sales]]:
        return [pd.DataFrame({"n": range(each + 1)}) for each in range(n)]

    @hl.task
    def parts(frames: list[pd.DataFrame]) -> int:
        return count(frames[1]) + count(split(2)[0])

    @hl.workflow
    def passed():
        return parts(frames=split(n=2))

    @hl.task(retries=2)
    def flaky(path: str) -> int:
        with open(path, "a") as file:
            file.write("x")
        tries = os.path.getsize(path)
        if tries < 3:
            raise ValueError(f"try {tries}")
        return tries

    class Odd(Exception):
        def __init__(self, left, right):
            super().__init__(f"{left} is not {right}")

    @hl.task
    def odd() -> int:
        print("about to fail")
        raise Odd("left", "right")

    @hl.task(timeout=0.2)
    def slow() -> int:
        print("slow begins")
        until = time.monotonic() + 20
        while time.monotonic() < until:
            pass
        return 1

    @hl.task
    def client() -> Any:
        return threading.Lock()

    @hl.workflow
    def unformed():
        return client()
"""


class Calling(Executor):
    """The least that is an executor: it calls at once, in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Executors that the tests share: processes take their time to start."""
    with ExitStack() as stack:
        spawned = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
        yield {
            "here": None,
            "calling": Calling(),
            "threads": stack.enter_context(ThreadPoolExecutor(4)),
            "processes": stack.enter_context(spawned),
            "loky": partial(loky.get_reusable_executor, max_workers=2),
            "cluster": _cluster(stack, processes=True),
            "cluster of threads": _cluster(stack, processes=False),
            "engines": _engines(stack, tmp_path_factory.mktemp("engines")),
        }
        loky.get_reusable_executor().shutdown()


def _cluster(stack: ExitStack, *, processes: bool) -> Executor:
    """A Dask cluster on this machine, as a ``concurrent.futures.Executor``."""
    cluster = stack.enter_context(
        distributed.LocalCluster(
            n_workers=2, processes=processes, threads_per_worker=1, dashboard_address=":0"
        )
    )
    executor: Executor = stack.enter_context(distributed.Client(cluster)).get_executor()
    return executor


def _engines(stack: ExitStack, place: Path) -> Executor:
    """Two engines of ipyparallel."""
    cluster = ipyparallel.Cluster(n=2, profile_dir=str(place), log_level=logging.ERROR)
    executor: Executor = stack.enter_context(cluster).executor()
    return executor


EVERYWHERE = [
    "here",
    "calling",
    "threads",
    "processes",
    "loky",
    "cluster",
    "cluster of threads",
    "engines",
]


@pytest.fixture(params=EVERYWHERE)
def executor(pools: dict[str, Any], request: pytest.FixtureRequest) -> Any:
    """Each in turn."""
    return pools[request.param]


@pytest.fixture(autouse=True)
def session(tmp_path: Path, executor: Any) -> Session:
    """The session that the front acts on, its tasks on the executor."""
    return hl.connect(tmp_path / "home", executor=executor)


def test_a_graph_is_recorded_alike(load: Any, record: Any) -> None:
    """Leaves, versions with partitions and cards, what was printed, and every edge."""
    done = hl.run(load(TEAM).counted, n=3)
    assert done.outputs["o0"] == hl.get("report")
    assert hl.pull("report") == 6
    frames = {version.partitions["region"]: version for version in hl.search("name=clean")}
    assert {region: version.card.text for region, version in frames.items() if version.card} == {
        "apac": "# apac",
        "emea": "# emea",
    }
    leaves = {each.path: each for each in record.all if each.kind == "task"}
    assert set(leaves) == {"/read", "/read#2", "/count", "/count#2", "/total"}
    assert leaves["/read"].printed == "reading apac\n"
    assert [read.item for read in leaves["/count"].all_reads()] == [frames["apac"].ref]
    counted = {f"value:{leaves[path].id}/o0" for path in ("/count", "/count#2")}
    assert {read.item for read in leaves["/total"].all_reads()} == counted
    assert {each.root_id for each in record.all} == {done.id}


def test_a_map_has_a_record_for_each_item(load: Any, record: Any) -> None:
    """Each call is a leaf at its index, and a map over a map's list reads item by item."""
    hl.run(load(TEAM).mapped, n=1)
    assert hl.pull("report") == 6
    versions = {version.partitions["region"]: version.ref for version in hl.search("name=clean")}
    counts = {each.path: each for each in record.named("count") if each.kind == "task"}
    assert [[read.item for read in counts[f"/count/{i}"].all_reads()] for i in range(3)] == [
        [versions[region]] for region in "abc"
    ]
    maps = [each for each in record.all if each.kind == "map"]
    assert [each.path for each in maps] == ["/read", "/count"]
    assert {read.item for read in maps[0].reads} == set(versions.values())


def test_a_call_in_a_body_is_its_own_leaf(load: Any, record: Any) -> None:
    """It has its place, its version and its output, and the body's reads are the body's."""
    hl.publish(10, "sales")
    assert load(TEAM).outer(x=1) == 12
    outer, inner = record.one("outer"), record.one("inner")
    assert (inner.parent_id, inner.root_id, inner.path) == (outer.id, outer.id, "/inner")
    assert (outer.printed, inner.printed) == ("outside\n", "inside\n")
    assert inner.outputs["o0"] == Item(hl.get("report").ref)
    assert [(read.item, read.how) for read in outer.all_reads()] == [(hl.get("sales").ref, "read")]


def test_a_body_passes_on_the_versions_that_it_has(load: Any, record: Any) -> None:
    """A member of what it was given, and of what a call of its own made, are those versions."""
    assert hl.run(load(TEAM).passed).outputs["o0"] == 3
    given = [call.inputs["frame"].id for call in record.named("count")]
    assert given == [hl.get("sales@2").ref, hl.get("sales@3").ref]


def test_retries_are_one_execution(load: Any, record: Any, tmp_path: Path) -> None:
    """The record says how often the body ran, and what each failed try said."""
    assert load(TEAM).flaky(path=str(tmp_path / "tries")) == 3
    done = record.one("flaky")
    assert (done.state, done.tries) == ("succeeded", 3)
    assert "ValueError: try 1" in done.printed
    assert done.printed.index("try 1") < done.printed.index("try 2")


def test_a_failed_body_leaves_its_words(load: Any, record: Any) -> None:
    """Traceback and what was printed are kept, and the error comes as itself if it can."""
    with pytest.raises(Exception, match="left is not right"):
        load(TEAM).odd()
    failed = record.one("odd")
    assert (failed.state, failed.printed, failed.outputs) == ("failed", "about to fail\n", {})
    assert 'raise Odd("left", "right")' in failed.error
    assert failed.error.splitlines()[-1].endswith("Odd: left is not right")


def test_a_body_over_its_time_is_stopped(load: Any, record: Any) -> None:
    """It fails with a `TimeoutError` that names the task, long before it would have ended."""
    began = time.monotonic()
    with pytest.raises(TaskTimeout, match=r"'slow' ran longer than its timeout of 0\.2 s"):
        load(TEAM).slow()
    assert time.monotonic() - began < 10
    failed = record.one("slow")
    assert (failed.state, failed.printed) == ("failed", "slow begins\n")


def test_what_lives_in_one_process_is_refused_elsewhere(load: Any, executor: Any) -> None:
    """A value without a format passes alive in this process; another names the task."""
    unformed = load(TEAM).unformed
    if executor is None or isinstance(executor, ThreadPoolExecutor):
        assert hl.run(unformed).state == "succeeded"
        return
    with pytest.raises(TaskFailed, match=r"Output 'o0' of 'client' is a _thread\.lock"):
        hl.run(unformed)


def test_an_executor_of_one_run(load: Any, record: Any, tmp_path: Path) -> None:
    """``hl.run(executor=)`` is for that run alone."""
    seen: list[Any] = []

    class Counting(Calling):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            seen.append(fn)
            return super().submit(fn, *args, **kwargs)

    team = load(TEAM)
    hl.run(team.counted, n=1, executor=Counting())
    assert len(seen) == 5
    hl.run(team.counted, n=1)
    assert len(seen) == 5


def test_what_is_no_executor_is_refused() -> None:
    """The line says what is taken."""
    with pytest.raises(InputError, match=r"executor= takes a concurrent\.futures\.Executor"):
        hl.connect(executor="threads")
