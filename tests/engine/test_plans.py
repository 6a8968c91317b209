"""Launch plans: their versions, who is active, and what becomes of events while one is off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, NotPortable, PlanNotFound

STEP = """
    sales, seen = hl.Artifact("sales"), hl.Artifact("seen")

    @hl.task
    def note(x: int) -> Annotated[int, seen]:
        return x + {step}

    @hl.workflow
    def noted(x: int) -> None:
        note(x=x)

    plan = hl.LaunchPlan.get_or_create(
        "noted", noted, trigger=hl.OnArtifact(sales, inputs={{"x": sales}})
    )
"""


@pytest.fixture
def team(load: Callable[[str], Any]) -> Any:
    """A module with a plan that notes every version of ``sales``; it is off."""
    return load(STEP.format(step=0))


def _states() -> list[str]:
    return [row.state for row in hl.ledger()]


def _noted() -> list[int]:
    """What was noted, oldest first."""
    return [hl.current().peek(version) for version in reversed(hl.search("name=seen").versions)]


# ---------------------------------------------------------------------- versions


def test_a_plan_is_off_until_it_is_activated(team: Any) -> None:
    """Registering starts nothing, and before the first activation it does not even listen."""
    hl.publish(1, "sales")
    plan = hl.plan("noted")
    assert (plan.version, plan.is_active, plan.activated_by) == (1, False, None)
    assert not hl.ledger()
    assert not hl.settle().done


def test_switching_off_what_was_never_on_changes_nothing(team: Any) -> None:
    """A plan listens from its first activation on, not from the first throw of its switch."""
    plan = hl.plan("noted").deactivate()
    hl.publish(1, "sales")

    assert plan.note == "it was never on: nothing was changed"
    assert plan.activated_by is None
    assert not hl.ledger()


def test_the_same_text_is_the_same_version(team: Any, load: Any) -> None:
    """Registering again what stands already registers nothing."""
    load(STEP.format(step=0))
    assert hl.plan("noted").newest == 1
    load(STEP.format(step=1))
    assert hl.plan("noted").newest == 2
    load(STEP.format(step=1))
    assert hl.plan("noted").newest == 2


def test_versions_stay_as_they_are(team: Any, load: Any, session: hl.Session) -> None:
    """A new version leaves the text of the one before."""
    load(STEP.format(step=1))
    view = session.catalog.view()
    first, second = (view.plan("default", "noted", version) for version in (1, 2))
    assert first is not None
    assert second is not None
    assert first.code != second.code
    assert "x + 0" in str(view.code(first.code))
    assert "x + 1" in str(view.code(second.code))


@pytest.mark.parametrize(
    "change",
    [
        {"trigger": {"when": "change"}},
        {"trigger": {"max_depth": 3}},
        {"max_concurrent": 2},
        {"default_inputs": {"x": 5}},
    ],
)
def test_any_change_is_a_new_version(team: Any, change: dict[str, Any]) -> None:
    """The trigger, the inputs and the limits are part of the version, as the code is."""
    trigger = hl.OnArtifact(team.sales, inputs={"x": team.sales}, **change.get("trigger", {}))
    rest = {key: value for key, value in change.items() if key != "trigger"}
    hl.LaunchPlan.get_or_create("noted", team.noted, trigger=trigger, **rest)
    assert hl.plan("noted").newest == 2


def test_an_older_version_can_be_activated(team: Any, load: Any) -> None:
    """``activate(1)`` runs the first version's code, whatever is newest."""
    load(STEP.format(step=100))
    plan = hl.plan("noted").activate(1)
    hl.publish(1, "sales")
    hl.settle()
    assert (plan.version, plan.newest) == (1, 2)
    assert _noted() == [1]


def test_the_session_that_activated_moves_the_pointer(team: Any, load: Any) -> None:
    """A new version takes the place of one that this session activated, and says so."""
    team.plan.activate()
    note = load(STEP.format(step=100)).plan.handle
    assert (note.version, note.is_active) == (2, True)
    hl.publish(1, "sales")
    hl.settle()
    assert _noted() == [101]


def test_registering_says_what_it_moved(team: Any, session: hl.Session, load: Any) -> None:
    """The note is given by the registration itself, in either case."""
    hl.publish(1, "sales")
    first = hl.plan("noted").activate()
    moved = hl.LaunchPlan("noted", team.noted, trigger=team.plan.trigger, max_concurrent=2)
    assert session.register(moved).note == "v2 registered and active in place of v1"
    hl.connect(session.home)
    other = hl.LaunchPlan("noted", team.noted, trigger=team.plan.trigger, max_concurrent=3)
    plan = hl.current().register(other)
    assert plan.note == "v3 registered; v2 stays active"
    assert (plan.version, plan.newest, first.version) == (2, 3, 1)


