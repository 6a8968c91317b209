"""The decision: one row for each new version at each plan that listens, and what it starts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heirloom.react.decide import decide
from heirloom.react.states import OPENINGS
from heirloom.records.clauses import Clause
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion, Card

NOW = datetime(2026, 2, 1, tzinfo=UTC)
BLESSED = Query(name="sales", clauses=(Clause("blessed", "=", ("true",)),))
Make = Callable[..., Any]


def _decided(
    listening: Any, *fresh: ArtifactVersion, cause: Execution
) -> tuple[list[LedgerRow], list[Execution]]:
    rows, executions = decide(listening, fresh, {cause.id: cause}, NOW)
    assert {row.state for row in rows} <= OPENINGS
    assert [e.id for e in executions] == [row.execution_id for row in rows if row.execution_id]
    return rows, executions


def test_nobody_listens(listening: Any, version: Make, cause: Make) -> None:
    """Without a plan there is no row, and the artifact is asked for by project and name."""
    assert _decided(listening, version(), cause=cause()) == ([], [])
    assert listening.asked == [("p", "sales")]


def test_a_row_and_its_execution(listening: Any, version: Make, cause: Make) -> None:
    """A version that matches opens a queued row with a queued execution, one step deeper."""
    plan = listening.add()
    (row,), (execution,) = _decided(listening, version(), cause=cause(depth=2, chain="first"))
    ref = "heirloom://p/sales@1"
    assert (row.state, row.refs, row.plan_version, row.at) == ("queued", (ref,), 3, NOW)
    assert row.execution_id == execution.id == execution.root_id
    assert (execution.state, execution.attempt, execution.path) == ("queued", 0, "")
    assert (execution.kind, execution.name) == ("workflow", "work")
    assert (execution.plan, execution.plan_version) == ("plan", 3)
    assert execution.code_version == plan.code
    assert execution.created_by == "ada"
    assert execution.triggered_by == (ref,)
    assert (execution.depth, execution.chain) == (3, "first")


def test_a_chain_begins_at_the_root_that_nothing_triggered(
    listening: Any, version: Make, cause: Make
) -> None:
    """Where no chain is there yet, it is named after the run that emitted."""
    listening.add()
    _, (execution,) = _decided(listening, version(), cause=cause())
    assert (execution.depth, execution.chain) == (1, "root")


def test_every_version_at_every_plan(listening: Any, version: Make, cause: Make) -> None:
    """Two versions at three plans are six rows, in commit order."""
    listening.add("a")
    listening.add("b", BLESSED)
    listening.add("c", active=False)
    rows, executions = _decided(listening, version(1), version(2), cause=cause())
    assert [(row.refs[0][-1], row.plan, row.state) for row in rows] == [
        ("1", "a", "queued"),
        ("1", "b", "filtered"),
        ("1", "c", "paused"),
        ("2", "a", "queued"),
        ("2", "b", "filtered"),
        ("2", "c", "paused"),
    ]
    assert len(executions) == 2
    assert len({row.key for row in rows}) == 6


@pytest.mark.parametrize(
    ("given", "partitions", "depth", "state", "says"),
    [
        ({}, {"blessed": "true"}, 0, "queued", ""),
        ({}, {"blessed": "false"}, 0, "filtered", "listens to sales[blessed=true]"),
        ({"active": False}, {"blessed": "true"}, 0, "paused", "the plan is off"),
        ({"active": False}, {"blessed": "false"}, 0, "filtered", "listens to"),
        ({"max_depth": 2}, {"blessed": "true"}, 1, "queued", ""),
        ({"max_depth": 2}, {"blessed": "true"}, 2, "loop-stopped", "max_depth=2"),
        ({"max_depth": None}, {"blessed": "true"}, 999, "queued", ""),
        ({"max_depth": 1, "active": False}, {"blessed": "true"}, 1, "paused", "off"),
    ],
)
def test_what_a_row_opens_as(
    given: dict[str, Any],
    partitions: dict[str, str],
    depth: int,
    state: str,
    says: str,
    listening: Any,
    version: Make,
    cause: Make,
) -> None:
    """The first reason that holds is the row's: filtered, paused, loop-stopped."""
    listening.add("plan", BLESSED, **given)
    (row,), _ = _decided(listening, version(partitions=partitions), cause=cause(depth=depth))
    assert row.state == state
    assert says in row.reason


def test_any_of_several_queries(listening: Any, version: Make, cause: Make) -> None:
    """A plan on several queries starts when one of them matches."""
    listening.add("plan", BLESSED, Query(name="sales", clauses=(Clause("n", "=", ("1",)),)))
    (row,), _ = _decided(listening, version(partitions={"n": "1"}), cause=cause())
    assert row.state == "queued"


def test_another_projects_artifact(listening: Any, version: Make, cause: Make) -> None:
    """A query without project is about the plan's own; another is named in full."""
    listening.add("own")
    listening.add("theirs", Query(name="sales", project="q"))
    rows, _ = _decided(listening, version(project="q"), cause=cause())
    assert [row.state for row in rows] == ["filtered", "queued"]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ({}, "unchanged"),
        ({"created_by": "eve"}, "unchanged"),
        ({"digest": "sha256:b"}, "queued"),
        ({"kind": "data"}, "queued"),
        ({"card": Card("new")}, "queued"),
        ({"time_partition": NOW}, "queued"),
        ({"partitions": {"region": "emea"}}, "queued"),
    ],
)
def test_only_changes(
    now: dict[str, Any], state: str, listening: Any, version: Make, cause: Make
) -> None:
    """With ``when="change"`` the same content as the last that fired starts nothing."""
    listening.add(when="change")
    listening.fired = version(1)
    (row,), _ = _decided(listening, version(2, **now), cause=cause())
    assert row.state == state
    assert ("@1" in row.reason) == (state == "unchanged")


def test_the_first_is_a_change(listening: Any, version: Make, cause: Make) -> None:
    """What a plan never fired on is a change."""
    listening.add(when="change")
    (row,), _ = _decided(listening, version(), cause=cause())
    assert row.state == "queued"


def test_the_decision_takes_nothing_but_its_arguments(
    listening: Any, version: Make, cause: Make
) -> None:
    """Asked again it decides the same; only the ids of what it starts are new."""
    listening.add()
    first, second = (
        _decided(listening, version(), cause=cause(started_at=NOW - timedelta(days=1)))[0][0]
        for _ in range(2)
    )
    assert first.execution_id != second.execution_id
    assert first.key == second.key


def test_what_has_no_digest_is_never_the_same(listening: Any, version: Make, cause: Make) -> None:
    """A link, say, whose content is not known: every version of it is a change."""
    listening.add(when="change")
    listening.fired = version(1, None)
    (row,), _ = _decided(listening, version(2, None), cause=cause())
    assert row.state == "queued"
