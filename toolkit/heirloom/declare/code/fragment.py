"""The pieces of a source closure, and an order in which they execute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["KINDS", "Fragment", "Needs", "in_order", "too_early"]

KINDS = ("import", "constant", "artifact", "class", "function", "task", "workflow", "cell")
"""What a fragment can be; where nothing else decides, they stand in this order."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """Python text that binds one name of the rebuilt module."""

    name: str
    source: str
    kind: str


@dataclass(frozen=True, slots=True)
class Needs:
    """The fragments that another one names."""

    now: frozenset[str] = frozenset()
    """Read while it executes: they have to stand before it."""
    later: frozenset[str] = frozenset()
    """Read by functions: they stand before it wherever they can.

    A decorator may call what it decorates, as ``@workflow`` does.
    """

    def renamed(self, owners: Mapping[str, str]) -> Needs:
        """The same, with the fragments that bind the names instead of the names."""
        now, later = ({owners.get(n, n) for n in names} for names in (self.now, self.later))
        return Needs(frozenset(now), frozenset(later))


def in_order(
    fragments: Mapping[str, Fragment], needs: Mapping[str, Needs], last: str
) -> tuple[Fragment, ...]:
    """The fragments in an order in which they execute, the same for the same fragments.

    Args:
        fragments: By name.
        needs: By name of fragment; names that are no fragment are ignored.
        last: The fragment to end with, if no other needs it.
    """
    now = {name: needs[name].now & fragments.keys() - {name} for name in fragments}
    reached = {name: _reached(name, needs, fragments) for name in fragments}
    waiting, placed = dict(fragments), list[Fragment]()
    done = set[str]()
    while waiting:
        # In a circle that member is first whose own text runs, and whose text runs the least;
        # what is outside of the circle waits for more.
        name = min(
            waiting,
            key=lambda name: (
                not now[name] <= done,
                len(reached[name] - done),
                bool(reached[name] - done) and len(now[name]),
                name == last,
                KINDS.index(fragments[name].kind),
                name,
            ),
        )
        placed.append(waiting.pop(name))
        done.add(name)
    return tuple(placed)


def too_early(ordered: Sequence[Fragment], needs: Mapping[str, Needs]) -> str | None:
    """The first fragment that stands before one that it reads while it executes, if any does."""
    waiting = {each.name for each in ordered}
    for fragment in ordered:
        waiting.discard(fragment.name)
        if needs[fragment.name].now & waiting:
            return fragment.name
    return None


def _reached(
    name: str, needs: Mapping[str, Needs], fragments: Mapping[str, Fragment]
) -> frozenset[str]:
    """Everything that a fragment needs, directly or not, without itself."""
    seen, queue = {name}, [name]
    for each in queue:
        for other in needs[each].now | needs[each].later:
            if other in fragments and other not in seen:
                seen.add(other)
                queue.append(other)
    return frozenset(seen - {name})
