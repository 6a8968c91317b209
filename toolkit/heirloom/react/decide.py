"""New versions and listening plans in, ledger rows and queued executions out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from heirloom.records.executions import Execution
from heirloom.records.ids import new_id
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Listening", "decide", "outcome", "queued"]


class Listening(Protocol):
    """What the decision asks of the catalog, at the moment of the commit."""

    def listening(self, project: str, name: str) -> Sequence[tuple[LaunchPlanRecord, Switch]]:
        """Plans that were ever activated and listen to that artifact, by active version."""
        ...

    def last_fired(
        self, project: str, plan: str, name: str, conditions: dict[str, str]
    ) -> ArtifactVersion | None:
        """The newest version with these partition values that this plan fired on."""
        ...


def decide(
    view: Listening, fresh: Iterable[ArtifactVersion], causes: dict[str, Execution], at: datetime
) -> tuple[list[LedgerRow], list[Execution]]:
    """One row for every fresh version at every plan that listens, and what the rows start.

    Args:
        view: The catalog at the moment of the commit.
        fresh: New versions; drafts fire nothing and are not among them.
        causes: The executions that made them, by id.
        at: The time of the commit.
    """
    rows: list[LedgerRow] = []
    executions: list[Execution] = []
    for version in fresh:
        cause = causes[version.execution_id]
        for plan, switch in view.listening(version.project, version.name):
            state, reason = outcome(view, plan, switch.active, version, cause)
            started = queued(plan, (version.ref,), cause, at) if state == "queued" else None
            executions += [started] if started else []
            rows.append(
                LedgerRow(
                    project=plan.project,
                    plan=plan.name,
                    plan_version=plan.version,
                    refs=(version.ref,),
                    state=state,
                    at=at,
                    reason=reason,
                    execution_id=started.id if started else None,
                )
            )
    return rows, executions


def queued(
    plan: LaunchPlanRecord, refs: tuple[str, ...], cause: Execution, at: datetime
) -> Execution:
    """The execution that a row starts, one step deeper in the chain of what caused it."""
    own = new_id()
    return Execution(
        id=own,
        kind=plan.kind,
        name=plan.workflow,
        state="queued",
        root_id=own,
        project=plan.project,
        created_by=plan.registered_by,
        started_at=at,
        code_version=plan.code,
        plan=plan.name,
        plan_version=plan.version,
        attempt=0,
        depth=cause.depth + 1,
        chain=cause.chain or cause.root_id,
        triggered_by=refs,
    )


def outcome(
    view: Listening,
    plan: LaunchPlanRecord,
    active: bool,
    version: ArtifactVersion,
    cause: Execution,
) -> tuple[str, str]:
    """The state that the row of one event opens in at one plan, and why."""
    trigger = plan.trigger
    assert trigger is not None
    if not any(_matches(query, version, plan.project) for query in trigger.on):
        listens = " or ".join(map(str, trigger.on))
        return "filtered", f"listens to {listens}"
    if not active:
        return "paused", "the plan is off"
    if trigger.max_depth is not None and cause.depth >= trigger.max_depth:
        return "loop-stopped", f"max_depth={trigger.max_depth} triggered executions in this chain"
    if trigger.when == "change":
        before = view.last_fired(plan.project, plan.name, version.name, version.conditions)
        if before is not None and _same(before, version):
            return "unchanged", f"same content as @{before.version}"
    return "queued", ""


def _matches(query: Query, version: ArtifactVersion, project: str) -> bool:
    return query.within(project).matches(version)


def _same(before: ArtifactVersion, version: ArtifactVersion) -> bool:
    def content(each: ArtifactVersion) -> tuple[object, ...]:
        return (each.digest, each.kind, each.conditions, each.card and each.card.text)

    return before.digest is not None and content(before) == content(version)
