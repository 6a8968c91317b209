"""A layered layout, left to right: deterministic, without overlaps, and it never moves a node.

Nodes stand in columns. What is placed stays where it is; what is new takes the column that
its neighbours give it and the nearest free spot beside them. Pure: sizes and edges in,
spots out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Size", "Spot", "free", "nearest_free", "place"]

GAP_X, GAP_Y = 34.0, 26.0
SWEEPS = 6

Size = tuple[float, float]
Neighbours = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle of a node, and the column it stands in."""

    x: float
    y: float
    column: int


def place(
    sizes: Mapping[str, Size],
    edges: Iterable[tuple[str, str]],
    placed: Mapping[str, Spot] | None = None,
) -> dict[str, Spot]:
    """A spot for every node of `sizes`.

    Args:
        sizes: Width and height by node.
        edges: From source to target; both must be in `sizes`.
        placed: Spots that were given before and are kept as they are.
    """
    before, after = _neighbours(sizes, edges)
    kept = {node: spot for node, spot in (placed or {}).items() if node in sizes}
    if kept:
        return _grow(sizes, before, after, kept)
    columns = _columns(sizes, before, after)
    order = _ordered(columns, before, after)
    heights = _heights(order, sizes, before, after)
    middles = _middles(order, sizes)
    return {node: Spot(middles[columns[node]], heights[node], columns[node]) for node in sizes}


