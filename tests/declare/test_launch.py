"""Launch plans and triggers, as far as their declaration goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import heirloom as hl
from heirloom import Artifact, LaunchPlan, OnArtifact, task, workflow
from heirloom.declare.trigger import Firing
from heirloom.errors import DeclarationError, InputError, NotPortable
from heirloom.records.binds import FiringPartition, FiringTime, Input

raw = Artifact("raw", ["region"], time_partitioned=True)
other = Artifact("other", ["where"])


@task
def use(data: Any, region: str, when: datetime | None, n: int) -> None:
    """Take everything."""


@workflow
def consume(data: Any = None, region: str = "x", when: datetime | None = None, n: int = 1) -> None:
    """Pass it on."""
    use(data=data, region=region, when=when, n=n)


@workflow
def needy(data: Any, n: int) -> None:
    """Has no default."""
    use(data=data, region="x", when=None, n=n)


def _plan(workflow: Any = consume, trigger: Any = None, **given: Any) -> LaunchPlan:
    return LaunchPlan("plan", workflow, trigger=trigger, **given)


# ------------------------------------------------------------------ triggers


def test_what_a_trigger_listens_to() -> None:
    """An artifact, a query or a ref; or several of them."""
    on = [raw, other.query(where="emea"), hl.ref("third[x=1]")]
    assert [str(q) for q in OnArtifact(on).queries] == ["raw", "other[where=emea]", "third[x=1]"]
    assert [str(q) for q in OnArtifact(raw).queries] == ["raw"]


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ([], "at least one"),
        ("raw", "got a str"),
        (3, "got a int"),
        ([raw, "other"], "got a str"),
        (Artifact("raw", version=3), "yet to come; 'raw@3'"),
        (raw.query(alias="best"), "yet to come"),
        (raw.query(region=hl.Inputs.region), r"yet to come; 'raw\[region=\{Inputs.region\}\]'"),
    ],
)
def test_what_a_trigger_cannot_listen_to(on: Any, says: str) -> None:
    """A trigger is on artifacts, and on versions that are still to be made."""
    with pytest.raises(DeclarationError, match=says):
        OnArtifact(on)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"when": "sometimes"}, DeclarationError, "'version' or 'change'"),
        ({"condition": "some"}, DeclarationError, "condition is 'any' or 'all' or 'all-latest'"),
        ({"max_depth": 0}, DeclarationError, "at least 1"),
    ],
)
def test_options_of_a_trigger(given: dict[str, Any], error: type[Exception], says: str) -> None:
    """Each option takes what it says."""
    with pytest.raises(error, match=says):
        OnArtifact(raw, **given)


def test_inputs_of_a_trigger() -> None:
    """The firing version, its partitions and time, a query, a constant: each as what it is."""
    trigger = OnArtifact(
        raw,
        inputs={
            "data": raw,
            "region": raw.partitions.region,
            "when": raw.time_partition - timedelta(days=1),
            "n": 5,
        },
    )
    given = _plan(trigger=trigger).trigger_inputs
    assert given == {
        "data": Firing("raw"),
        "region": FiringPartition("raw", "region"),
        "when": FiringTime("raw", timedelta(days=-1)),
        "n": 5,
    }
    pinned = OnArtifact(raw, inputs={"data": Artifact("raw", version=2)})
    assert str(pinned.input_spec("data")) == "raw@2"
    queried = OnArtifact(raw, inputs={"data": other.query(where=raw.partitions.region)})
    assert str(queried.input_spec("data")) == "other[where={raw.region}]"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (other.partitions.where, r"\{other.where\}, which this trigger does not listen to"),
        (raw.query(region=other.partitions.where), "does not listen to"),
        (Input("n"), "no caller's inputs"),
        (raw.query(region=hl.Inputs.region), "no caller's inputs"),
    ],
)
def test_inputs_that_a_trigger_cannot_know(value: Any, says: str) -> None:
    """A triggered run knows the version that fired, and nothing of a caller."""
    with pytest.raises(DeclarationError, match=says):
        _plan(trigger=OnArtifact(raw, inputs={"data": value}))


# ------------------------------------------------------------------ plans


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"default_inputs": {"regoin": "x"}}, "Did you mean 'region'"),
        ({"fixed_inputs": {"n": "3"}}, "takes int; got str '3'"),
        ({"default_inputs": {"n": True}}, "takes int; got bool"),
        ({"trigger": OnArtifact(raw, inputs={"m": 1})}, "which 'consume' does not take"),
        ({"trigger": OnArtifact(raw, inputs={"n": "3"})}, "takes int; got str"),
        (
            {"trigger": OnArtifact(raw, inputs={"n": raw.partitions.region})},
            r"partitions\.region is str",
        ),
        (
            {"trigger": OnArtifact(raw, inputs={"n": raw.time_partition})},
            "time partition is a datetime",
        ),
        (
            {"fixed_inputs": {"n": 1}, "trigger": OnArtifact(raw, inputs={"n": 2})},
            "'n' of plan 'plan' is fixed",
        ),
    ],
)
def test_inputs_that_cannot_fit(given: dict[str, Any], says: str) -> None:
    """What a plan gives is held against the workflow's interface when it is declared."""
    with pytest.raises(InputError, match=says) as caught:
        _plan(**given)
    assert "\n" not in str(caught.value)


