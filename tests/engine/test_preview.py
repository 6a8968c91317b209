"""Previews: what would be started, what not and why, and what that would start in turn."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.preview import Preview
from heirloom.errors import (
    ArtifactNotFound,
    DeclarationError,
    InputError,
    LoopWarning,
    NotPortable,
    PartitionError,
    RefError,
    VersionNotFound,
)

TEAM = """
    sales = hl.Artifact("sales", ["region"])
    costs = hl.Artifact("costs", ["region"])
    profit = hl.Artifact("profit", ["region"])
    told = hl.Artifact("told")

    @hl.task
    def subtract(income: int, spent: int) -> Annotated[int, profit]:
        return profit.create_from(income - spent, region="emea")

    @hl.task
    def tell(x: int) -> Annotated[int, told]:
        return x

    @hl.task
    def look(x: int) -> None:
        pass

    def plan(name, work, *on, inputs=None, **given):
        limit = given.pop("max_concurrent", 1)
        inputs = {"x": on[0]} if inputs is None else inputs
        trigger = hl.OnArtifact(list(on), inputs, **given)
        return hl.LaunchPlan(name, work, trigger=trigger, max_concurrent=limit)

    def on(*args, **given):
        made = plan(*args, **given)
        hl.LaunchPlan.get_or_create(
            made.name, made.workflow, trigger=made.trigger, max_concurrent=made.max_concurrent
        ).activate()
        return made
"""


@pytest.fixture
def team(load: Callable[[str], Any]) -> Any:
    """Artifacts, tasks, and a way to make plans of them."""
    return load(TEAM)


@pytest.fixture(autouse=True)
def _unwritten(session: hl.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """No byte of the home is written while something is previewed."""

    def guarded(method: Any) -> Any:
        def previewed(*args: Any, **given: Any) -> Any:
            before = _bytes(session.home)
            try:
                return method(*args, **given)
            finally:
                assert _bytes(session.home) == before

        return previewed

    for kind in (hl.Session, hl.Plan, hl.LaunchPlan):
        monkeypatch.setattr(kind, "preview", guarded(kind.preview))


def _bytes(home: Path) -> dict[str, bytes]:
    files = [home / "journal.jsonl", *(home / "store").rglob("*")]
    return {os.fspath(path): path.read_bytes() for path in files if path.is_file()}


def _told(preview: Preview) -> list[str]:
    """Each row in a line, deeper ones behind more arrows."""
    return [" | ".join(filter(None, row)) for row in preview.table()]


def _at(when: datetime) -> Callable[[], datetime]:
    return lambda: when


# ---------------------------------------------------------------------- one more version


def test_one_more_version_starts_what_it_would(team: Any) -> None:
    """Every plan that listens has a row; the number is the next one, the partitions are given."""
    team.on("emea", team.look, team.sales.query(region="emea"), inputs={"x": team.sales})
    team.on("every", team.look, team.sales)
    hl.publish(1, "sales[region=emea]")
    assert _told(hl.preview("sales[region=apac]")) == [
        "emea v1 | sales[region=apac]@2 | filtered | listens to sales[region=emea]",
        "every v1 | sales[region=apac]@2 | queued",
    ]


def test_what_is_left_open_is_as_in_the_newest(team: Any) -> None:
    """``sales`` alone means one like the newest version."""
    team.on("every", team.look, team.sales)
    hl.publish(1, "sales[region=emea]")
    hl.publish(1, "sales[region=apac]")
    (row,) = hl.preview("sales")
    assert row.event == "sales[region=apac]@3"
    assert row.refs == ("heirloom://default/sales@3",)


def test_what_comes_is_then_decided_so(team: Any) -> None:
    """The preview of a version and the ledger's rows of the very version say the same."""
    team.on("pairs", team.subtract, team.sales, team.costs, condition="all", inputs=_both(team))
    team.on("emea", team.look, team.sales.query(region="emea"), inputs={"x": team.sales})
    team.on("changes", team.look, team.sales, when="change")
    hl.plan("emea").deactivate()
    hl.publish(1, "costs[region=emea]")
    for value, region in enumerate(["apac", "emea", "emea"]):
        ref = f"sales[region={region}]"
        foretold = {(row.plan, row.state) for row in hl.preview(ref)}
        made = hl.publish(value, ref)
        assert foretold == {(row.plan, row.state) for row in hl.ledger(ref=made)}


def _both(team: Any) -> dict[str, Any]:
    return {"income": team.sales, "spent": team.costs}


def test_the_content_of_a_recorded_version_again(team: Any) -> None:
    """With a number it is one more version with that content: the same again is ``unchanged``."""
    team.on("changes", team.look, team.sales, when="change")
    hl.publish(1, "sales[region=emea]")
    assert _told(hl.preview("sales@1")) == [
        "changes v1 | sales[region=emea]@2 | unchanged | same content as @1"
    ]
    assert [row.state for row in hl.preview("sales[region=emea]")] == ["queued"]


