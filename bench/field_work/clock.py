"""What each script of the field does: its work, timed, told as JSON. Standard library only."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Work = Callable[[int], object]


def place() -> Path:
    """The empty directory that this script may use."""
    return Path(sys.argv[1])


def tell(works: Mapping[str, tuple[int, Work]]) -> None:
    """Print, by work, the seconds that each round of it took, after one that does not count."""
    took: dict[str, list[float]] = {}
    for name, (rounds, work) in works.items():
        work(0)
        took[name] = []
        for n in range(1, rounds + 1):
            began = time.perf_counter()
            work(n)
            took[name].append(time.perf_counter() - began)
    print(json.dumps(took))
