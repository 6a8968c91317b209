"""Things with partition values, in an order, found by these without a walk past all others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from typing import Generic, TypeVar

__all__ = ["Shelf", "fits"]

T = TypeVar("T")


def fits(conditions: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether no key of `wanted` has another value in `conditions`; it may lack the key."""
    return all(conditions.get(key, value) == value for key, value in wanted.items())


@dataclass(slots=True)
class _Alike:
    """The places of what has the same keys: all, and those under each value of a key."""

    all: list[int] = field(default_factory=list)
    having: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def under(self, keys: frozenset[str], wanted: Mapping[str, str]) -> list[int]:
        """Places among which is every one that fits: the fewest that one key leaves."""
        lists = [self.having.get((key, wanted[key]), []) for key in keys & wanted.keys()]
        return min(lists, key=len, default=self.all)


class Shelf(Generic[T]):
    """Things by the numbers of their places, which give the order."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._things: dict[int, tuple[T, Mapping[str, str]]] = {}
        self._alike: dict[frozenset[str], _Alike] = defaultdict(_Alike)

    def put(self, place: int, thing: T, conditions: Mapping[str, str]) -> None:
        """Let a thing with these partition values stand at a place, whatever stood there."""
        self.take(place)
        self._things[place] = thing, conditions
        for places in self._lists(conditions):
            insort(places, place)

    def take(self, place: int) -> None:
        """Leave a place empty."""
        if place in self._things:
            _, conditions = self._things.pop(place)
            for places in self._lists(conditions):
                del places[bisect_left(places, place)]

    def get(self, place: int) -> T | None:
        """What stands at a place."""
        found = self._things.get(place)
        return found[0] if found is not None else None

    def fitting(self, wanted: Mapping[str, str], *, last_first: bool = False) -> Iterator[T]:
        """What has none of these keys with another value, in order; what comes meanwhile is not."""
        lists = [alike.under(keys, wanted) for keys, alike in self._alike.items()]
        places = list(lists[0]) if len(lists) == 1 else list(merge(*lists))
        for place in reversed(places) if last_first else places:
            if place in self._things:
                thing, conditions = self._things[place]
                if fits(conditions, wanted):
                    yield thing

    def _lists(self, conditions: Mapping[str, str]) -> list[list[int]]:
        alike = self._alike[frozenset(conditions)]
        return [alike.all, *(alike.having[pair] for pair in conditions.items())]
