"""Siblings folded: of many nodes that are alike a few are drawn, and the rest is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import replace

from heirloom_widgets.graph_marks import Drawing, Link, Mark

__all__ = ["FEW", "KEPT", "folded"]

FEW, KEPT = 6, 3
"""Up to so many siblings are all drawn; of more, so many of the newest."""

Key = tuple[str, str, tuple[str, ...]]


def folded(
    drawing: Drawing,
    centre: str,
    *,
    opened: AbstractSet[str] = frozenset(),
    kept: AbstractSet[str] = frozenset(),
) -> Drawing:
    """The drawing with what is alike folded, ring by ring from the centre outwards.

    Siblings are of one kind and name and hang on the same nodes nearer to the centre. What
    hangs on folded ones alone is hidden with them.

    Args:
        drawing: All of it.
        centre: The node in the middle; it is never folded.
        opened: Folds, by their ids, that are drawn in full.
        kept: Nodes that were drawn before; they stay.
    """
    marks = {mark.id: mark for mark in drawing.marks}
    beside = _beside(drawing)
    distance = _distances(centre, marks, beside)
    rings: dict[int, list[Mark]] = defaultdict(list)
    for mark in drawing.marks:
        rings[distance[mark.id]].append(mark)
    shown: dict[str, Mark] = {}
    links: dict[Link, None] = {}
    for ring in sorted(rings):
        families: dict[Key, list[Mark]] = defaultdict(list)
        for mark in rings[ring]:
            nearer = sorted(n for n in beside[mark.id] if distance[n] < ring and n in shown)
            if nearer or not any(distance[n] < ring for n in beside[mark.id]):
                families[mark.kind, mark.family, tuple(nearer)].append(mark)
        for key, family in families.items():
            drawn, rest = _parted(key, family, opened, kept)
            shown |= {mark.id: mark for mark in drawn}
            if rest:
                fold = _fold(key, rest)
                shown[fold.id] = fold
                links |= dict.fromkeys(_moved(drawing, rest, fold, key[2]))
    hidden = len(marks) - sum(mark.kind != "fold" for mark in shown.values())
    drawn = [mark for mark in (*drawing.marks, *shown.values()) if mark.id in shown]
    stay = [link for link in drawing.links if link.source in shown and link.target in shown]
    return replace(drawing, marks=tuple(dict.fromkeys(drawn)), links=(*stay, *links), hidden=hidden)


def _beside(drawing: Drawing) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {mark.id: [] for mark in drawing.marks}
    for link in drawing.links:
        beside[link.source].append(link.target)
        beside[link.target].append(link.source)
    return beside


def _distances(centre: str, marks: dict[str, Mark], beside: dict[str, list[str]]) -> dict[str, int]:
    """Links to the centre; a node that no link leads to counts as the centre does."""
    found = {centre: 0}
    order = [centre] if centre in marks else []
    for node in order:
        for other in beside[node]:
            if other not in found:
                found[other] = found[node] + 1
                order.append(other)
    return {node: found.get(node, 0) for node in marks}


def _parted(
    key: Key, family: list[Mark], opened: AbstractSet[str], kept: AbstractSet[str]
) -> tuple[list[Mark], list[Mark]]:
    """What is drawn of a family, and what is folded: nothing, or two at least."""
    if len(family) <= FEW or not key[2] or _fold_id(key) in opened:
        return family, []
    newest = {mark.id for mark in sorted(family, key=lambda mark: mark.at)[-KEPT:]}
    drawn = [mark for mark in family if mark.id in newest or mark.id in kept]
    rest = [mark for mark in family if mark.id not in newest and mark.id not in kept]
    return (drawn, rest) if len(rest) > 1 else (family, [])


def _fold_id(key: Key) -> str:
    kind, family, nearer = key
    return f"fold:{kind}|{family}|{' '.join(nearer)}"


def _fold(key: Key, rest: list[Mark]) -> Mark:
    kind, family, _ = key
    some = "\n".join(mark.title for mark in rest[-8:])
    return Mark(
        id=_fold_id(key),
        kind="fold",
        title=f"+{len(rest)} more",
        sub=family,
        hover=f"{len(rest)} more of {family}: click to show them\n{some}",
        of=kind,
        inside=rest[0].inside,
        within=rest[0].within,
    )


def _moved(drawing: Drawing, rest: list[Mark], fold: Mark, nearer: tuple[str, ...]) -> list[Link]:
    """The links of what is folded to what is nearer, as links of the fold."""
    inside = {mark.id for mark in rest}
    moved = []
    for link in drawing.links:
        if link.source in nearer and link.target in inside:
            moved.append(replace(link, target=fold.id))
        elif link.target in nearer and link.source in inside:
            moved.append(replace(link, source=fold.id))
    return moved
