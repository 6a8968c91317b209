"""One measured number and what it should reach."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a piece of work took, in the unit of its limit.

    Attributes:
        work: The row of the design's table of numbers.
        took: A median, or a ratio to the floor that the row names.
        limit: The most that it should be; `None` where it only stands beside another.
        unit: ``ms``, ``us``, ``MB``, or ``x`` for a ratio.
        note: What else is worth knowing, a 99th percentile for example.
    """

    work: str
    took: float
    limit: float | None
    unit: str
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the number is within its limit, if it has one."""
        return self.limit is None or self.took <= self.limit
