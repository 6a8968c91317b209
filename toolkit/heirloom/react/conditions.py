"""What an event that a plan takes up leads to: a run now, or waiting for more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from shlex import quote as quoted

from heirloom.react.bursts import hold
from heirloom.react.closing import trigger_of
from heirloom.react.joining import (
    Pair,
    bound,
    in_order,
    lane_of,
    latest_of_each,
    pair,
    partners,
)
from heirloom.react.moment import Event, Moment
from heirloom.react.states import Verdict
from heirloom.react.verdicts import overtake, queue, stands_for
from heirloom.react.windows import start_window, take_in_window
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["APPROVAL", "start_on", "take"]

APPROVAL = "approval"
"""The lane of what waits until the code of its plan is approved."""


def take(moment: Moment, plan: LaunchPlanRecord, event: Event) -> None:
    """Decide on an event that nothing closes."""
    if not moment.approved(plan.code):
        wait = Verdict("waiting", _unread(plan), waits="approval", lane=APPROVAL)
        moment.put(plan, event, wait)
        return
    if trigger_of(plan).window is not None:
        take_in_window(moment, plan, event)
        return
    _CONDITIONS[trigger_of(plan).condition](moment, plan, event)


def _unread(plan: LaunchPlanRecord) -> str:
    """Whose code waits, and what lets it go."""
    approve = f"heirloom approve {quoted(plan.name)}"
    whose = f"v{plan.version} by {plan.registered_by} is not approved"
    return f"{whose}: {approve} --show to read it, {approve} to let it run"


def start_on(moment: Moment, plan: LaunchPlanRecord, event: Event) -> str | None:
    """Start what an event that waited for quiet leads to now.

    Returns:
        The id of the execution; `None` where its partners are not there any more.
    """
    if trigger_of(plan).window is not None:
        return start_window(moment, plan, event)
    if trigger_of(plan).condition == "all-latest":
        return _with_latest(moment, plan, event)
    return _together(moment, plan, [event])


def _any(moment: Moment, plan: LaunchPlanRecord, event: Event) -> None:
    if not hold(moment, plan, event, [event.version]):
        _together(moment, plan, [event])


def _all(moment: Moment, plan: LaunchPlanRecord, event: Event) -> None:
    found = partners(moment, plan, event)
    if found is None:
        own = lane_of(plan, event.version)
        others = [str(query) for query in trigger_of(plan).on if str(query) != own]
        _wait(moment, plan, event, " and ".join(others))
    else:
        _together(moment, plan, [event, *found])


def _all_latest(moment: Moment, plan: LaunchPlanRecord, event: Event) -> None:
    found = latest_of_each(moment, plan, event.version)
    if isinstance(found, Query) or not hold(moment, plan, event, [event.version, *found]):
        _with_latest(moment, plan, event)


def _together(moment: Moment, plan: LaunchPlanRecord, events: Sequence[Event]) -> str:
    """Start one execution on several events; each of their rows is queued with it."""
    versions = in_order(plan, (event.version for event in events))
    execution = moment.start(plan, versions)
    for event in events:
        queue(moment, plan, event, versions, execution.id)
    return execution.id


def _with_latest(moment: Moment, plan: LaunchPlanRecord, event: Event) -> str | None:
    """Start an execution on an event and the latest of the others, or wait for one of these."""
    found = latest_of_each(moment, plan, event.version)
    own = pair(plan, event.version)
    older = _waiting_with(moment, plan, own, event.version)
    overtake(moment, plan, older, event.version)
    if isinstance(found, Query):
        _wait(moment, plan, event, str(found))
        return None
    versions = in_order(plan, [event.version, *found])
    execution = moment.start(plan, versions)
    queue(moment, plan, event, versions, execution.id)
    for version in found:
        waiting = list(_waiting_with(moment, plan, own, version))
        part = next((each for each in reversed(waiting) if stands_for(each, version)), None)
        overtake(moment, plan, (each for each in waiting if each is not part), version)
        if part is not None:
            queue(moment, plan, part, versions, execution.id)
    return execution.id


def _waiting_with(
    moment: Moment, plan: LaunchPlanRecord, own: Pair, version: ArtifactVersion
) -> Iterator[Event]:
    """What waits for its partners where `version` does, not newer, and goes with `own`."""
    query = pair(plan, version)[0]
    for event in list(moment.waiting(plan, lane_of(plan, version), bound(own, query))):
        if event.version.version <= version.version:
            yield event


def _wait(moment: Moment, plan: LaunchPlanRecord, event: Event, missing: str) -> None:
    lane = lane_of(plan, event.version)
    moment.put(plan, event, Verdict("waiting", f"for {missing}", waits="join", lane=lane))


_Condition = Callable[[Moment, LaunchPlanRecord, Event], None]
_CONDITIONS: Mapping[str, _Condition] = {"any": _any, "all": _all, "all-latest": _all_latest}