def test_a_join_is_told_as_one(team: Any) -> None:
    """What waits for a partner waits with its reason; what completes a set is one row."""
    team.on("pairs", team.subtract, team.sales, team.costs, condition="all", inputs=_both(team))
    assert _told(hl.preview("sales[region=emea]")) == [
        "pairs v1 | sales[region=emea]@1 | waiting | for costs"
    ]
    hl.publish(1, "sales[region=emea]")
    assert _told(hl.preview("costs[region=emea]")) == [
        "pairs v1 | sales[region=emea]@1, costs[region=emea]@1 | queued"
    ]


def test_the_latest_of_the_others_is_named(team: Any) -> None:
    """With ``all-latest`` the row has all that the run would be given."""
    latest = {"condition": "all-latest", "inputs": _both(team)}
    team.on("latest", team.subtract, team.sales, team.costs, **latest)
    hl.publish(1, "costs[region=emea]")
    hl.publish(2, "costs[region=emea]")
    assert _told(hl.preview("sales[region=emea]")) == [
        "latest v1 | sales[region=emea]@1, costs[region=emea]@2 | queued",
    ]


def test_what_waits_for_quiet_is_let_go(team: Any) -> None:
    """Nobody waits for a time in a preview: it says how long it would be."""
    team.on("quiet", team.look, team.sales, debounce=300)
    hl.publish(1, "sales[region=emea]")
    assert _told(hl.preview("sales[region=emea]")) == [
        "quiet v1 | sales[region=emea]@1 | coalesced | into sales@2, the last of 2",
        "quiet v1 | sales[region=emea]@2 | queued | after 300 s with nothing more",
    ]


def test_what_nothing_meets_is_told(team: Any) -> None:
    """An input whose query finds nothing is found before anything runs."""
    inputs = {"income": team.sales, "spent": team.costs.query(region=team.sales.partitions.region)}
    team.on("lacks", team.subtract, team.sales, inputs=inputs)
    why = "Input 'spent': no version meets 'costs[region=emea]'."
    assert _told(hl.preview("sales[region=emea]")) == [
        f"lacks v1 | sales[region=emea]@1 | unmet | {why}"
    ]
    hl.publish(1, "costs[region=emea]")
    assert [row.state for row in hl.preview("sales[region=emea]")] == ["queued"]


def test_a_plan_that_is_off_says_so(team: Any) -> None:
    """At a plan that is off the event would be ``paused``; the plan's own preview is as if on."""
    team.on("every", team.look, team.sales)
    plan = hl.plan("every").deactivate()
    assert [row.state for row in hl.preview("sales[region=emea]")] == ["paused"]
    assert [row.state for row in plan.preview("sales[region=emea]")] == ["queued"]


# ---------------------------------------------------------------------- in turn


def test_what_is_started_in_turn(team: Any) -> None:
    """By what the code is known to emit, to any depth; the partitions go along."""
    team.on("pairs", team.subtract, team.sales, team.costs, condition="all", inputs=_both(team))
    team.on("tells", team.tell, team.profit)
    team.on("looks", team.look, team.told)
    hl.publish(1, "sales[region=emea]")
    hl.publish(1, "profit[region=apac]")
    found = hl.preview("costs[region=emea]")
    assert _told(found) == [
        "pairs v1 | sales[region=emea]@1, costs[region=emea]@1 | queued",
        "→ tells v1 | profit[region=emea]@2 | queued",
        "→ → looks v1 | told@1 | queued",
    ]
    assert found.starts == ("pairs", "tells", "looks")


def test_a_join_of_what_comes_in_turn(team: Any) -> None:
    """Two branches of one version meet again; the run is told under the one that completes it."""
    team.on("tells", team.tell, team.sales)
    team.on("gains", team.subtract, team.sales, inputs={"income": team.sales, "spent": 1})
    team.on("meets", team.look, team.profit, team.told, condition="all")
    assert _told(hl.preview("sales[region=emea]")) == [
        "tells v1 | sales[region=emea]@1 | queued",
        "gains v1 | sales[region=emea]@1 | queued",
        "→ meets v1 | profit@1, told@1 | queued",
    ]


def test_a_circle_is_shown_and_not_walked(team: Any) -> None:
    """A plan that is among its own causes is named with its limit; so is what stops at it."""
    with pytest.warns(LoopWarning):
        team.on("again", team.tell, team.told, max_depth=None)
    assert _told(hl.preview("told")) == [
        "again v1 | told@1 | queued",
        "→ again v1 | told@2 | queued | again → again start each other for ever: "
        "every max_depth is None",
    ]
    team.on("again", team.tell, team.told, max_depth=1)
    assert _told(hl.preview("told"))[1:] == [
        "→ again v2 | told@2 | loop-stopped | max_depth=1 triggered executions in this chain"
    ]


