"""Plans that start each other in a circle, found by what they listen to and emit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Circle", "Emitted", "Name", "around", "circle"]

Name = tuple[str, str]
"""A project and the folded name of an artifact."""
_Plan = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Circle:
    """Plans each of which may start the next, and the last the first.

    Attributes:
        plans: Their names, the first one again at the end.
        limit: The smallest ``max_depth`` among them; `None` where it may go on for ever.
    """

    plans: tuple[str, ...]
    limit: int | None

    def __str__(self) -> str:
        way = " → ".join(self.plans)
        if self.limit is None:
            return f"{way} start each other for ever: every max_depth is None"
        return f"{way}: at most {self.limit} triggered executions in a chain"


def circle(start: LaunchPlanRecord, emits: Mapping[_Plan, Emitted]) -> Circle | None:
    """The shortest circle that a plan is part of; one that never ends comes first.

    Args:
        start: The plan; it is among the keys of `emits`, too.
        emits: By project and name of each plan that is on: its record and what it emits.
    """
    endless = {key: each for key, each in emits.items() if _limit(each.plan) is None}
    way = _shortest(_key(start), endless) or _shortest(_key(start), emits)
    if way is None:
        return None
    return around([emits[key].plan for key in way])


def around(plans: Sequence[LaunchPlanRecord]) -> Circle:
    """The circle in which each of these plans starts the next, and the last the first."""
    limits = [limit for plan in plans if (limit := _limit(plan)) is not None]
    names = [plan.name for plan in (*plans, plans[0])]
    return Circle(tuple(names), min(limits, default=None))


@dataclass(frozen=True, slots=True)
class Emitted:
    """A plan, and the artifacts that it is known to emit."""

    plan: LaunchPlanRecord
    names: frozenset[Name]


def _shortest(start: _Plan, emits: Mapping[_Plan, Emitted]) -> list[_Plan] | None:
    """The shortest way from a plan back to itself, itself once at its beginning."""
    if start not in emits:
        return None
    ways = [[start]]
    seen: set[_Plan] = set()
    for way in ways:
        for after in _started_by(emits[way[-1]], emits.values()):
            if after == start:
                return way
            if after not in seen:
                seen.add(after)
                ways.append([*way, after])
    return None


def _started_by(emitted: Emitted, plans: Iterable[Emitted]) -> list[_Plan]:
    return [_key(each.plan) for each in plans if emitted.names & each.plan.listens]


def _limit(plan: LaunchPlanRecord) -> int | None:
    return plan.trigger.max_depth if plan.trigger is not None else 0


def _key(plan: LaunchPlanRecord) -> _Plan:
    return plan.project, plan.name
