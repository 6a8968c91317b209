"""What events lead to under each condition: a table of what happens, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from world import World

KEYS = {"a": "r", "b": "r", "c": "", "wide": "r tier"}


def _world(on: str, **trigger: Any) -> World:
    world = World(**KEYS)
    world.listen("plan", on, **trigger)
    return world


@pytest.mark.parametrize(
    ("on", "steps", "became", "runs"),
    [
        ("a b", "a b", "a1 queued, b1 queued", "a1b1"),
        ("a b", "b a", "b1 queued, a1 queued", "a1b1"),
        ("a b", "a+b", "a1 queued, b1 queued", "a1b1"),
        ("a b", "a a b", "a1 queued, a2 waiting, b1 queued", "a1b1"),
        ("a b", "a a b b", "a1 queued, a2 queued, b1 queued, b2 queued", "a1b1 a2b2"),
        ("a b c", "a b a c", "a1 queued, b1 queued, a2 waiting, c1 queued", "a1b1c1"),
        ("a b", "a[r=e] b[r=w]", "a1 waiting, b1 waiting", ""),
        ("a b", "a[r=e] b[r=w] b[r=e]", "a1 queued, b1 waiting, b2 queued", "a1b2"),
        ("a c", "a[r=e] c a[r=w]", "a1 queued, c1 queued, a2 waiting", "a1c1"),
        (
            "a b c",
            "c a[r=e] b[r=w] a[r=w]",
            "c1 queued, a1 waiting, b1 queued, a2 queued",
            "a2b1c1",
        ),
        ("a wide", "wide[r=e,tier=x] a[r=e]", "wide1 queued, a1 queued", "a1wide1"),
        ("a[r=e] a[r=w]", "a[r=e] a[r=e] a[r=w]", "a1 queued, a2 waiting, a3 queued", "a1a3"),
        ("a[r=e] b[r=w]", "a[r=e] b[r=w]", "a1 queued, b1 queued", "a1b1"),
        ("a[r=e] b", "b[r=w] a[r=w]", "b1 filtered, a1 filtered", ""),
        ("a b", "a -a@1 b", "a1 skipped, b1 waiting", ""),
        ("a b", "a a -a@1 b", "a1 skipped, a2 queued, b1 queued", "a2b1"),
        ("a b", "a off b on=each", "a1 queued, b1 queued", "a1b1"),
        ("a b", "a off b on", "a1 waiting, b1 skipped", ""),
        ("a b", "off a on=each b", "a1 queued, b1 queued", "a1b1"),
        ("a", "a a", "a1 queued, a2 queued", "a1 a2"),
    ],
)
def test_all(on: str, steps: str, became: str, runs: str) -> None:
    """One version of each, the oldest first, each once, where their partitions agree."""
    world = _world(on, condition="all").play(steps)
    assert world.became() == became
    assert world.runs() == runs


@pytest.mark.parametrize(
    ("on", "steps", "became", "runs"),
    [
        ("a b", "a", "a1 waiting", ""),
        ("a b", "a b", "a1 queued, b1 queued", "a1b1"),
        ("a b", "a a b", "a1 superseded, a2 queued, b1 queued", "a2b1"),
        ("a b", "a b a b", "a1 queued, b1 queued, a2 queued, b2 queued", "a1b1 a2b1 a2b2"),
        ("a b", "a+b a+b", "a1 queued, b1 queued, a2 queued, b2 queued", "a1b1 a2b1 a2b2"),
        ("a b", "a[r=e] b[r=w] b[r=e]", "a1 queued, b1 waiting, b2 queued", "a1b2"),
        ("a b", "a[r=e] a[r=w] b[r=e]", "a1 queued, a2 waiting, b1 queued", "a1b1"),
        ("a c", "a[r=e] a[r=w] c", "a1 superseded, a2 queued, c1 queued", "a2c1"),
        ("a b", "a -a@1 b", "a1 waiting, b1 waiting", ""),
        ("a b", "a b -a@1 b", "a1 queued, b1 queued, b2 waiting", "a1b1"),
        ("a[r=e] b", "a[r=e] b[r=w] b[r=e]", "a1 queued, b1 filtered, b2 queued", "a1b2"),
        ("a b c", "a b c a", "a1 queued, b1 queued, c1 queued, a2 queued", "a1b1c1 a2b1c1"),
        ("a[r=e] a[r=w]", "a[r=e] a[r=w]", "a1 queued, a2 queued", "a1a2"),
        (
            "c a b[r=e]",
            "b[r=e] a[r=e] a[r=w] c",
            "b1 queued, a1 queued, a2 filtered, c1 queued",
            "c1a1b1",
        ),
    ],
)
def test_all_latest(on: str, steps: str, became: str, runs: str) -> None:
    """Each new version starts with the latest of the others, once there is one of each."""
    world = _world(on, condition="all-latest").play(steps)
    assert world.became() == became
    assert world.runs() == runs


def test_latest_before_the_plan_listened() -> None:
    """What was emitted before a plan's activation is none of its events, and may be the latest."""
    world = World(**KEYS).play("a a")
    world.listen("plan", "a b", condition="all-latest")
    assert world.play("b").runs() == "a2b1"
    assert world.became() == "b1 queued"