# ---------------------------------------------------------------- a plan that is not there yet


def test_a_plan_need_not_be_registered(team: Any) -> None:
    """What is written here is asked, the registered version aside; it stays unregistered."""
    team.on("every", team.look, team.sales)
    edited = team.plan("every", team.look, team.sales.query(region="emea"))
    assert _told(edited.preview("sales[region=apac]")) == [
        "every v2 | sales[region=apac]@1 | filtered | listens to sales[region=emea]"
    ]
    new = team.plan("new", team.look, team.costs)
    assert _told(new.preview("costs[region=emea]")) == ["new v1 | costs[region=emea]@1 | queued"]
    assert [(plan.name, plan.newest) for plan in hl.plans()] == [("every", 1)]


def test_what_is_not_registered_is_not_switched(team: Any) -> None:
    """A plan that is only written down turns no other of its name on, off, or to its past."""
    registered = hl.LaunchPlan.get_or_create("noted", team.look)
    draft = hl.LaunchPlan("noted", team.look, max_concurrent=2)
    for act in (draft.activate, draft.deactivate, draft.backfill):
        with pytest.raises(DeclarationError, match=r"'noted' is not registered as it is written"):
            act()
    assert not registered.is_active


def test_of_nothing_it_is_each_that_the_plan_listens_to(team: Any) -> None:
    """``plan.preview()`` imagines one more of each artifact, under what its query pins."""
    on = team.sales.query(region="emea"), team.costs.query(region="apac")
    inputs = {"income": team.sales, "spent": 1}
    assert _told(team.plan("two", team.subtract, *on, inputs=inputs).preview()) == [
        "two v1 | sales[region=emea]@1 | queued",
        "two v1 | costs[region=apac]@1 | queued",
    ]


def test_a_large_constant_is_not_stored(team: Any) -> None:
    """Nothing of an unregistered plan is kept, however large its inputs are."""
    plan = hl.LaunchPlan(
        "large",
        team.subtract,
        trigger=hl.OnArtifact(team.sales, {"income": team.sales}),
        fixed_inputs={"spent": 7},
        default_inputs={},
    )
    plan.fixed_inputs["spent"] = b"x" * 100_000
    assert [row.state for row in plan.preview("sales[region=emea]")] == ["queued"]


def test_what_waits_joins_an_edited_plan(team: Any) -> None:
    """What waits now is decided anew by the version that is previewed, as on its activation."""
    team.on("pairs", team.subtract, team.sales, team.costs, condition="all", inputs=_both(team))
    hl.publish(1, "sales[region=emea]")
    narrower = team.sales.query(region="emea"), team.costs
    edited = team.plan("pairs", team.subtract, *narrower, condition="all", inputs=_both(team))
    assert _told(edited.preview("costs[region=emea]")) == [
        "pairs v2 | sales[region=emea]@1, costs[region=emea]@1 | queued"
    ]


def test_anothers_code_awaits_approval(team: Any, session: hl.Session) -> None:
    """A registered plan whose code this user has not approved would wait for that."""
    team.on("every", team.look, team.sales)
    session.approvals.path.unlink()
    (row,) = hl.preview("sales[region=emea]")
    approve = "heirloom approve every"
    owner = session.user
    why = f"v1 by {owner} is not approved: {approve} --show to read it, {approve} to let it run"
    assert (row.state, row.reason) == ("waiting", why)


# ---------------------------------------------------------------------- history


def test_history_is_heard_again(team: Any) -> None:
    """A new plan over what is recorded: each version in commit order, as if it had been on."""
    for ref in ("sales[region=emea]", "sales[region=apac]", "costs[region=emea]"):
        hl.publish(1, ref)
    hl.publish(2, "costs[region=emea]")
    pairs = team.plan(
        "p", team.subtract, team.sales, team.costs, condition="all", inputs=_both(team)
    )
    found = pairs.preview(since="7d")
    assert _told(found) == [
        "p v1 | sales[region=emea]@1, costs[region=emea]@1 | queued",
        "p v1 | sales[region=apac]@2 | waiting | for costs",
        "p v1 | costs[region=emea]@2 | waiting | for sales",
    ]
    assert repr(found) == "<preview of 4 versions since 7d: 1 queued, 2 waiting>"


