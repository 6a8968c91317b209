"""Why an event starts nothing at a plan: the first of these that holds."""

from __future__ import annotations

from collections.abc import Callable

from heirloom.react.moment import Event, Moment
from heirloom.react.spans import out_of_window
from heirloom.react.states import Verdict
from heirloom.records.plans import LaunchPlanRecord, Trigger
from heirloom.records.versions import ArtifactVersion

__all__ = ["closed", "same_content", "slot_of", "trigger_of"]


def closed(moment: Moment, plan: LaunchPlanRecord, active: bool, event: Event) -> Verdict | None:
    """The verdict on an event that the plan does not take up now; `None` where it does."""
    for rule in _RULES:
        verdict = rule(moment, plan, active, event)
        if verdict is not None:
            return verdict
    return None


def slot_of(plan: LaunchPlanRecord, version: ArtifactVersion) -> int | None:
    """Which of the plan's queries a version fills: the first that it matches."""
    on = trigger_of(plan).on
    return next((n for n, q in enumerate(on) if q.within(plan.project).matches(version)), None)


def trigger_of(plan: LaunchPlanRecord) -> Trigger:
    """The trigger of a plan that listens."""
    assert plan.trigger is not None
    return plan.trigger


def _filtered(moment: Moment, plan: LaunchPlanRecord, active: bool, event: Event) -> Verdict | None:
    if plan.trigger is None:
        return Verdict("filtered", "the plan runs by hand only")
    if (slot := slot_of(plan, event.version)) is not None:
        out = out_of_window(moment, trigger_of(plan), event.version)
        return out or _alone(plan, slot, event.version)
    if event.version.state != "live":
        return Verdict("filtered", f"it is {event.version.state}")
    return Verdict("filtered", f"listens to {' or '.join(map(str, trigger_of(plan).on))}")


def _alone(plan: LaunchPlanRecord, slot: int, version: ArtifactVersion) -> Verdict | None:
    """The verdict on a version that never goes with what another query asks for."""
    trigger = trigger_of(plan)
    if trigger.condition == "any":
        return None
    own = trigger.on[slot].pinned
    for query in trigger.on:
        for key, value in query.pinned.items():
            if key not in own and version.conditions.get(key, value) != value:
                return Verdict("filtered", f"{key}={version.conditions[key]} goes with no {query}")
    return None


def _paused(moment: Moment, plan: LaunchPlanRecord, active: bool, event: Event) -> Verdict | None:
    return None if active else Verdict("paused", "the plan is off")


def _too_deep(moment: Moment, plan: LaunchPlanRecord, active: bool, event: Event) -> Verdict | None:
    limit = trigger_of(plan).max_depth
    if limit is None or moment.cause(event.version).depth < limit:
        return None
    return Verdict("loop-stopped", f"max_depth={limit} triggered executions in this chain")


def _unchanged(
    moment: Moment, plan: LaunchPlanRecord, active: bool, event: Event
) -> Verdict | None:
    waited = event.row is not None and event.row.state == "waiting"
    if trigger_of(plan).when != "change" or waited:  # it was a change when it began to wait
        return None
    before = moment.last_fired(plan, event.version)
    if before is None or not same_content(before, event.version):
        return None
    return Verdict("unchanged", f"same content as @{before.version}")


def same_content(before: ArtifactVersion, version: ArtifactVersion) -> bool:
    """Whether payload, kind, partitions and card are equal, as far as the content is known."""

    def content(each: ArtifactVersion) -> tuple[object, ...]:
        return (each.digest, each.kind, each.conditions, each.card and each.card.text)

    return before.digest is not None and content(before) == content(version)


_Rule = Callable[[Moment, LaunchPlanRecord, bool, Event], Verdict | None]
_RULES: tuple[_Rule, ...] = (_filtered, _paused, _too_deep, _unchanged)
