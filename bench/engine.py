"""Running: three tasks against the same by hand, and how soon an event starts its body."""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure

import heirloom as hl

__all__ = ["figures"]

ROUNDS = 60
source = hl.Artifact("source")


@hl.task
def load(n: int) -> dict[str, int]:
    """The first of three."""
    return {"n": n}


@hl.task
def clean(found: dict[str, int]) -> dict[str, int]:
    """The second."""
    return {"n": found["n"] + 1}


@hl.task
def total(found: dict[str, int]) -> dict[str, int]:
    """The third."""
    return {"n": found["n"] * 2}


@hl.workflow
def three(n: int) -> Any:
    """All of them in a row."""
    return total(found=clean(found=load(n=n)))


@hl.task
def moment() -> float:
    """When its body begins."""
    import time

    return time.time()


@hl.workflow
def started() -> Any:
    """What an event starts."""
    return moment()


def figures() -> Iterator[Figure]:
    """Each on a home of its own, on the disk that the system's temporary files are on."""
    with tempfile.TemporaryDirectory() as place:
        session = hl.connect(Path(place) / "home")
        ratio = _ratio(lambda n: three(n=n), ByHand(Path(place)).three)
        yield Figure("3 chained tasks / the same by hand", ratio, 1.0, "x")
        trigger = hl.OnArtifact(source)
        hl.LaunchPlan.get_or_create("started", started, trigger=trigger, auto_activate=True)
        yield Figure("commit to body: settle", _latency(hl.settle), 5.0, "ms")
        session.reactor.start()
        time.sleep(2.0)  # workers that are warm are measured
        yield Figure("commit to body: warm worker", _latency(_waited), 60.0, "ms")
        session.close()


class ByHand:
    """What one would write: three files, each synced, and a synced row for each."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.database = sqlite3.connect(place / "hand.db")
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE runs (name, input, output)")

    def three(self, n: int) -> None:
        """The three steps."""
        before, value = "", {"n": n}
        for name, step in (("load", load), ("clean", clean), ("total", total)):
            value = step.function(n if name == "load" else value)
            path = self.place / f"{name}-{n}.json"
            with path.open("wb") as file:
                file.write(json.dumps(value).encode())
                file.flush()
                os.fsync(file.fileno())
            row = (name, before, str(path))
            self.database.execute("INSERT INTO runs VALUES (?, ?, ?)", row)
            self.database.commit()
            before = str(path)


def _ratio(ours: Callable[[int], object], floor: Callable[[int], object]) -> float:
    """The median of one over the median of the other, the two taken in turn."""
    took: dict[int, list[float]] = {0: [], 1: []}
    for n in range(ROUNDS):
        for which, work in enumerate((ours, floor)):
            begun = time.perf_counter()
            work(n)
            took[which].append(time.perf_counter() - begun)
    return statistics.median(took[0]) / statistics.median(took[1])


def _latency(run: Callable[[], object]) -> float:
    """Milliseconds from an event's commit to the first line of the body that it starts."""
    took = []
    for n in range(ROUNDS // 2):
        hl.publish(n, "source")
        committed = time.time()
        run()
        done: Any = hl.executions(plan="started", limit=1)[0]
        took.append((done.outputs["o0"] - committed) * 1000)
    return float(statistics.median(took))


def _waited() -> None:
    """Look until the newest event's execution has ended, as seldom as a person's panel would."""
    while not hl.executions(plan="started", limit=1)[0].is_final:
        time.sleep(0.02)
