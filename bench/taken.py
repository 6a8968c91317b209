"""Times, taken in turn so that whatever else the machine does hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Taken", "in_turn", "taken"]

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that one piece of work took, each time that it was done, sorted."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        """The 99th percentile, in seconds."""
        return self.seconds[min(len(self.seconds) - 1, len(self.seconds) * 99 // 100)]

    def note(self, unit: str = "us") -> str:
        """Median and 99th percentile in words."""
        scale = {"us": 1e6, "ms": 1e3}[unit]
        return f"p50 {self.p50 * scale:.1f} {unit}, p99 {self.p99 * scale:.1f} {unit}"


def taken(work: Work, rounds: int, warm: int = 20) -> Taken:
    """`work`, done so many times after some that do not count."""
    return in_turn({"it": work}, rounds, warm)["it"]


def in_turn(
    works: Mapping[str, Work], rounds: int, warm: int = 20, before: Work = lambda: None
) -> dict[str, Taken]:
    """Each of `works` done once in every round; what is done `before` each does not count."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(warm + rounds):
        for name, work in works.items():
            before()
            began = time.perf_counter()
            work()
            if turn >= warm:
                found[name].append(time.perf_counter() - began)
    return {name: Taken(tuple(sorted(each))) for name, each in found.items()}
