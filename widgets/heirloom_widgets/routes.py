"""Ways for edges that skip a column or lead back: around the nodes that would hide a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from heirloom_widgets.layout import Size, Spot, nearest_free

__all__ = ["Point", "routes"]

CLEARANCE, TURN = 13.0, 24.0
STEEP, LEAVE, ENTER = 110.0, 4.0, 15.0
"""An edge that climbs more than that between two columns leaves and enters level, so far off."""

Point = tuple[float, float]
Edge = tuple[str, str]


def routes(
    spots: Mapping[str, Spot], sizes: Mapping[str, Size], edges: Iterable[Edge]
) -> dict[Edge, list[Point]]:
    """The points between for each edge that needs them; one to the next column has no entry.

    Args:
        spots: Where the nodes stand; those that are not in `sizes` are not there.
        sizes: Width and height of the nodes that are shown.
        edges: From source to target.
    """
    lanes = _Lanes(spots, sizes)
    found = {edge: lanes.way(*edge) for edge in dict.fromkeys(edges)}
    return {edge: way for edge, way in found.items() if way}


class _Lanes:
    """The columns, and the heights in each at which something stands or passes."""

    def __init__(self, spots: Mapping[str, Spot], sizes: Mapping[str, Size]) -> None:
        self._spots = spots
        self._taken: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self._sides: dict[int, Point] = {}
        self._used: dict[tuple[str, int], float] = {}
        for node, (width, height) in sizes.items():
            spot, reach = spots[node], height / 2 + CLEARANCE
            self._taken[spot.column].append((spot.y - reach, spot.y + reach))
            left, right = spot.x - width / 2, spot.x + width / 2
            known = self._sides.get(spot.column, (left, right))
            self._sides[spot.column] = (min(left, known[0]), max(right, known[1]))

    def way(self, source: str, target: str) -> list[Point]:
        """The points between; one source goes through a column only once."""
        start, end = self._spots[source], self._spots[target]
        if end.column <= start.column and source != target:
            return self._way_back(source, target)
        points: list[Point] = []
        y = start.y
        for column in range(start.column + 1, end.column):
            if column not in self._sides:
                continue
            before, y = y, self._lane(source, column, y, end.y, end.column - column + 1)
            left, right = self._sides[column]
            if points and y == before:
                points[-1] = (right, y)
            else:
                points += [(left, y), (right, y)]
        if source != target and abs(end.y - y) > STEEP:
            points += [] if points else [(self._sides[start.column][1] + LEAVE, y)]
            points.append((self._sides[end.column][0] - ENTER, end.y))
        return points

    def _way_back(self, source: str, target: str) -> list[Point]:
        """Out to the right, over or under everything between, and in from the left."""
        start, end = self._spots[source], self._spots[target]
        columns = [c for c in range(end.column, start.column + 1) if c in self._sides]
        taken = [span for column in columns for span in self._taken[column]]
        y = nearest_free((start.y + end.y) / 2, taken)
        for column in columns:
            self._taken[column].append((y - CLEARANCE / 2, y + CLEARANCE / 2))
        right, left = self._sides[start.column][1], self._sides[end.column][0]
        return [(right + TURN, y), (left - TURN, y)]

    def _lane(self, source: str, column: int, y: float, end: float, steps: int) -> float:
        """A free height: straight on where that can be, else a step towards the end."""
        if (source, column) not in self._used:
            taken = self._taken[column]
            if nearest_free(y, taken) != y:
                y = nearest_free(y + (end - y) / steps, taken)
            taken.append((y - CLEARANCE / 2, y + CLEARANCE / 2))
            self._used[source, column] = y
        return self._used[source, column]
