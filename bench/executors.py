"""Executors: what a task of a large map costs, beside the same without records."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.figure import Figure

import heirloom as hl

__all__ = ["figures"]

ITEMS = list(range(1000))


@hl.task
def square(x: int) -> int:
    """The body of each."""
    return x * x


@hl.workflow
def squares(xs: list[int]) -> Any:
    """All of them."""
    return hl.map_task(square)(x=xs)


def figures() -> Iterator[Figure]:
    """A map of a thousand, each call recorded durably, on threads and on a Dask cluster."""
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(4) as threads:
        session = hl.connect(Path(place) / "home")
        yield Figure("map of 1000: a task, inline", _each(_mapped(None)), None, "ms")
        bare = _each(lambda: list(threads.map(square.function, ITEMS)))
        ours = _each(_mapped(threads))
        yield Figure("map of 1000: a task, 4 threads", ours, None, "ms", f"bare: {bare:.3f} ms")
        yield from _on_dask()
        session.close()


def _on_dask() -> Iterator[Figure]:
    distributed: Any = import_module("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor(pure=False)
        hl.run(squares, xs=[1, 2, 3, 4], executor=executor)  # its imports are warm
        took: list[tuple[float, ...]] = []
        for _ in range(3):
            mapped = _each(lambda: client.gather(client.map(square.function, ITEMS, pure=False)))
            one_by_one = _each(lambda: wait([executor.submit(square.function, x) for x in ITEMS]))
            took.append((_each(_mapped(executor)), mapped, one_by_one))
        ours, mapped, one_by_one = (statistics.median(each) for each in zip(*took, strict=True))
        note = f"bare client.map: {mapped:.2f} ms, executor.submit: {one_by_one:.2f} ms"
        yield Figure("map of 1000: a task, Dask, 2 processes", ours, None, "ms", note)


def _mapped(executor: Any) -> Callable[[], object]:
    return lambda: hl.run(squares, xs=ITEMS, executor=executor)


def _each(work: Callable[[], object]) -> float:
    """Milliseconds for each of the items."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000 / len(ITEMS)
