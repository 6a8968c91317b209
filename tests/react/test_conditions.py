"""What events lead to under each condition: a table of what happens, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from world import BEGAN, World

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


@pytest.mark.parametrize(
    ("condition", "on", "steps", "became", "runs"),
    [
        ("any", "a", "a", "a1 queued", "a1"),
        ("any", "a", "a a", "a1 queued, a2 waiting", "a1"),
        ("any", "a", "a 4s a", "a1 queued, a2 waiting", "a1"),
        ("any", "a", "a 5s a", "a1 queued, a2 queued", "a1 a2"),
        ("any", "a", "a a 2s a 3s", "a1 queued, a2 coalesced, a3 queued", "a1 a3"),
        ("any", "a", "a a 2s a 3s 4s a", "a1 queued, a2 coalesced, a3 queued, a4 waiting", "a1 a3"),
        ("any", "a", "a a 5s a 5s", "a1 queued, a2 queued, a3 queued", "a1 a2 a3"),
        ("any", "a", "a+a+a 5s", "a1 queued, a2 coalesced, a3 queued", "a1 a3"),
        ("any", "a", "a[r=e] a[r=w] a[r=e]", "a1 queued, a2 queued, a3 waiting", "a1 a2"),
        ("any", "a b", "a b", "a1 queued, b1 queued", "a1 b1"),
        ("any", "a", "a a -a@2 5s a", "a1 queued, a2 skipped, a3 queued", "a1 a3"),
        ("any", "a", "a a off 9s a on 1s", "a1 queued, a2 queued, a3 skipped", "a1 a2"),
        ("any", "a", "off a a on=each 4s a 1s", "a1 queued, a2 coalesced, a3 queued", "a1 a3"),
        ("all-latest", "a b", "a b a", "a1 queued, b1 queued, a2 waiting", "a1b1"),
        (
            "all-latest",
            "a b",
            "a b a 5s b",
            "a1 queued, b1 queued, a2 queued, b2 waiting",
            "a1b1 a2b1",
        ),
        ("all-latest", "a b", "a 9s b a", "a1 queued, b1 queued, a2 waiting", "a1b1"),
    ],
)
def test_cooldown(condition: str, on: str, steps: str, became: str, runs: str) -> None:
    """What comes within 5 s of a start waits, and is one run on the last when they are over."""
    world = _world(on, condition=condition, cooldown=5.0).play(steps)
    assert world.became() == became
    assert world.runs() == runs


def test_cooldown_says_when() -> None:
    """It is counted from the start of the run; nothing that comes meanwhile puts it off."""
    world = _world("a", cooldown=5.0).play("a 1s a 1s a")
    last = world.row("a3")
    assert (last.waits, last.due) == ("cooldown", BEGAN + timedelta(seconds=5))
    assert last.reason == "until 5 s after the last run was queued"
    assert (world.row("a2").waits, world.row("a2").due) == ("cooldown", None)


@pytest.mark.parametrize(
    ("steps", "waits", "due"),
    [("a", "debounce", 2), ("a 2s a", "cooldown", 7), ("a 2s 4s a", "debounce", 8)],
)
def test_quiet_and_cooldown(steps: str, waits: str, due: int) -> None:
    """Of both, whichever ends later is waited for."""
    world = _world("a", debounce=2.0, cooldown=5.0).play(steps)
    row = list(world.rows.values())[-1]
    assert (row.waits, row.due) == (waits, BEGAN + timedelta(seconds=due))


WEEK = [f"a[time=2026-01-{day:02}]" for day in range(5, 12)]  # from a Monday to a Sunday


def _weekly(steps: list[str], **trigger: Any) -> World:
    world = World(a="r time", c="")
    world.listen("plan", "a", window="week", **trigger)
    return world.play(" ".join(steps))


def test_a_window() -> None:
    """Its last version starts a run on all of them, in the order of their times."""
    world = _weekly([*WEEK[1:], "a[time=2026-01-12]"])
    assert world.runs() == ""
    assert world.row("a1").reason == "for a[time=2026-01-07]"
    assert world.row("a6").reason == "for a[time=2026-01-05]"
    world.play(WEEK[0])
    assert world.runs() == "a8a1a2a3a4a5a6"
    assert {world.row(f"a{n}").state for n in (1, 2, 3, 4, 5, 6, 8)} == {"queued"}
    assert (world.row("a7").state, world.row("a7").waits) == ("waiting", "join")
    assert len({world.row(f"a{n}").execution_id for n in (1, 6, 8)}) == 1


def test_what_comes_late_to_a_window() -> None:
    """One more version of a time starts one more run, with the latest of the others."""
    late = _weekly([*WEEK, WEEK[2]])
    assert late.runs() == "a1a2a3a4a5a6a7 a1a2a8a4a5a6a7"
    early = _weekly([WEEK[0], WEEK[0], *WEEK[1:]])
    assert early.runs() == "a2a3a4a5a6a7a8"
    assert early.row("a1").reason == "by a@2"


def test_windows_of_other_partitions() -> None:
    """Every set of the other partition values has its own; what has no time is in none."""
    own = [each.replace("[", "[r=e,") for each in WEEK]
    world = _weekly([*WEEK[:-1], *own, "a"])
    assert world.runs() == "a7a8a9a10a11a12a13"
    assert world.row("a14").reason == "it has no time, and is in no week"


def test_a_window_that_is_corrected_in_a_burst() -> None:
    """With debounce, corrections close behind each other are one run."""
    world = _weekly([*WEEK, "5s", WEEK[0], WEEK[3], "5s"], debounce=5.0)
    assert world.runs() == "a1a2a3a4a5a6a7 a8a2a3a9a5a6a7"
    assert world.row("a8").state == "coalesced"
    cool = _weekly([*WEEK, WEEK[0], WEEK[3], "5s"], cooldown=5.0)
    assert cool.runs() == "a1a2a3a4a5a6a7 a8a2a3a9a5a6a7"


def test_a_countdown() -> None:
    """An execution is queued at once, and starts when the time is over."""
    world = _world("a", countdown=30.0).play("a")
    (run,) = (each for each in world.executions.values() if each.plan == "plan")
    assert run.not_before == BEGAN + timedelta(seconds=30)


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
