"""A frame of 200 MB: put, first pull, later pulls, the same again, beside plain Parquet."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.figure import Figure

import heirloom as hl

__all__ = ["figures"]

ROUNDS = 7
ROWS = 3_700_000
_LIMITS = {
    "parquet": {"put": 0.85, "first pull": 1.2, "later pull": 1.05, "same again": 0.55},
    "arrow": {"put": 0.75, "first pull": 0.75, "later pull": 0.4, "same again": 0.4},
}
_FLOORS = {"put": "write", "same again": "write", "first pull": "read", "later pull": "read"}
_Took = dict[str, list[float]]


def figures() -> Iterator[Figure]:
    """Each format in turn with `to_parquet` and fsync and with `read_parquet`, every round."""
    frame = _frame()
    took: _Took = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        for turn in range(ROUNDS + 1):
            place = Path(name) / str(turn)
            _round(frame, place, took)
            shutil.rmtree(place)
    for each in took.values():
        del each[0]  # the first round imports
    yield from _ratios(took)


def _frame() -> Any:
    """Numbers that repeat and that do not, times, a few words and some missing values."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "amount": random.normal(size=ROWS),
            "score": np.where(random.random(ROWS) < 0.1, np.nan, random.random(ROWS)),
            "rate": random.normal(size=ROWS).astype("float32"),
            "customer": random.integers(0, 500_000, ROWS),
            "count": random.integers(0, 50, ROWS),
            "region": pd.Series(random.choice(["apac", "emea", "na"], ROWS), dtype="category"),
            "paid": random.random(ROWS) < 0.5,
            "at": pd.date_range("2026", periods=ROWS, freq="s"),
            "balance": random.normal(size=ROWS).cumsum(),
        }
    )


def _round(frame: Any, place: Path, took: _Took) -> None:
    import pandas as pd

    place.mkdir()
    plain = place / "plain.parquet"

    def write() -> None:
        frame.to_parquet(plain)
        with plain.open("rb") as file:
            os.fsync(file.fileno())

    _timed(took, "floor write", write)
    _timed(took, "floor read", lambda: pd.read_parquet(plain))
    for format in _LIMITS:
        hl.connect(place / format)
        put = partial(hl.publish, frame, "x", format=format)
        _timed(took, f"{format} put", put)
        hl.connect(place / format)
        _timed(took, f"{format} first pull", lambda: hl.pull("x"))
        _timed(took, f"{format} later pull", lambda: hl.pull("x"))
        _timed(took, f"{format} same again", put)
        hl.current().close()


def _timed(took: _Took, what: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    took[what].append(time.perf_counter() - begun)


def _ratios(took: _Took) -> Iterator[Figure]:
    """The best of each: what else the machine does only ever adds."""
    best = {what: min(each) for what, each in took.items()}
    for format, limits in _LIMITS.items():
        for work, limit in limits.items():
            what, floor = f"{format} {work}", f"floor {_FLOORS[work]}"
            note = f"{best[what] * 1e3:.0f} ms of {best[floor] * 1e3:.0f} ms, best of {ROUNDS}"
            yield Figure(f"200 MB, {what}", best[what] / best[floor], limit, "x", note)