def test_activating_at_once_says_what_it_moved(team: Any, session: hl.Session) -> None:
    """With ``auto_activate`` the version is active whoever was, and what it replaced is said."""
    team.plan.activate()
    hl.connect(session.home)
    other = hl.LaunchPlan(
        "noted", team.noted, trigger=team.plan.trigger, max_concurrent=2, auto_activate=True
    )
    plan = hl.current().register(other)
    assert plan.note.startswith("v2 registered and active in place of v1; ")
    assert (plan.version, plan.is_active) == (2, True)


def test_another_session_waits(team: Any, load: Any, session: hl.Session) -> None:
    """Elsewhere the new version is registered and the active one goes on."""
    team.plan.activate()
    hl.connect(session.home)
    load(STEP.format(step=100))
    assert (hl.plan("noted").version, hl.plan("noted").newest) == (1, 2)
    hl.publish(1, "sales")
    hl.settle()
    assert _noted() == [1]


def test_auto_activate_activates_at_once(team: Any) -> None:
    """A plan that asks for it listens from its registration on."""
    hl.LaunchPlan.get_or_create("eager", team.noted, trigger=team.plan.trigger, auto_activate=True)
    assert hl.plan("eager").is_active


def test_an_unknown_plan_names_the_nearest(team: Any) -> None:
    """A misspelt plan, and a version that it does not have."""
    with pytest.raises(PlanNotFound, match=r"No launch plan named 'notde'\. Did you mean 'noted'"):
        hl.plan("notde")
    with pytest.raises(PlanNotFound, match=r"'noted' has no version 7; its newest is \d+\.$"):
        hl.plan("noted").activate(7)
    assert not hl.plan("noted").is_active


def test_code_that_cannot_leave_is_no_triggered_plan(team: Any) -> None:
    """A plan whose code needs what lives here only is refused, and nothing is registered."""
    live = object()

    @hl.workflow
    def bound(x: int) -> None:
        assert live

    with pytest.raises(NotPortable, match="live"):
        hl.LaunchPlan.get_or_create("bound", bound, trigger=team.plan.trigger)
    with pytest.raises(PlanNotFound):
        hl.plan("bound")


def test_a_plan_by_hand_may_stay_here(team: Any) -> None:
    """Without a trigger such code can be planned: only this kernel runs it."""

    @hl.task
    def here() -> int:
        return 3

    plan = hl.LaunchPlan.get_or_create("here", here)
    assert hl.run(plan).state == "succeeded"
    assert "no trigger" in hl.plan("here").activate().note


# ---------------------------------------------------------------------- switching


def test_a_switch_persists(team: Any, session: hl.Session) -> None:
    """On or off is what the next session finds."""
    team.plan.activate()
    hl.connect(session.home)
    assert hl.plan("noted").is_active
    assert hl.plan("noted").activated_by == "tester"
    hl.plan("noted").deactivate()
    hl.connect(session.home)
    assert not hl.plan("noted").is_active


def test_the_first_activation_looks_only_forward(team: Any) -> None:
    """Versions from before it are nobody's events."""
    hl.publish(1, "sales")
    team.plan.activate(missed="each")
    hl.publish(2, "sales")
    hl.settle()
    assert _noted() == [2]


def test_events_pause_while_it_is_off(team: Any) -> None:
    """Off, it still listens: every event has its row."""
    team.plan.activate()
    team.plan.deactivate()
    hl.publish(1, "sales")
    row = hl.ledger("noted")[0]
    assert (row.state, row.reason, row.execution_id) == ("paused", "the plan is off", None)
    assert not hl.settle().done


def test_what_is_queued_runs_though_the_plan_is_off(team: Any) -> None:
    """The switch is on events: what one has started goes on, and the answer says how much."""
    team.plan.activate()
    for x in (1, 2):
        hl.publish(x, "sales")
    assert team.plan.deactivate().note == "2 queued before will still run"
    assert team.plan.deactivate().note == ""
    hl.settle()
    assert _noted() == [1, 2]


@pytest.mark.parametrize(
    ("missed", "noted", "states", "note"),
    [
        ("none", [], ["skipped"] * 3, "3 events waited: 0 queued, 3 skipped"),
        ("newest", [3], ["queued", "skipped", "skipped"], "3 events waited: 1 queued, 2 skipped"),
        ("each", [1, 2, 3], ["queued"] * 3, "3 events waited: 3 queued, 0 skipped"),
    ],
)
def test_what_was_missed(
    team: Any, missed: str, noted: list[int], states: list[str], note: str
) -> None:
    """Activation skips what was paused, or runs the newest, or each in commit order."""
    team.plan.activate()
    team.plan.deactivate()
    for x in (1, 2, 3):
        hl.publish(x, "sales")
    assert note in team.plan.activate(missed=missed).note
    assert _states() == states
    hl.settle()
    assert _noted() == noted
    hl.publish(4, "sales")
    hl.settle()
    assert _noted() == [*noted, 4]