def _neighbours(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> tuple[Neighbours, ...]:
    before: dict[str, list[str]] = {node: [] for node in nodes}
    after: dict[str, list[str]] = {node: [] for node in before}
    for source, target in dict.fromkeys(edges):
        if source != target:
            before[target].append(source)
            after[source].append(target)
    return before, after


def _columns(nodes: Iterable[str], before: Neighbours, after: Neighbours) -> dict[str, int]:
    """Each node right of all that lead to it, and as near as may be to what it leads to."""
    order = _topological(nodes, before, after)
    column: dict[str, int] = {}
    for node in order:
        column[node] = 1 + max((column[n] for n in before[node] if n in column), default=-1)
    for node in reversed(order):
        if not before[node] and after[node]:
            column[node] = max(column[node], min(column[n] for n in after[node]) - 1)
    return column


def _topological(nodes: Iterable[str], before: Neighbours, after: Neighbours) -> list[str]:
    """Sources first; what stands in a cycle comes last, in the order given."""
    waiting = {node: len(before[node]) for node in nodes}
    ready = [node for node, count in waiting.items() if not count]
    for node in ready:
        for following in after[node]:
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    found = set(ready)
    return ready + [node for node in waiting if node not in found]


def _ordered(columns: Mapping[str, int], before: Neighbours, after: Neighbours) -> list[list[str]]:
    """The columns, each sorted by the mean place of its neighbours, sweep by sweep."""
    rows: dict[int, list[str]] = defaultdict(list)
    for node, column in columns.items():
        rows[column].append(node)
    order = [rows[column] for column in sorted(rows)]
    index = {node: float(i) for row in order for i, node in enumerate(row)}
    for sweep in range(SWEEPS):
        beside = after if sweep % 2 else before
        for row in reversed(order) if sweep % 2 else order:
            row.sort(key=lambda node: _mean((index[n] for n in beside[node]), index[node]))
            index |= {node: i - (len(row) - 1) / 2 for i, node in enumerate(row)}
    return order


def _heights(
    order: list[list[str]], sizes: Mapping[str, Size], before: Neighbours, after: Neighbours
) -> dict[str, float]:
    """Heights at which every node stands as near its neighbours' mean as its column lets it."""
    y = {node: 0.0 for row in order for node in row}
    for sweep in range(SWEEPS + 1):
        beside = after if sweep % 2 else before
        for row in reversed(order) if sweep % 2 else order:
            wanted = [_mean((y[n] for n in beside[node]), y[node]) for node in row]
            y |= dict(zip(row, _spread(wanted, [sizes[n][1] for n in row]), strict=True))
    return y


def _spread(wanted: list[float], tall: list[float]) -> list[float]:
    """The heights nearest to `wanted`, in order, that keep the gap (pooled neighbours)."""
    offsets, total = [], 0.0
    for i, height in enumerate(tall):
        total += (tall[i - 1] + height) / 2 + GAP_Y if i else 0.0
        offsets.append(total)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, many = pools.pop()
            mean = (mean * count + other * many) / (count + many)
            count += many
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


def _middles(order: list[list[str]], sizes: Mapping[str, Size]) -> list[float]:
    widths = [max(sizes[node][0] for node in row) for row in order]
    middles, x = [], 0.0
    for i, width in enumerate(widths):
        x += (widths[i - 1] + width) / 2 + GAP_X if i else 0.0
        middles.append(x)
    return middles


def _grow(
    sizes: Mapping[str, Size], before: Neighbours, after: Neighbours, kept: dict[str, Spot]
) -> dict[str, Spot]:
    """The kept spots and one for each new node, those next to the kept ones first."""
    spots = dict(kept)
    for node in _outwards(sizes, before, after, kept):
        beside = [spots[n] for n in (*before[node], *after[node]) if n in spots]
        column = _column_beside(node, before, after, spots)
        x = _column_middle(column, sizes[node][0], spots, sizes)
        wanted = _mean((spot.y for spot in beside), 0.0)
        spots[node] = Spot(x, free(x, wanted, sizes[node], spots, sizes), column)
    return spots


def _outwards(
    nodes: Iterable[str], before: Neighbours, after: Neighbours, kept: Iterable[str]
) -> list[str]:
    """The nodes that are not kept, nearest to the kept ones first."""
    order = list(kept)
    seen = set(order)
    start = len(order)
    for node in order:
        fresh = [n for n in (*before[node], *after[node]) if n not in seen]
        order += dict.fromkeys(fresh)
        seen |= set(fresh)
    return [*order[start:], *(node for node in nodes if node not in seen)]


def _column_beside(
    node: str, before: Neighbours, after: Neighbours, spots: Mapping[str, Spot]
) -> int:
    left = [spots[n].column for n in before[node] if n in spots]
    right = [spots[n].column for n in after[node] if n in spots]
    if left:
        return max(left) + 1
    return min(right) - 1 if right else 0


def _column_middle(
    column: int, width: float, spots: Mapping[str, Spot], sizes: Mapping[str, Size]
) -> float:
    """The column's own middle, or that of a new column beyond the outermost."""
    for spot in spots.values():
        if spot.column == column:
            return spot.x
    nearest = min(spots.values(), key=lambda spot: (abs(spot.column - column), spot.column))
    wide = max(sizes[node][0] for node, spot in spots.items() if spot.column == nearest.column)
    step = (wide + width) / 2 + GAP_X
    return nearest.x + step * (column - nearest.column)


def free(
    x: float, wanted: float, size: Size, spots: Mapping[str, Spot], sizes: Mapping[str, Size]
) -> float:
    """The height nearest to `wanted` at which a node of `size` touches no other."""
    taken = []
    for node, spot in spots.items():
        width, height = sizes[node]
        if abs(spot.x - x) < (width + size[0]) / 2 + GAP_X / 4:
            reach = (height + size[1]) / 2 + GAP_Y
            taken.append((spot.y - reach, spot.y + reach))
    return nearest_free(wanted, taken)


def nearest_free(wanted: float, taken: Iterable[tuple[float, float]]) -> float:
    """The number nearest to `wanted` that lies inside none of the spans `taken`."""
    spans = sorted(taken)
    above = below = wanted
    for low, high in spans:
        below = high if low < below < high else below
    for low, high in sorted(spans, key=lambda span: -span[1]):
        above = low if low < above < high else above
    return above if wanted - above <= below - wanted else below


def _mean(values: Iterable[float], default: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else default