@pytest.mark.parametrize(
    ("condition", "on", "steps", "became", "runs"),
    [
        ("any", "a", "a", "a1 waiting", ""),
        ("any", "a", "a 5s", "a1 queued", "a1"),
        ("any", "a", "a 4s a 4s", "a1 waiting, a2 waiting", ""),
        ("any", "a", "a 4s a a 5s", "a1 coalesced, a2 coalesced, a3 queued", "a3"),
        ("any", "a", "a+a 5s a 5s", "a1 coalesced, a2 queued, a3 queued", "a2 a3"),
        ("any", "a", "a[r=e] a[r=w] 5s", "a1 queued, a2 queued", "a1 a2"),
        ("any", "a b", "a b 5s", "a1 queued, b1 queued", "a1 b1"),
        ("any", "a", "a a -a@2 5s", "a1 queued, a2 skipped", "a1"),
        ("any", "a", "a -a@1 5s", "a1 skipped", ""),
        ("any", "a", "a off 9s a on 5s", "a1 queued, a2 skipped", "a1"),
        ("any", "a", "a off 9s a on=each 5s", "a1 coalesced, a2 queued", "a2"),
        ("any", "a", "a off 9s", "a1 waiting", ""),
        ("all-latest", "a b", "a b 4s a 5s", "a1 superseded, b1 coalesced, a2 queued", "a2b1"),
        ("all-latest", "a b", "a 5s b 5s", "a1 queued, b1 queued", "a1b1"),
        ("all-latest", "a b", "a b -a@1 5s", "a1 waiting, b1 waiting", ""),
        (
            "all-latest",
            "a wide",
            "a[r=e] wide[r=e,tier=x] wide[r=e,tier=y] a[r=e] 5s",
            "a1 superseded, wide1 queued, wide2 coalesced, a2 queued",
            "a2wide1 a2wide2",
        ),
    ],
)
def test_debounce(condition: str, on: str, steps: str, became: str, runs: str) -> None:
    """After 5 s without another, one run starts on the last; the others point to it."""
    world = _world(on, condition=condition, debounce=5.0).play(steps)
    assert world.became() == became
    assert world.runs() == runs


def test_what_is_due_is_the_last_of_a_burst() -> None:
    """Only the last row of a burst has a time; the reasons say what is waited for."""
    world = _world("a", debounce=5.0).play("a 1s a 1s a")
    assert [world.row(f"a{n}").due is not None for n in (1, 2, 3)] == [False, False, True]
    assert world.row("a1").reason == "goes with a@2"
    assert world.row("a3").reason == "until nothing more comes for 5 s"
    world.passes(5)
    (run,) = (e for e in world.executions.values() if e.plan == "plan")
    assert {world.row(f"a{n}").execution_id for n in (1, 2, 3)} == {run.id}
    assert world.row("a1").reason == "into a@3, the last of 3"


@pytest.mark.parametrize(
    ("steps", "became"),
    [
        ("a:x a:x", "a1 queued, a2 unchanged"),
        ("a:x+a:x", "a1 queued, a2 unchanged"),
        ("a:x a:y a:x", "a1 queued, a2 queued, a3 queued"),
        ("a[r=e]:x a[r=w]:x a[r=e]:x", "a1 queued, a2 queued, a3 unchanged"),
        ("a:x off a:y on a:x", "a1 queued, a2 skipped, a3 unchanged"),
        ("a:x off a:y on a:y", "a1 queued, a2 skipped, a3 queued"),
        ("off a:x a:x on=each", "a1 queued, a2 skipped"),
    ],
)
def test_only_changes(steps: str, became: str) -> None:
    """``when="change"``: the same content as what fired last, by partition, starts nothing."""
    assert _world("a", when="change").play(steps).became() == became


