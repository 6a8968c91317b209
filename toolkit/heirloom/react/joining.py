"""Which versions of several artifacts belong together, and what waits for its partner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from heirloom.react.closing import slot_of, trigger_of
from heirloom.react.moment import Event, Moment
from heirloom.react.states import Verdict
from heirloom.records.clauses import Clause
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Pair", "agree", "in_order", "lane_of", "latest_of_each", "pair", "partners"]

Pair = tuple[Query, ArtifactVersion]


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
    others = _others(plan, event.version)
    return _completed(moment, plan, [pair(plan, event.version)], others)


def _completed(
    moment: Moment, plan: LaunchPlanRecord, chosen: Sequence[Pair], others: Sequence[Query]
) -> list[Event] | None:
    if not others:
        return []
    query, *rest = others
    for waiting in _live(moment, plan, moment.waiting(plan, str(query))):
        each = (query, waiting.version)
        if all(agree(each, other) for other in chosen):
            found = _completed(moment, plan, [*chosen, each], rest)
            if found is not None:
                return [waiting, *found]
    return None


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
    """Whether two versions have the same values under the keys that both have.

    A key that both queries pin to a value says nothing: who wrote them wants these two.
    """
    (one, version), (other, second) = a, b
    same = one.pinned.keys() & other.pinned.keys()
    ours, theirs = version.conditions, second.conditions
    return all(ours[key] == theirs[key] for key in (ours.keys() & theirs.keys()) - same)


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
