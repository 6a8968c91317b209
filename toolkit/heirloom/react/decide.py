"""Events and listening plans in, ledger rows and queued executions out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from heirloom.react.bursts import let_go
from heirloom.react.closing import closed
from heirloom.react.conditions import start_on, take
from heirloom.react.moment import Event, Moment
from heirloom.react.standing import Standing
from heirloom.react.states import Verdict
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["Decision", "decide", "redecide", "release"]

Decision = tuple[list[LedgerRow], list[Execution]]


def _anything(code: str) -> bool:
    return True


def decide(
    standing: Standing,
    fresh: Iterable[ArtifactVersion],
    causes: Mapping[str, Execution],
    at: datetime,
    approved: Callable[[str], bool] = _anything,
    declared: Iterable[Declaration] = (),
) -> Decision:
    """One row for every fresh version at every plan that listens, and what the rows start.

    Rows that waited for one of these are moved with them.

    Args:
        standing: The catalog at the moment of the commit.
        fresh: New versions in commit order; drafts fire nothing and are not among them.
        causes: The executions that made them, by id.
        at: The time of the commit.
        approved: Whether code of that digest may run.
        declared: Declarations that are new with these versions.
    """
    new = {(each.project, fold(each.name)): each for each in declared}
    moment = Moment(standing, at, approved, causes, declared=new)
    for version in moment.hear(fresh):
        for plan, switch in standing.listening(version.project, version.name):
            event = Event(version)
            verdict = closed(moment, plan, switch.active, event)
            if verdict is None:
                take(moment, plan, event)
            else:
                moment.put(plan, event, verdict)
    return moment.decided


def redecide(
    standing: Standing,
    plan: LaunchPlanRecord,
    rows: Sequence[LedgerRow],
    at: datetime,
    approved: Callable[[str], bool] = _anything,
) -> Decision:
    """Decide on paused or waiting rows as if their events came now, at `plan`, which is on.

    What the plan does not take up is ``skipped`` where it was paused, ``superseded`` where it
    waited.

    Args:
        standing: The catalog at the moment of the commit.
        plan: As it is from now on.
        rows: Of that plan, whatever its version was then, the oldest event first.
        at: The time of the commit.
        approved: Whether code of that digest may run.
    """
    moment = Moment(standing, at, approved, lifted=frozenset(row.key for row in rows))
    for row in rows:
        (version,) = moment.hear([moment.version(row.refs[0])])
        event = Event(version, row)
        verdict = closed(moment, plan, True, event)
        if verdict is None:
            take(moment, plan, event)
        else:
            state = "skipped" if row.state == "paused" else "superseded"
            moment.put(plan, event, Verdict(state, f"{verdict.state}: {verdict.reason}"))
    return moment.decided


def release(
    standing: Standing,
    plan: LaunchPlanRecord,
    active: bool,
    due: Iterable[LedgerRow],
    at: datetime,
) -> Decision:
    """Start what waited for quiet, and whose time has come.

    At a plan that is off it waits on, without a time, until the plan is on again.
    """
    moment = Moment(standing, at, _anything)
    for row in due:
        lane = row.lane or ""
        if active:
            let_go(moment, plan, lane, start_on)
            continue
        wait = Verdict("waiting", "the plan is off", waits=row.waits, lane=lane)
        moment.put(plan, Event(moment.version(row.refs[0]), row), wait)
    return moment.decided
