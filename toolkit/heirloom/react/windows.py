"""Fan-in over time: all versions of one window of the calendar start a run together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from heirloom.react.bursts import hold
from heirloom.react.closing import trigger_of
from heirloom.react.moment import Event, Moment
from heirloom.react.spans import times_of
from heirloom.react.states import Verdict
from heirloom.react.verdicts import overtake, queue, stands_for
from heirloom.records.clauses import Clause, quote
from heirloom.records.names import moment as told
from heirloom.records.periods import truncated
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["start_window", "take_in_window"]


def take_in_window(moment: Moment, plan: LaunchPlanRecord, event: Event) -> None:
    """Start a run on all versions of an event's window, or let it wait for the others.

    As with ``all-latest``: a version that comes late starts one with the latest of the others.
    """
    found = _latest_of_each(moment, plan, event.version)
    if isinstance(found, Query) or not hold(moment, plan, event, found):
        _start(moment, plan, event, found)


def start_window(moment: Moment, plan: LaunchPlanRecord, event: Event) -> str | None:
    """Start a run on an event and the latest of the other times, or wait for one of these."""
    return _start(moment, plan, event, _latest_of_each(moment, plan, event.version))


def _start(
    moment: Moment, plan: LaunchPlanRecord, event: Event, found: list[ArtifactVersion] | Query
) -> str | None:
    own, lane = event.version, _lane(plan, event.version)
    waiting = list(moment.waiting(plan, lane))
    if isinstance(found, Query):
        overtake(moment, plan, _older(waiting, own), own)
        wait = Verdict("waiting", f"for {found}", waits="join", lane=lane)
        moment.put(plan, event, wait)
        return None
    execution = moment.start(plan, found)
    queue(moment, plan, event, found, execution.id)
    for version in found:
        older = list(_older(waiting, version))
        part = None
        if version is not own:
            part = next((each for each in reversed(older) if stands_for(each, version)), None)
        overtake(moment, plan, (each for each in older if each is not part), version)
        if part is not None:
            queue(moment, plan, part, found, execution.id)
    return execution.id


def _older(waiting: Sequence[Event], version: ArtifactVersion) -> Iterator[Event]:
    """What waits for the window of a version, at its time, and is not newer."""
    for event in waiting:
        same = event.version.time_partition == version.time_partition
        if same and event.version.version <= version.version:
            yield event


def _latest_of_each(
    moment: Moment, plan: LaunchPlanRecord, version: ArtifactVersion
) -> list[ArtifactVersion] | Query:
    """A version with the newest of each other time of its window, in the order of the times.

    Returns:
        What nothing meets, where one is missing.
    """
    trigger, (query,) = trigger_of(plan), trigger_of(plan).on
    assert version.time_partition is not None
    others = [Clause(k, "=", (v,)) for k, v in _others(query, version).items()]
    times = times_of(moment, trigger, version)
    at = times.index(version.time_partition)
    found = {at: version}
    # They mostly come in order: where the next is not there yet, one look tells.
    for place in (*range(at + 1, len(times)), *range(at)):
        asked = _at(query, times[place], others)
        latest = moment.resolve(asked.within(plan.project))
        if latest is None:
            return asked
        found[place] = latest
    return [found[place] for place in sorted(found)]


def _at(query: Query, time: datetime, others: Sequence[Clause]) -> Query:
    """What a window asks for at one of its times."""
    return replace(query, clauses=(*query.clauses, Clause("time", "=", (told(time),)), *others))


def _others(query: Query, version: ArtifactVersion) -> dict[str, str]:
    """The partition values of a version beside its time, but for those that the query names."""
    return {k: v for k, v in version.partitions.items() if k not in query.pinned}


def _lane(plan: LaunchPlanRecord, version: ArtifactVersion) -> str:
    """Where the versions of one window wait for each other."""
    (query,) = trigger_of(plan).on
    assert version.time_partition is not None
    begin = told(truncated(version.time_partition, trigger_of(plan).window))
    values = ",".join(f"{k}={quote(v)}" for k, v in sorted(_others(query, version).items()))
    return f"{trigger_of(plan).window} of {query} from {begin} [{values}]"
