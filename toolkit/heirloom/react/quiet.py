"""Debounce: events that come close behind each other start one run, on the last of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from heirloom.react.closing import trigger_of
from heirloom.react.moment import Event, Moment
from heirloom.react.states import Verdict
from heirloom.records.clauses import quote
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["hold", "let_go"]

Start = Callable[[Moment, LaunchPlanRecord, Event], str | None]


def hold(
    moment: Moment, plan: LaunchPlanRecord, event: Event, versions: Sequence[ArtifactVersion]
) -> bool:
    """Let an event wait until it is quiet around these versions; whether the plan asks for that.

    In a lane only the last event has a due time; those before it wait behind it.
    """
    seconds = trigger_of(plan).debounce
    if seconds is None:
        return False
    lane = _lane(versions)
    for earlier in list(moment.waiting(plan, lane)):
        reason = f"goes with {event.version.name}@{event.version.version}"
        behind = Verdict("waiting", reason, waits="debounce", lane=_behind(lane))
        moment.put(plan, earlier, behind)
    due = moment.at + timedelta(seconds=seconds)
    reason = f"until nothing more comes for {seconds:g} s"
    wait = Verdict("waiting", reason, waits="debounce", lane=lane, due=due)
    moment.put(plan, event, wait)
    return True


def let_go(moment: Moment, plan: LaunchPlanRecord, lane: str, start: Start) -> None:
    """Start one run for a lane whose time has come; its other events point to that run.

    What was yanked meanwhile is skipped.
    """
    events = [*moment.waiting(plan, _behind(lane)), *moment.waiting(plan, lane)]
    for event in events:
        if event.version.state != "live":
            moment.put(plan, event, Verdict("skipped", f"it is {event.version.state}"))
    live = [event for event in events if event.version.state == "live"]
    if not live:
        return
    *before, last = live
    execution_id = start(moment, plan, last)
    into = f"{last.version.name}@{last.version.version}, the last of {len(live)}"
    for event in before:
        moment.put(plan, event, Verdict("coalesced", f"into {into}", execution_id=execution_id))


def _lane(versions: Sequence[ArtifactVersion]) -> str:
    """Their names, and all their partition values: events of two partitions never become one."""
    values = {key: value for each in versions for key, value in each.conditions.items()}
    names = sorted({fold(version.name) for version in versions})
    inside = ",".join(f"{key}={quote(value)}" for key, value in sorted(values.items()))
    return f"{' & '.join(names)}[{inside}]"


def _behind(lane: str) -> str:
    return f"behind {lane}"
