"""The shortest way from a node of a graph to another, along its edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

__all__ = ["way"]


def way(edges: Iterable[tuple[str, str]], source: str, target: str) -> tuple[str, ...]:
    """The nodes from `source` to `target`, both among them; empty if no way leads there.

    Of several that are as short, the one whose edges come first. Costs what it walks.
    """
    after: dict[str, list[str]] = defaultdict(list)
    for near, far in edges:
        after[near].append(far)
    came: dict[str, str | None] = {source: None}
    order = [source]
    for node in order:
        if node == target:
            break
        for far in after[node]:
            if far not in came:
                came[far] = node
                order.append(far)
    found: list[str] = []
    step = target if target in came else None
    while step is not None:
        found.append(step)
        step = came[step]
    return tuple(reversed(found))
