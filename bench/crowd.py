"""Many processes that record at once, and how soon another process sees it."""

from __future__ import annotations

import multiprocessing
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure
from bench.filled import with_execution
from bench.taken import Taken

from heirloom.catalog import Catalog

__all__ = ["crowd"]

_SECONDS = 1.5
_TURNS = 5
_SPAWN = multiprocessing.get_context("forkserver")


def crowd(place: Path) -> Iterator[Figure]:
    """Eight against one, in turn; then from a commit to a waiting process's wake-up."""
    rates: dict[int, list[float]] = {1: [], 8: []}
    latencies: list[float] = []
    for _ in range(_TURNS):
        for many, found in rates.items():
            took = _together(place, many)
            found.append(len(took) / _SECONDS)
            latencies += took if many == 8 else []
    one, eight = (statistics.median(found) for found in rates.values())
    note = f"{eight:.0f} and {one:.0f} a second"
    yield Figure("one process / 8 together, durable rate", one / eight, 1.0, "x", note)
    together = Taken(tuple(sorted(latencies)))
    yield Figure("  p99 of a commit among 8", together.p99 * 1e3, 50, "ms", together.note("ms"))
    seen = _seen(place)
    note = seen.note("ms")
    yield Figure("another process's commit seen, p99", seen.p99 * 1e3, 50, "ms", note)


def _together(place: Path, many: int) -> list[float]:
    """Seconds of each commit of so many processes."""
    home = place / "crowd"
    shutil.rmtree(home, ignore_errors=True)
    Catalog(home).close()
    start = _SPAWN.Barrier(many)
    told: Any = _SPAWN.Queue()
    writers = [
        _SPAWN.Process(target=_write, args=(home, number, start, told)) for number in range(many)
    ]
    for writer in writers:
        writer.start()
    took: list[float] = []
    for _ in writers:
        took += told.get()
    for writer in writers:
        writer.join()
    return took


def _write(home: Path, number: int, start: Any, told: Any) -> None:
    catalog, took = Catalog(home), list[float]()
    catalog.commit(lambda view: with_execution(view, f"writer{number}/made"))
    start.wait()
    until = time.perf_counter() + _SECONDS
    while (began := time.perf_counter()) < until:
        catalog.commit(lambda view: with_execution(view, f"writer{number}/made"))
        took.append(time.perf_counter() - began)
    told.put(took)


def _seen(place: Path) -> Taken:
    """Seconds from a commit's return to the wake-up of a process that waits for it."""
    home = place / "crowd"
    told: Any = _SPAWN.Queue()
    catalog = Catalog(home)
    waiter = _SPAWN.Process(target=_wait, args=(home, catalog.position(), told))
    waiter.start()
    told.get()
    committed = []
    for number in range(_WAKES):
        time.sleep(0.03 + 0.0007 * number)
        committed.append((catalog.commit(with_execution).sequence, time.monotonic()))
    woken = told.get()
    waiter.join()
    took = [max(0.0, woken[sequence] - when) for sequence, when in committed]
    return Taken(tuple(sorted(took)))


_WAKES = 100


def _wait(home: Path, position: int, told: Any) -> None:
    catalog, woken = Catalog(home), dict[int, float]()
    told.put(True)
    for _ in range(_WAKES):
        position = catalog.wait(position, 10)
        woken[position] = time.monotonic()
    told.put(woken)
