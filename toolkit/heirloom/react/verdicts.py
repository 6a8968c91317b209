"""What is said of events that start a run together, or give way to newer ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from heirloom.react.closing import same_content
from heirloom.react.moment import Event, Moment
from heirloom.react.states import Verdict
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["overtake", "queue", "stands_for"]

_NAMED = 8


def stands_for(event: Event, version: ArtifactVersion) -> bool:
    """Whether what waits is that version, or the same again was ``unchanged`` after it."""
    return event.version.ref == version.ref or same_content(event.version, version)


def overtake(
    moment: Moment, plan: LaunchPlanRecord, events: Iterable[Event], by: ArtifactVersion
) -> None:
    """Give way to a newer version."""
    for event in events:
        moment.put(plan, event, Verdict("superseded", f"by {_called(by)}"))


def queue(
    moment: Moment,
    plan: LaunchPlanRecord,
    event: Event,
    versions: Sequence[ArtifactVersion],
    execution_id: str,
) -> None:
    """Point an event's row to the execution that it starts, or is part of."""
    others = [_called(each) for each in versions if each.ref != event.version.ref]
    named = ", ".join(others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    reason = f"with {named}{more}" if others else ""
    moment.put(plan, event, Verdict("queued", reason, execution_id=execution_id))


def _called(version: ArtifactVersion) -> str:
    return f"{version.name}@{version.version}"
