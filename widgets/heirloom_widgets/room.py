"""Room in a layout for what is inside of a node, and that room taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from heirloom_widgets.layout import Size, Spot, free, place

__all__ = ["close_up", "open_up"]


def open_up(
    spots: Mapping[str, Spot],
    sizes: Mapping[str, Size],
    node: str,
    inner: Mapping[str, Size],
    edges: Iterable[tuple[str, str]],
) -> dict[str, Spot]:
    """The spots with `inner` where `node` was; all that stood right of it makes room as a block.

    Args:
        spots: Where everything stands; those in `sizes` at least.
        sizes: Width and height by node, `node` among them.
        node: What is opened.
        inner: Width and height of what is inside.
        edges: Between those.
    """
    origin = spots[node]
    own = [(a, b) for a, b in edges if a in inner and b in inner]
    piece = place(inner, own)
    left = min(spot.x for spot in piece.values())
    levels = max(spot.column for spot in piece.values())
    wide = max(spot.x for spot in piece.values()) - left
    middle = sum(spot.y for spot in piece.values()) / len(piece)
    moved = _shifted(spots, origin.column, levels, wide)
    del moved[node]
    known = {key: size for key, size in sizes.items() if key in moved}
    for key, spot in piece.items():
        x = origin.x + spot.x - left
        beside = {other: moved[other] for other in known}
        y = free(x, origin.y + spot.y - middle, inner[key], beside, known)
        moved[key] = Spot(x, y, origin.column + spot.column)
        known[key] = inner[key]
    return moved


def close_up(
    spots: Mapping[str, Spot], node: str, inner: Collection[str], height: float
) -> dict[str, Spot]:
    """The spots with `node` at that height where `inner` was.

    The room goes, too, where nothing else has taken it.
    """
    gone = [spots[key] for key in inner]
    first = min(gone, key=lambda spot: spot.column)
    levels = max(spot.column for spot in gone) - first.column
    wide = max(spot.x for spot in gone) - first.x
    stay = {key: spot for key, spot in spots.items() if key not in inner}
    between = range(first.column + 1, first.column + levels + 1)
    if not any(spot.column in between for spot in stay.values()):
        stay = _shifted(stay, first.column, -levels, -wide)
    return {**stay, node: Spot(first.x, height, first.column)}


def _shifted(spots: Mapping[str, Spot], column: int, levels: int, wide: float) -> dict[str, Spot]:
    """The spots with those right of a column moved."""
    return {
        key: replace(spot, x=spot.x + wide, column=spot.column + levels)
        if spot.column > column
        else spot
        for key, spot in spots.items()
    }
