"""Looks at what is queued: what cannot start is looked through again only when that may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog.runs import Runs
from heirloom.engine.claims import Claims
from heirloom.records.clock import now

PLAN = """
    sales = hl.Artifact("sales")

    @hl.task
    def told(x: int) -> int:
        return x

    plan = hl.LaunchPlan.get_or_create(
        "told", told, trigger=hl.OnArtifact(sales, {{"x": sales}}{on}), auto_activate=True{rest}
    )
"""
Load = Callable[[str], Any]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that what is queued was asked for."""
    seen: list[str] = []
    ask = Runs.executions

    def asked(view: Runs, **given: Any) -> Any:
        if given.get("state") == "queued":
            seen.append("queued")
        return ask(view, **given)

    monkeypatch.setattr(Runs, "executions", asked)
    return seen


@pytest.fixture
def one_running(load: Load, session: hl.Session) -> Claims:
    """What claims, its plan's only slot taken: two more are queued."""
    load(PLAN.format(on="", rest=""))
    for n in range(3):
        hl.publish(n, "sales")
    claims = session.claims(session.lives.begin("later").name)
    first = claims.candidate()
    assert first is not None
    with claims.workplace(first.project) as at:
        claims._claim(first, at)
    assert claims.candidate() is None
    return claims


def test_nothing_new_costs_no_look(one_running: Claims, looked: list[str]) -> None:
    """As long as nothing is recorded, what is queued is not read again."""
    assert [one_running.candidate() for _ in range(3)] == [None] * 3
    assert looked == []


def test_what_is_recorded_is_looked_at(one_running: Claims, looked: list[str]) -> None:
    """Another version, and the end of what ran, are each seen at the next look."""
    hl.publish(3, "sales")
    assert one_running.candidate() is None
    assert looked == ["queued"]
    (running,) = hl.executions(state="running")
    hl.cancel(running.id)
    following = one_running.candidate()
    assert following is not None
    assert hl.get(following.triggered_by[0]).version == 2


def test_a_death_is_seen_though_nothing_is_recorded(
    one_running: Claims, session: hl.Session
) -> None:
    """Who held the slot dies: another claims at once what it ran."""
    other = session.claims(session.lives.begin("later").name)
    assert other.candidate() is None
    (session.home / "locks" / f"{one_running.claimant}.lock").unlink()
    left = other.candidate()
    assert left is not None
    assert left.claimant == one_running.claimant


def test_approved_code_is_seen(load: Load, session: hl.Session, looked: list[str]) -> None:
    """To approve code writes nothing into the catalog, and lets it start at the next look."""
    load(PLAN.format(on="", rest=""))
    hl.publish(1, "sales")
    approvals = session.approvals.path.read_bytes()
    session.approvals.path.unlink()
    claims = session.claims(session.lives.begin("later").name)
    assert [claims.candidate(), claims.candidate()] == [None, None]
    assert looked == ["queued"]
    session.approvals.path.write_bytes(approvals)
    session.approvals.path.chmod(0o600)
    assert claims.candidate() is not None


def test_time_is_seen(load: Load, session: hl.Session, looked: list[str]) -> None:
    """The end of a countdown writes nothing either."""
    load(PLAN.format(on=", countdown=300", rest=""))
    hl.publish(1, "sales")
    seconds = [0.0]
    at = now()
    claims = replace(session.claims("later-1-x"), clock=lambda: at + timedelta(seconds=seconds[0]))
    assert [claims.candidate(), claims.candidate()] == [None, None]
    assert looked == ["queued"]
    seconds[0] = 301
    assert claims.candidate() is not None


def test_a_ledger_asks_for_its_executions_at_once(
    load: Load, session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row shows what its execution is, by one question for all of them."""
    load(PLAN.format(on="", rest=", max_concurrent=None"))
    for n in range(3):
        hl.publish(n, "sales")
    assert session.claims(session.lives.begin("later").name).run_next() is not None

    def one(view: Runs, id: str) -> None:
        pytest.fail(f"one by one: {id}")

    monkeypatch.setattr(Runs, "execution", one)
    assert [row.became for row in hl.ledger()] == ["queued", "queued", "succeeded"]


UNASKABLE = """
    sales, other = hl.Artifact("sales", ["region"]), hl.Artifact("other")
    rates = hl.Artifact("rates")

    @hl.task
    def told(x: int) -> int:
        return x

    asking = hl.LaunchPlan.get_or_create(
        "asking", told, auto_activate=True,
        trigger=hl.OnArtifact(sales, {"x": rates.query(n=sales.partitions.region)}),
    )
    behind = hl.LaunchPlan.get_or_create(
        "behind", told, auto_activate=True, trigger=hl.OnArtifact(other, {"x": other}),
    )
"""


def test_a_query_that_cannot_be_asked_ends_its_own_execution_alone(load: Load) -> None:
    """Its key takes whole numbers only since a later declaration; what is behind it runs."""
    load(UNASKABLE)
    hl.Artifact("rates", {"n": int})
    hl.publish(3, "rates[n=1]")
    hl.publish(1, "sales[region=emea]")
    hl.publish(2, "other")
    bad, good = hl.settle().done
    assert (bad.plan, bad.state, bad.attempt) == ("asking", "failed", 0)
    assert "emea" in str(bad.error)
    assert (good.plan, good.state) == ("behind", "succeeded")
    assert [row.state for row in hl.ledger("asking")] == ["unmet"]
