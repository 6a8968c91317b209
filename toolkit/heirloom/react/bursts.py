"""Bursts: by debounce or cooldown, events close behind each other start one run, on the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain

from heirloom.react.closing import trigger_of
from heirloom.react.moment import Event, Moment, alike
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
    """Let an event wait until a run on these versions may begin; whether it is to wait.

    In a lane only the last event has a due time; those before it wait behind it.
    """
    lane = _lane(plan, versions)
    wait = _wait(moment, plan, lane, event, versions)
    if wait is None:
        return False
    for earlier in list(moment.waiting(plan, lane)):
        reason = f"goes with {event.version.name}@{event.version.version}"
        behind = Verdict("waiting", reason, waits=wait.waits, lane=_behind(lane))
        moment.put(plan, earlier, behind)
    moment.put(plan, event, wait)
    return True


def _wait(
    moment: Moment,
    plan: LaunchPlanRecord,
    lane: str,
    event: Event,
    versions: Sequence[ArtifactVersion],
) -> Verdict | None:
    """What an event waits for, whichever comes last: quiet, or the end of the cooldown."""
    quiet, cooldown = trigger_of(plan).debounce, trigger_of(plan).cooldown
    found: list[Verdict] = []
    if quiet is not None:
        reason, due = f"until nothing more comes for {quiet:g} s", timedelta(seconds=quiet)
        found.append(Verdict("waiting", reason, waits="debounce", lane=lane, due=moment.at + due))
    if cooldown is not None:
        cool = _cool(moment, plan, lane, versions, timedelta(seconds=cooldown))
        if cool is None and event.row is not None and event.row.waits == "cooldown":
            cool = moment.at  # decided anew: what waited with it is yet to come, and is one run
        reason = f"until {cooldown:g} s after the last run was queued"
        if cool is not None:
            found.append(Verdict("waiting", reason, waits="cooldown", lane=lane, due=cool))
    return max(found, key=_due, default=None)


def _cool(
    moment: Moment,
    plan: LaunchPlanRecord,
    lane: str,
    versions: Sequence[ArtifactVersion],
    cooldown: timedelta,
) -> datetime | None:
    """When a run on these versions may begin again; `None` where it may now.

    What waits in the lane is not overtaken: an event that comes when its time is over goes with it.
    """
    waiting = next(chain(moment.waiting(plan, _behind(lane)), moment.waiting(plan, lane)), None)
    times = [_began(moment, plan, version, waiting) for version in versions]
    began = max((time for time in times if time is not None), default=None)
    if began is not None and began + cooldown > moment.at:
        return began + cooldown
    return moment.at if waiting is not None else None


def _began(
    moment: Moment, plan: LaunchPlanRecord, version: ArtifactVersion, waiting: Event | None
) -> datetime | None:
    """When the plan was last started by a version with these partition values, to this one.

    What waits has started nothing, and the first that waits tells where to look.
    """
    if waiting is not None and alike(waiting.version, version):
        fired = moment.last_fired(plan, waiting.version)
    else:
        fired = moment.last_fired(plan, version, itself=True)
    while fired is not None:
        row = moment.row(plan, fired)
        if row is not None and row.state != "waiting":
            return row.at
        fired = moment.last_fired(plan, fired)
    return None


def _due(verdict: Verdict) -> datetime:
    assert verdict.due is not None
    return verdict.due


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


def _lane(plan: LaunchPlanRecord, versions: Sequence[ArtifactVersion]) -> str:
    """Their names, and all their partition values: events of two partitions never become one.

    Of a window's versions, the time at which it begins. No lane of a join is called so.
    """
    values = {key: value for each in versions for key, value in each.conditions.items()}
    if "time" in values and trigger_of(plan).window is not None:
        values["time"] = min(each.conditions["time"] for each in versions)
    names = sorted({fold(version.name) for version in versions})
    inside = ",".join(f"{key}={quote(value)}" for key, value in sorted(values.items()))
    return f"run on {' & '.join(names)}[{inside}]"


def _behind(lane: str) -> str:
    return f"behind {lane}"
