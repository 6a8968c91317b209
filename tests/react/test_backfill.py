"""History that a plan hears late: each event once, at its own time and place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from world import BEGAN, World

from heirloom.react.imagined import Imagined
from heirloom.react.rehearsal import Rehearsal


@pytest.mark.parametrize(
    ("on", "trigger", "before", "after", "became", "runs"),
    [
        ("a", {}, "a a", "a", "a3 queued, a1 queued, a2 queued", "a3 a1 a2"),
        ("a[r=e]", {}, "a[r=e] a[r=w]", "", "a1 queued, a2 filtered", "a1"),
        ("a", {}, "a a -a@1", "", "a2 queued", "a2"),
        ("a", {"when": "change"}, "a:x a:x a:y", "", "a1 queued, a2 unchanged, a3 queued", "a1 a3"),
        ("a", {"when": "change"}, "a:x", "a:x", "a2 queued, a1 queued", "a2 a1"),
        ("a", {"max_depth": 1}, "a", "", "a1 queued", "a1"),
        ("a", {"debounce": 3}, "a a 9s a", "", "a1 coalesced, a2 queued, a3 waiting", "a2"),
        ("a", {"debounce": 3}, "a 9s", "a", "a2 waiting, a1 queued", "a1"),
        ("a", {"debounce": 3}, "a 1s", "a", "a2 waiting, a1 waiting", ""),
        (
            *("a", {"cooldown": 3}, "a 1s a 6s a 1s a 9s", ""),
            *("a1 queued, a2 queued, a3 queued, a4 queued", "a1 a2 a3 a4"),
        ),
        ("a b", {"condition": "all"}, "a", "b", "b1 queued, a1 queued", "a1b1"),
        (
            *("a b", {"condition": "all"}, "a b", "a b"),
            *("a2 queued, b2 queued, a1 queued, b1 queued", "a2b2 a1b1"),
        ),
        ("a b", {"condition": "all"}, "a b", "a", "a2 waiting, a1 queued, b1 queued", "a1b1"),
        (
            *("a b", {"condition": "all"}, "a[r=e] b[r=w]", "b[r=e]"),
            *("b2 queued, a1 queued, b1 waiting", "a1b2"),
        ),
        (
            *("a b", {"condition": "all-latest"}, "b a b a", ""),
            *("b1 queued, a1 queued, b2 queued, a2 queued", "a1b1 a1b2 a2b2"),
        ),
        ("a b", {"condition": "all-latest"}, "a", "b", "b1 queued, a1 waiting", "a1b1"),
        (
            "a b",
            {"condition": "all"},
            "a",
            "a backfill b",
            "a2 waiting, a1 queued, b1 queued",
            "a1b1",
        ),
    ],
)
def test_what_was_not_heard(
    on: str, trigger: dict[str, Any], before: str, after: str, became: str, runs: str
) -> None:
    """As if the plan had been on, beside what became of the events that it heard."""
    world = World(a="r", b="r").play(before)
    world.listen("plan", on, **trigger)
    world.play(f"{after} backfill")
    assert (world.became(), world.runs()) == (became, runs)
    told = list(world.rows.values())
    assert list(world.play("backfill").rows.values()) == told


def test_what_is_told_is_of_now() -> None:
    """Rows and executions bear the time at which they were written; a debounce keeps its own."""
    world = World(a="r").play("a 1s")
    world.listen("plan", "a", debounce=3)
    world.play("1s backfill")
    assert world.row("a1").at == BEGAN + timedelta(seconds=2)
    assert world.row("a1").due == BEGAN + timedelta(seconds=3)
    world.listen("each", "a")
    world.play("9s backfill")
    (started,) = (e for e in world.executions.values() if e.plan == "each")
    assert started.started_at == world.now


def test_code_that_is_not_approved_waits() -> None:
    """The rule of approvals holds for what came before, too."""
    world = World(a="r").play("a")
    plan = world.listen("plan", "a")
    world.forbidden.add(plan.code)
    assert world.play("backfill").row("a1").waits == "approval"
    world.approve("plan")
    assert world.runs() == "a1"


def test_a_circle_ends_where_it_ends() -> None:
    """A version that is itself the end of a chain starts no more of it."""
    world = World(a="r")
    world.emit("a", depth=2)
    world.listen("plan", "a", max_depth=2)
    assert world.play("backfill").row("a1").state == "loop-stopped"


def test_what_was_used_in_imagination_is_used() -> None:
    """A version that waits joins the first that is imagined to come, and no other."""
    world = World(a="r", b="r")
    world.listen("plan", "a b", condition="all")
    world.play("a")
    other = World(a="r", b="r").play("b b")
    rehearsal = Rehearsal(Imagined(world), lambda _: (), lambda _: True, 0)
    for version in other.emitted.values():
        rehearsal.hear([version], other.executions[version.execution_id], world.now)
    assert [row.state for row in rehearsal.world.rows] == ["queued", "queued", "waiting"]
    assert world.row("a1").state == "waiting"


def test_a_preview_in_which_an_older_version_moves_last() -> None:
    """What is the same as the last that fired is unchanged, whichever was joined last."""
    world, other = World(), World()
    world.listen("plan", "a b", condition="all", when="change")
    rehearsal = Rehearsal(Imagined(world), lambda _: (), lambda _: True, 0)
    for text in ("a:x", "a:y", "b", "a:y"):
        (version,) = other.emit(text)
        if text == "a:x":
            world.emit(text)
        else:
            rehearsal.hear([version], other.executions[version.execution_id], world.now)
    assert {row.refs[0][-3:]: row.state for row in rehearsal.world.rows} == {
        "a@2": "waiting",
        "a@1": "queued",
        "b@1": "queued",
        "a@3": "unchanged",
    }