def test_a_triggered_plan_gives_every_input() -> None:
    """An input that nothing would give is found when the plan is declared, not when it fires."""
    with pytest.raises(InputError, match="Nothing gives 'n' to 'needy'"):
        _plan(needy, OnArtifact(raw, inputs={"data": raw}))
    _plan(needy)
    _plan(needy, OnArtifact(raw, inputs={"data": raw}), fixed_inputs={"n": 3})
    _plan(needy, OnArtifact(raw, inputs={"data": raw}), default_inputs={"n": other.query()})


def test_names_of_plans() -> None:
    """A plan is named as an artifact is."""
    with pytest.raises((DeclarationError, ValueError), match="7up"):
        LaunchPlan("7up", consume)


@pytest.fixture
def count(notebook: Any) -> Any:
    """A workflow that can leave its notebook."""
    notebook.cell(
        """
        from heirloom import task, workflow

        @task
        def add(a: int, b: int) -> int:
            return a + b

        @workflow
        def count(a: int = 1, b: int = 2) -> int:
            return add(a=a, b=b)
        """
    )
    return notebook["count"]


def test_registering_twice(count: Any) -> None:
    """The same text is the same version; another is the next, and nothing becomes active."""
    first = LaunchPlan.get_or_create("plan", count, trigger=OnArtifact(raw))
    LaunchPlan.get_or_create("plan", count, trigger=OnArtifact(raw))
    assert hl.plan("plan").newest == 1
    LaunchPlan.get_or_create("plan", count, trigger=OnArtifact(raw, max_depth=3))
    assert hl.plan("plan").newest == 2
    assert not first.is_active


def test_the_session_that_activated_a_plan_moves_it(count: Any) -> None:
    """A new version registered where the plan was activated takes the active one's place."""
    plan = LaunchPlan.get_or_create("plan", count, trigger=OnArtifact(raw))
    plan.activate()
    LaunchPlan.get_or_create("plan", count, trigger=OnArtifact(raw, when="change"))
    shown = hl.plan("plan")
    assert (shown.version, shown.is_active) == (2, True)
    plan.deactivate()
    assert not plan.is_active


def test_auto_activate(count: Any) -> None:
    """A plan may ask to be active at once."""
    assert LaunchPlan.create("plan", count, trigger=OnArtifact(raw), auto_activate=True).is_active


def test_code_that_cannot_leave_is_no_plan(notebook: Any) -> None:
    """A workflow that needs a live object cannot be triggered; nothing is registered."""
    notebook.cell(
        """
        from heirloom import task, workflow

        import threading

        live = threading.Lock()

        @task
        def bound() -> None:
            print(live)

        @workflow
        def whole() -> None:
            bound()
        """
    )
    with pytest.raises(NotPortable, match=r"(?i)plan 'plan' cannot run apart.*'live'"):
        LaunchPlan.get_or_create("plan", notebook["whole"], trigger=OnArtifact(raw))
    assert hl.plans() == []


def test_calling_a_plan(count: Any) -> None:
    """A plan runs with its inputs; what is fixed cannot be given."""
    plan = LaunchPlan("plan", count, default_inputs={"a": 5}, fixed_inputs={"b": 10})
    assert plan() == 15
    assert plan(a=6) == 16
    with pytest.raises(InputError, match="'b' of plan 'plan' is fixed"):
        plan(b=1)


def test_a_trigger_shows_what_it_is_on() -> None:
    """For people: name, workflow, and what starts it."""
    trigger = OnArtifact(raw.query(region="emea", time_partition=datetime(2026, 1, 1, tzinfo=UTC)))
    shown = repr(_plan(trigger=trigger))
    assert shown == "<launch plan plan: consume on raw[region=emea,time=2026-01-01]>"