def test_history_is_as_it_was(team: Any) -> None:
    """A version meets the latest of the others of its own time, not of ours."""
    for number, name in enumerate(["costs", "sales", "costs", "sales"]):
        hl.publish(number, f"{name}[region=emea]")
    latest = {"condition": "all-latest", "inputs": _both(team)}
    plan = team.plan("latest", team.subtract, team.sales, team.costs, **latest)
    assert [row.event for row in plan.preview(since="1h")] == [
        "sales[region=emea]@1, costs[region=emea]@1",
        "sales[region=emea]@1, costs[region=emea]@2",
        "sales[region=emea]@2, costs[region=emea]@2",
    ]


def test_what_was_unchanged_and_what_was_a_burst(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History keeps its times: versions that were far apart start a run each."""
    began = datetime(2026, 1, 31, 12, tzinfo=UTC)
    for minute, value in ((0, 1), (1, 1), (20, 2)):
        when = began + timedelta(minutes=minute)
        monkeypatch.setattr("heirloom.engine.emission.now", _at(when))
        hl.publish(value, "sales[region=emea]")
    quiet = team.plan("quiet", team.look, team.sales, debounce=300)
    assert [row.state for row in quiet.preview(since=began)] == ["coalesced", "queued", "queued"]
    assert [row.state for row in quiet.preview(since=began + timedelta(minutes=9))] == ["queued"]
    changes = team.plan("changes", team.look, team.sales, when="change")
    assert [row.state for row in changes.preview(since=began)] == ["queued", "unchanged", "queued"]


def test_the_ledger_of_the_plan_itself_does_not_count(team: Any) -> None:
    """What an earlier version of the plan did with its events changes nothing of the replay."""
    team.on("changes", team.look, team.sales, when="change")
    hl.publish(1, "sales[region=emea]")
    assert [row.state for row in hl.plan("changes").preview(since="1h")] == ["queued"]


def test_many_runs_are_not_all_followed(team: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of runs it says that it followed no more."""
    monkeypatch.setattr("heirloom.engine.previewing.MOST", 2)
    team.on("looks", team.look, team.told)
    for number in range(3):
        hl.publish(number, "sales[region=emea]")
    found = team.plan("tells", team.tell, team.sales).preview(since="1h")
    assert [row.state for row in found] == ["queued"] * 3
    assert found.note.startswith("3 runs were not followed")


# ---------------------------------------------------------------------- showing, and bad input


def test_it_shows_itself(team: Any) -> None:
    """A line, a table without script, a frame; what is in it is escaped."""
    team.on("tells", team.tell, team.sales)
    team.on("looks", team.look, team.told)
    found = hl.preview('sales[region="<b>"]')
    assert repr(found) == '<preview of sales[region="<b>"]@1: 1 queued, 1 more in turn>'
    shown = found._repr_mimebundle_()
    assert "→ looks v1" in shown["text/html"]
    assert "<b>]" not in shown["text/html"]
    assert list(found.to_frame()["depth"]) == [0, 1]
    hl.publish(1, "costs[region=emea]")
    assert repr(hl.preview("costs")) == "<preview of costs[region=emea]@2: nothing listens>"


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ("sals", ArtifactNotFound, "Did you mean 'sales'"),
        ("sales[regio=emea]", PartitionError, "Did you mean 'region'"),
        ("costs", PartitionError, "needs partitions"),
        ("sales@9", VersionNotFound, "the newest number is 1"),
        ("sales[", RefError, "partition key"),
    ],
)
def test_what_cannot_come(team: Any, given: str, error: type[Exception], says: str) -> None:
    """One line that names the nearest, in which nothing was imagined."""
    hl.publish(1, "sales[region=emea]")
    hl.publish(1, "costs[region=emea]", draft=True)
    team.on("two", team.subtract, team.costs, inputs={"income": team.costs, "spent": 1})
    with pytest.raises(error, match=says):
        hl.preview(given)


def test_a_time_that_is_none(team: Any) -> None:
    """``since`` is a time or an age, and stands alone."""
    plan = team.plan("every", team.look, team.sales)
    with pytest.raises(RefError, match="takes a date, a time or an age"):
        plan.preview(since="soon")
    with pytest.raises(InputError, match="timedelta or text"):
        plan.preview(since=7)
    with pytest.raises(InputError, match="got both"):
        plan.preview("sales", since="7d")


def test_what_could_not_be_registered_is_refused(team: Any) -> None:
    """Code that cannot leave this kernel has no preview either."""
    live = object()

    @hl.task
    def held(x: int) -> None:
        assert live

    plan = hl.LaunchPlan("held", held, trigger=hl.OnArtifact(team.sales, {"x": team.sales}))
    with pytest.raises(NotPortable, match="live"):
        plan.preview("sales[region=emea]")


def test_a_plan_without_trigger(team: Any) -> None:
    """Nothing starts it, and the preview says so."""
    assert "runs by hand" in repr(hl.LaunchPlan("hand", team.look).preview())
