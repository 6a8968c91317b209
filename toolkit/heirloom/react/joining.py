"""Which versions of several artifacts belong together, and what waits for its partner."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from itertools import tee

from heirloom.react.closing import slot_of, trigger_of
from heirloom.react.moment import Event, Moment
from heirloom.react.shelf import fits
from heirloom.react.states import Verdict
from heirloom.records.clauses import Clause
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Pair", "agree", "bound", "in_order", "lane_of", "latest_of_each", "pair", "partners"]

Pair = tuple[Query, ArtifactVersion]
_Lane = tuple[Query, Iterator[Event]]


def lane_of(plan: LaunchPlanRecord, version: ArtifactVersion) -> str:
    """Where a version waits for those of the other artifacts."""
    slot = slot_of(plan, version)
    assert slot is not None
    return str(trigger_of(plan).on[slot])


def partners(moment: Moment, plan: LaunchPlanRecord, event: Event) -> list[Event] | None:
    """The oldest waiting events, one for each other query, that go with this one.

    They agree with it and with each other wherever two of them have the same partition key.
    Whatever of them was yanked meanwhile is skipped for good.
    """
    lanes = [_lane(moment, plan, query) for query in _others(plan, event.version)]
    found = _completed([pair(plan, event.version)], lanes)
    return found if isinstance(found, list) else None


def _completed(chosen: Sequence[Pair], lanes: Sequence[_Lane]) -> list[Event] | set[int]:
    """The first of each lane that go with what is chosen and with each other.

    Returns:
        Where there are none: the places of those chosen that stand in the way. Whatever is chosen
        at other places, there are none.
    """
    if not lanes:
        return []
    (query, lane), *rest = lanes
    blamed: set[int] = set()
    waiting = copy(lane)
    for event in waiting:
        each = (query, event.version)
        against = next((n for n, other in enumerate(chosen) if not agree(each, other)), None)
        if against is not None:
            blamed.add(against)
            continue
        found = _completed([*chosen, each], rest)
        if isinstance(found, list):
            return [event, *found]
        if len(chosen) not in found:
            deque(waiting, maxlen=0)  # no other would do; what is yanked of them is skipped too
            return found
        blamed |= found - {len(chosen)}
    return blamed


def latest_of_each(
    moment: Moment, plan: LaunchPlanRecord, version: ArtifactVersion
) -> list[ArtifactVersion] | Query:
    """The newest version for each other query that agrees with this one, in their order.

    Returns:
        The query that nothing meets, where one is missing.
    """
    chosen = [pair(plan, version)]
    for query in _others(plan, version):
        asked = _closed(moment, plan, query, [each for _, each in chosen])
        found = moment.resolve(asked.within(plan.project))
        if found is None:
            return asked
        chosen.append((query, found))
    return [each for _, each in chosen[1:]]


def agree(a: Pair, b: Pair) -> bool:
    """Whether two versions have the same values under the keys that both have and are bound by."""
    query, version = b
    return fits(version.conditions, bound(a, query))


def bound(a: Pair, query: Query) -> dict[str, str]:
    """The values that a version for `query` has to have to go with another: under keys of its own.

    A key that both queries pin to a value binds none: who wrote them wants these two.
    """
    own, version = a
    same = own.pinned.keys() & query.pinned.keys()
    return {key: value for key, value in version.conditions.items() if key not in same}


def in_order(plan: LaunchPlanRecord, versions: Iterable[ArtifactVersion]) -> list[ArtifactVersion]:
    """Versions that belong together, in the order of the plan's queries."""
    return sorted(versions, key=lambda version: slot_of(plan, version) or 0)


def pair(plan: LaunchPlanRecord, version: ArtifactVersion) -> Pair:
    """A version with the query that it fills."""
    return trigger_of(plan).on[slot_of(plan, version) or 0], version


def _others(plan: LaunchPlanRecord, version: ArtifactVersion) -> list[Query]:
    own = slot_of(plan, version)
    return [query for slot, query in enumerate(trigger_of(plan).on) if slot != own]


def _live(moment: Moment, plan: LaunchPlanRecord, waiting: Iterable[Event]) -> Iterator[Event]:
    for event in waiting:
        if event.version.state == "live":
            yield event
        else:
            moment.put(plan, event, Verdict("skipped", f"it is {event.version.state}"))


def _lane(moment: Moment, plan: LaunchPlanRecord, query: Query) -> _Lane:
    """What waits for a query, looked up once however often it is gone through."""
    (lane,) = tee(_distinct(_live(moment, plan, moment.waiting(plan, str(query)))), 1)
    return query, lane


def _distinct(events: Iterable[Event]) -> Iterator[Event]:
    """The oldest with each set of partition values: what goes with it goes with the others."""
    seen = set()
    for event in events:
        values = tuple(sorted(event.version.conditions.items()))
        if values not in seen:
            seen.add(values)
            yield event


def _closed(
    moment: Moment, plan: LaunchPlanRecord, query: Query, chosen: Sequence[ArtifactVersion]
) -> Query:
    """`query` held to the values that others name or have, as far as its artifact has the keys."""
    known = {k: v for other in trigger_of(plan).on for k, v in other.pinned.items()}
    for version in chosen:
        known |= version.conditions
    keys = moment.keys(query.project or plan.project, query.name) - query.pinned.keys()
    held = [Clause(key, "=", (known[key],)) for key in sorted(keys & known.keys())]
    return replace(query, clauses=(*query.clauses, *held))
