"""The times that come together in the window around a version."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from heirloom.react.moment import Moment
from heirloom.react.states import Verdict
from heirloom.records.periods import MOST_TIMES, beginnings
from heirloom.records.plans import Trigger
from heirloom.records.versions import ArtifactVersion

__all__ = ["out_of_window", "times_of"]


def out_of_window(moment: Moment, trigger: Trigger, version: ArtifactVersion) -> Verdict | None:
    """The verdict on a version that comes together with no others; `None` where it may."""
    if trigger.window is None or 1 < len(times_of(moment, trigger, version)) <= MOST_TIMES:
        return None
    if version.time_partition is None:
        return Verdict("filtered", f"it has no time, and is in no {trigger.window}")
    period = moment.granularity(version.project, version.name)
    return Verdict("filtered", f"no {trigger.window} has 2 to {MOST_TIMES} times, by {period}")


def times_of(moment: Moment, trigger: Trigger, version: ArtifactVersion) -> list[datetime]:
    """Each time of the window around a version, one more than there may be at most.

    Its own is among them, also where the declaration was another when it was emitted.
    """
    period = moment.granularity(version.project, version.name)
    if trigger.window is None or period is None or version.time_partition is None:
        return []
    times = beginnings(period, trigger.window, version.time_partition)
    return sorted({*islice(times, MOST_TIMES + 1), version.time_partition})
