"""Running: three tasks in a row against the same by hand."""

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


def figures() -> Iterator[Figure]:
    """On a home of its own, on the disk that the system's temporary files are on."""
    with tempfile.TemporaryDirectory() as place:
        session = hl.connect(Path(place) / "home")
        # Ours is four syncs and 2 ms of Python, theirs six and 0.3 ms: it is less than one where a
        # sync takes more than a millisecond, and grows with the load on the processors alone.
        ratio = _ratio(lambda n: three(n=n), ByHand(Path(place)).three)
        yield Figure("3 chained tasks / the same by hand", ratio, 1.0, "x")
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
