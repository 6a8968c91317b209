"""Fan-in over time: all versions of one window of the calendar start a run together."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from heirloom.react.moment import Moment
from heirloom.react.states import Verdict
from heirloom.records.clauses import Clause
from heirloom.records.names import moment as told
from heirloom.records.periods import MOST_TIMES, beginnings
from heirloom.records.plans import LaunchPlanRecord, Trigger
from heirloom.records.versions import ArtifactVersion

__all__ = ["in_window", "out_of_window"]


def in_window(moment: Moment, plan: LaunchPlanRecord, version: ArtifactVersion) -> LaunchPlanRecord:
    """The plan as a version meets it: of a window, with a query for each time in it.

    So a window is a trigger with ``all-latest`` on as many queries as it has times, and a version
    that comes late starts a run with the latest of the others.
    """
    trigger = plan.trigger
    if trigger is None or trigger.window is None:
        return plan
    (query,) = trigger.on
    slots = [Clause("time", "=", (time,)) for time in _times(moment, trigger, version)]
    on = tuple(replace(query, clauses=(*query.clauses, slot)) for slot in slots)
    return replace(plan, trigger=replace(trigger, on=on, condition="all-latest"))


def out_of_window(moment: Moment, trigger: Trigger, version: ArtifactVersion) -> Verdict | None:
    """The verdict on a version that comes together with no others; `None` where it may."""
    if trigger.window is None or 1 < len(_times(moment, trigger, version)) <= MOST_TIMES:
        return None
    if version.time_partition is None:
        return Verdict("filtered", f"it has no time, and is in no {trigger.window}")
    period = moment.granularity(version.project, version.name)
    return Verdict("filtered", f"no {trigger.window} has 2 to {MOST_TIMES} times, by {period}")


def _times(moment: Moment, trigger: Trigger, version: ArtifactVersion) -> list[str]:
    """Each time of the window around a version, one more than there may be at most."""
    period = moment.granularity(version.project, version.name)
    if trigger.window is None or period is None or version.time_partition is None:
        return []
    times = beginnings(period, trigger.window, version.time_partition)
    return [told(time) for time in islice(times, MOST_TIMES + 1)]