def test_missed_is_one_of_three(team: Any) -> None:
    """Another word changes nothing."""
    with pytest.raises(DeclarationError, match="'none', 'newest', 'each'; got 'all'"):
        team.plan.activate(missed="all")
    assert not team.plan.is_active


def test_what_was_missed_meets_the_plan_as_it_is_now(team: Any, load: Any) -> None:
    """Paused events run the version that is activated, and are held against its trigger."""
    team.plan.activate()
    team.plan.deactivate()
    hl.publish(1, "sales")
    yanked = hl.publish(2, "sales")
    hl.yank(yanked)
    load(STEP.format(step=100)).plan.activate(missed="each")
    hl.settle()
    assert _noted() == [101]
    newest, oldest = hl.ledger("noted")
    assert (oldest.state, newest.state) == ("queued", "skipped")
    assert newest.reason.startswith("filtered")
    assert hl.execution(str(oldest.execution_id)).plan_version == 2


def test_what_was_missed_is_its_own_projects(team: Any, session: hl.Session, load: Any) -> None:
    """A plan of the same name in another project keeps its paused events."""
    team.plan.activate()
    team.plan.deactivate()
    hl.publish(1, "sales")
    hl.connect(session.home, project="other")
    load(STEP.format(step=0)).plan.activate(missed="each")
    assert not hl.ledger()
    hl.connect(session.home)
    assert _states() == ["paused"]


# ---------------------------------------------------------------------- whose switch


INSIDE = """
    @hl.task
    def switch(on: bool) -> str:
        plan = hl.plan("noted")
        return (plan.activate() if on else plan.deactivate()).note

    @hl.workflow
    def switching(on: bool) -> str:
        return switch(on=on)
"""


def test_an_execution_may_throw_a_switch_nobody_has_thrown(team: Any, load: Any) -> None:
    """A notebook or task that registers plans may activate them, and switch them again."""
    script = load(INSIDE)
    script.switch(True)
    assert hl.plan("noted").is_active
    script.switch(False)
    assert not hl.plan("noted").is_active


def test_a_persons_switch_wins(team: Any, load: Any) -> None:
    """What a person has switched stays so, whatever an execution says; it is told."""
    script = load(INSIDE)
    team.plan.activate()
    team.plan.deactivate()
    assert "a person (tester) has switched it: nothing was changed" in script.switch(True)
    assert not hl.plan("noted").is_active
    hl.plan("noted").activate()
    assert "nothing was changed" in script.switching(on=False)
    assert hl.plan("noted").is_active


def test_a_person_may_overrule_an_execution(team: Any, load: Any) -> None:
    """The switch that an execution threw is a person's to throw."""
    load(INSIDE).switch(True)
    hl.plan("noted").deactivate()
    assert not hl.plan("noted").is_active


def test_what_a_plans_module_says_is_no_persons_word(load: Any) -> None:
    """Its module is imported anew for a triggered run: that overrules nobody's switch."""
    text = (
        STEP.format(step=0)
        + """
    other = hl.LaunchPlan.get_or_create("other", noted, trigger=plan.trigger, auto_activate=True)
    """
    )
    load(text).plan.activate()
    hl.plan("other").deactivate()
    hl.publish(1, "sales")
    (done,) = hl.settle().done
    assert done.state == "succeeded"
    assert not hl.plan("other").is_active
    assert [plan.newest for plan in hl.plans()] == [1, 1]


def test_an_execution_does_not_move_a_persons_pointer(team: Any, session: hl.Session) -> None:
    """Registering inside an execution leaves the version active that a person activated."""
    team.plan.activate()

    @hl.task
    def register() -> None:
        plan = hl.LaunchPlan("noted", team.noted, trigger=team.plan.trigger, max_concurrent=2)
        session.register(plan)

    register()
    assert (hl.plan("noted").version, hl.plan("noted").newest) == (1, 2)


def test_activation_says_that_nothing_runs_events(team: Any) -> None:
    """Where no reactor lives and none is started, the note names what runs events."""
    assert "hl.settle()" in team.plan.activate().note
    assert repr(hl.plan("noted")) == "<plan noted v1 active: noted on sales>"


def test_a_plan_that_could_never_run(team: Any) -> None:
    """No execution at one time is no limit that a plan can have."""
    with pytest.raises(DeclarationError, match="max_concurrent is at least 1"):
        hl.LaunchPlan.get_or_create("never", team.noted, max_concurrent=0)