@pytest.mark.parametrize(
    ("condition", "steps", "became"),
    [
        ("all", "a:x a:x b:x", "a1 queued, a2 unchanged, b1 queued"),
        ("all-latest", "a:x a:x b:x", "a1 queued, a2 unchanged, b1 queued"),
        ("all", "a:x b:x b:x", "a1 queued, b1 queued, b2 unchanged"),
        ("all", "a:x -a@1 b:x+a:x", "a1 skipped, b1 queued, a2 queued"),
    ],
)
def test_changes_of_several(condition: str, steps: str, became: str) -> None:
    """What waits has fired: the same again is no change."""
    assert _world("a b", condition=condition, when="change").play(steps).became() == became


def test_code_that_is_not_approved_waits() -> None:
    """Its events wait for approval, in commit order; then each takes the way it would have."""
    world = _world("a b", condition="all")
    world.forbidden.add("code of plan")
    world.play("a a b")
    assert world.became() == "a1 waiting, a2 waiting, b1 waiting"
    assert {row.waits for row in world.rows.values()} == {"approval"}
    world.approve("plan")
    assert world.became() == "a1 queued, a2 waiting, b1 queued"
    assert world.row("a2").waits == "join"
    assert world.play("b").runs() == "a1b1 a2b2"


@pytest.mark.parametrize(
    ("before", "after", "steps", "became", "runs"),
    [
        ({"on": "a b", "condition": "all"}, {"on": "a"}, "a", "a1 queued", "a1"),
        ({"on": "a b", "condition": "all"}, {"on": "b"}, "a", "a1 superseded", ""),
        (
            {"on": "a", "debounce": 5.0},
            {"on": "a", "debounce": 9.0},
            "a a",
            "a1 waiting, a2 waiting",
            "",
        ),
        ({"on": "a", "debounce": 5.0}, {"on": "a", "when": "change"}, "a", "a1 queued", "a1"),
        (
            {"on": "a b c", "condition": "all"},
            {"on": "a b", "condition": "all"},
            "a b",
            "a1 queued, b1 queued",
            "a1b1",
        ),
        ({"on": "a", "debounce": 5.0}, {"on": "a"}, "a -a@1", "a1 superseded", ""),
        (
            {"on": "a b", "condition": "all"},
            {"on": "a c", "condition": "all"},
            "a c",
            "a1 waiting",
            "",
        ),
    ],
)
def test_a_new_version_of_the_plan(
    before: dict[str, Any], after: dict[str, Any], steps: str, became: str, runs: str
) -> None:
    """What waits is decided anew, as if it came when the version became active."""
    world = _world(**before).play(steps)
    world.listen("plan", version=2, **after)
    assert world.became() == became
    assert world.runs() == runs
    if after.get("debounce"):
        assert world.play("8s 1s").runs() == "a2"


def test_why_what_waited_is_let_go() -> None:
    """A row that a plan's new version does not take up says by which rule."""
    world = _world("a b", condition="all").play("a -a@1")
    world.listen("plan", "a", version=2)
    assert world.row("a1").reason == "filtered: it is yanked"
    other = _world("a b", condition="all").play("a")
    other.listen("plan", "b", version=2)
    assert other.row("a1").reason == "filtered: listens to b"


def test_the_chain_of_a_join() -> None:
    """It goes on from the deeper of its causes, and each event is held to the depth itself."""
    world = _world("a b", condition="all", max_depth=3)
    world.emit("a", depth=2, chain="long")
    world.emit("b", depth=1, chain="short")
    world.emit("a", depth=3, chain="long")
    (run,) = (e for e in world.executions.values() if e.plan == "plan")
    assert (run.depth, run.chain) == (3, "long")
    assert world.became() == "a1 queued, b1 queued, a2 loop-stopped"


def test_the_reasons_of_a_join() -> None:
    """A waiting row says for what, a queued one with what."""
    world = _world("a[r=e] b", condition="all").play("a[r=e]")
    assert (world.row("a1").reason, world.row("a1").waits) == ("for b", "join")
    world.play("b[r=e]")
    assert (world.row("a1").reason, world.row("b1").reason) == ("with b@1", "with a@1")
    assert world.row("a1").execution_id == world.row("b1").execution_id
    latest = _world("a b", condition="all-latest").play("a[r=e] a[r=e]")
    assert latest.row("a1").reason == "by a@2"
    assert latest.row("a2").reason == "for b[r=e]"


def test_far_behind() -> None:
    """Of many that wait, the one whose partitions agree is found, however far back it stands."""
    steps = " ".join(f"a[r=r{n}]" for n in range(40))
    world = _world("a b", condition="all").play(f"{steps} b[r=r37]")
    assert world.runs() == "a38b1"
