"""What a second attempt does with what the first one left, and who may still commit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.claims import Claims
from heirloom.engine.recorder import Recorder
from heirloom.records.executions import Execution

GONE = "worker-1-gone"
"""A claimant whose lock nobody holds: it is dead."""

TWO_STEPS = """
    import sys

    source, first, second = hl.Artifact("source"), hl.Artifact("first"), hl.Artifact("second")

    @hl.task
    def one(x: int) -> Annotated[int, first]:
        sys.ran.append("one")
        return x + 1

    @hl.task
    def two(x: int) -> Annotated[int, second]:
        sys.ran.append("two")
        sys.hook()
        return x + 1

    @hl.workflow
    def both(x: int = source.query()) -> None:
        two(x=one(x=x))

    hl.LaunchPlan.get_or_create(
        "both", both, trigger=hl.OnArtifact(source), auto_activate=True
    )
"""


class Died(BaseException):
    """The process is gone in the middle of a body."""


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies that ran; triggered code sees nothing of this module but what `sys` holds."""
    names: list[str] = []
    monkeypatch.setattr(sys, "ran", names, raising=False)
    monkeypatch.setattr(sys, "hook", lambda: None, raising=False)
    return names


@pytest.fixture
def die(session: hl.Session, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Claims and runs the next execution under a dead name, and dies at the hook."""

    def died() -> None:
        def hook() -> None:
            raise Died

        with monkeypatch.context() as patch:
            patch.setattr(sys, "hook", hook)
            patch.setattr(Recorder, "failed", lambda _, execution, *__: execution)
            with pytest.raises(Died):
                session.claims(GONE).run_next()

    return died


def test_a_second_attempt_reuses_what_the_first_committed(
    load: Any, die: Callable[[], None], record: Any, ran: list[str]
) -> None:
    """The node that was committed does not run again; nothing is emitted twice."""
    load(TWO_STEPS)
    hl.publish(1, "source")
    die()
    assert [e.state for e in record.named("both")] == ["running"]
    (done,) = hl.settle().done
    assert (done.state, done.attempt) == ("succeeded", 2)
    assert ran == ["one", "two", "two"]
    assert len(record.named("one")) == len(record.named("two")) == 1
    assert (hl.get("first").version, hl.pull("second")) == (1, 3)
    assert record.reads("two") == {hl.get("first").ref: "declared"}


def test_an_emission_of_two_attempts_fires_once(load: Any, die: Callable[[], None]) -> None:
    """Who listens to what the first attempt emitted is started once."""
    team = load(
        TWO_STEPS
        + """
    @hl.workflow
    def listening(x: int) -> None:
        one(x=x)

    hl.LaunchPlan.get_or_create(
        "listening", listening, trigger=hl.OnArtifact(first, inputs={"x": first}, max_depth=2),
        auto_activate=True,
    )
    """
    )
    hl.publish(1, "source")
    die()
    hl.settle()
    refs = [row.refs for row in hl.ledger("listening")]
    assert len(refs) == len(set(refs)) == 2
    assert team.first.name == "first"


def test_a_body_that_runs_again_is_given_what_its_call_returned(
    load: Any, die: Callable[[], None], ran: list[str]
) -> None:
    """A task called in a body is not run again in the next attempt, and gives its value."""
    load(
        """
        import sys

        source, made = hl.Artifact("source"), hl.Artifact("made")

        @hl.task
        def inner(x: int) -> tuple[int, Annotated[dict[str, int], made]]:
            sys.ran.append("inner")
            return x, {"n": x}

        @hl.task
        def outer(x: int) -> int:
            number, mapping = inner(x)
            sys.hook()
            return number + mapping["n"]

        hl.LaunchPlan.get_or_create(
            "outer", outer, trigger=hl.OnArtifact(source, inputs={"x": source}), auto_activate=True
        )
        """
    )
    hl.publish(4, "source")
    die()
    (done,) = hl.settle().done
    assert (done.state, done.attempt, _shown(done).outputs["o0"]) == ("succeeded", 2, 8)
    assert ran == ["inner"]
    assert hl.get("made").version == 1


def test_a_nested_workflow_of_the_first_attempt(
    load: Any, die: Callable[[], None], record: Any, ran: list[str]
) -> None:
    """One that was done is taken as it is; one that was under way is closed, and runs again."""
    load(
        TWO_STEPS
        + """
    @hl.workflow
    def first_part(x: int) -> int:
        return one(x=x)

    @hl.workflow
    def second_part(x: int) -> int:
        return two(x=x)

    @hl.workflow
    def whole(x: int = source.query()) -> int:
        return second_part(x=first_part(x=x))

    hl.plan("both").deactivate()
    hl.LaunchPlan.get_or_create("whole", whole, trigger=hl.OnArtifact(source), auto_activate=True)
    """
    )
    hl.publish(1, "source")
    die()
    (done,) = hl.settle().done
    assert (done.name, done.state) == ("whole", "succeeded")
    assert ran == ["one", "two", "two"]
    assert [e.state for e in record.named("first_part")] == ["succeeded"]
    assert [e.state for e in record.named("second_part")] == ["dead", "succeeded"]
    assert _shown(done).outputs["o0"] == hl.get("second")


def test_what_passed_alive_is_made_again(
    load: Any, die: Callable[[], None], ran: list[str]
) -> None:
    """A value without payload died with its process: the node that made it runs again."""
    load(
        """
        import sys

        source = hl.Artifact("source")

        @hl.task
        def connect() -> Any:
            sys.ran.append("connect")
            return iter([5])

        @hl.task
        def use(client: Any) -> int:
            sys.hook()
            return next(client)

        @hl.workflow
        def used() -> int:
            return use(client=connect())

        hl.LaunchPlan.get_or_create("used", used, trigger=hl.OnArtifact(source), auto_activate=True)
        """
    )
    hl.publish(1, "source")
    die()
    (done,) = hl.settle().done
    assert _shown(done).outputs == {"o0": 5}
    assert ran == ["connect", "connect"]


def test_every_attempt_uses_the_inputs_of_the_first(load: Any, die: Callable[[], None]) -> None:
    """A version that arrives between two attempts is not what the second one is given."""
    load(
        """
        import sys

        source, other = hl.Artifact("source"), hl.Artifact("other")

        @hl.task
        def use(x: int, y: int | None) -> int:
            sys.hook()
            return x

        @hl.workflow
        def used(x: int = other.query(), y: int | None = hl.Artifact("absent").query()) -> int:
            return use(x=x, y=y)

        hl.LaunchPlan.get_or_create("used", used, trigger=hl.OnArtifact(source), auto_activate=True)
        """
    )
    hl.publish(1, "other")
    hl.publish(0, "source")
    die()
    hl.publish(2, "other")
    hl.publish(2, "absent")
    (done,) = hl.settle().done
    assert _shown(done).inputs == {"x": hl.get("other@1"), "y": None}


def test_the_commit_of_an_overtaken_attempt_is_refused(
    load: Any, session: hl.Session, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zombie that wakes when another has run its execution changes nothing."""
    load(TWO_STEPS)
    hl.publish(1, "source")
    taken: list[Execution | None] = []

    def overtaken() -> None:
        monkeypatch.setattr(sys, "hook", lambda: None)
        taken.append(session.claims("worker-2-quick").run_next())

    monkeypatch.setattr(sys, "hook", overtaken)
    late = session.claims(GONE).run_next()
    (quick,) = taken
    assert quick is not None
    assert (quick.state, quick.attempt) == ("succeeded", 2)
    assert late == quick
    assert hl.search("name=second").total == 1
    assert len(record.named("two")) == 1
    assert not hl.settle().done


def test_a_failure_of_an_overtaken_attempt_is_nobodys(
    load: Any, session: hl.Session, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does its failure become the execution's."""
    load(TWO_STEPS)
    hl.publish(1, "source")

    def overtaken() -> None:
        monkeypatch.setattr(sys, "hook", lambda: None)
        session.claims("worker-2-quick").run_next()
        raise ValueError

    monkeypatch.setattr(sys, "hook", overtaken)
    late = session.claims(GONE).run_next()
    assert late is not None
    assert (late.state, late.attempt) == ("succeeded", 2)
    assert [e.state for e in record.named("two")] == ["succeeded"]


def test_four_deaths_and_it_is_dead(load: Any, die: Callable[[], None], record: Any) -> None:
    """A poison pill is given up after four attempts, says so, and blocks nobody."""
    load(TWO_STEPS)
    hl.publish(1, "source")
    hl.publish(2, "source")
    for _ in range(4):
        die()
    dead, done = hl.settle().done
    assert (dead.state, dead.attempt) == ("dead", 4)
    assert dead.error is not None
    assert "died 4 times" in dead.error
    assert dead.id in dead.error
    assert done.state == "succeeded"
    assert {e.state for e in record.all} == {"succeeded", "dead"}


def test_a_run_by_hand_dies_with_its_process(
    load: Any, session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a process ran by hand when it died is found dead; nobody runs it again."""
    both = load(TWO_STEPS).both

    def hook() -> None:
        raise Died

    monkeypatch.setattr(sys, "hook", hook)
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "failed", lambda _, execution, *__: execution)
        with pytest.raises(Died):
            both(x=1)
    assert [e.state for e in hl.executions(name="both")] == ["running"]
    hl.connect(session.home)
    settled = hl.settle()
    assert [(e.name, e.state, e.attempt) for e in settled.done] == [("both", "dead", 1)]
    assert "the process that ran it has ended" in str(settled.done[0].error)
    assert not settled.still


def test_what_a_dead_process_left_is_resumed_at_once(
    load: Any, session: hl.Session, monkeypatch: pytest.MonkeyPatch, record: Any
) -> None:
    """Nobody has to find it dead first; what lives is not taken from who runs it."""
    both = load(TWO_STEPS).both

    def hook() -> None:
        with pytest.raises(hl.errors.InputError, match="is running"):
            hl.resume(hl.executions(name="both")[0])
        raise Died

    monkeypatch.setattr(sys, "hook", hook)
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "failed", lambda _, execution, *__: execution)
        with pytest.raises(Died):
            both(x=1)
    hl.connect(session.home)
    monkeypatch.setattr(sys, "hook", lambda: None)
    resumed = hl.resume(hl.executions(name="both")[0])
    assert (resumed.state, resumed.attempt) == ("succeeded", 2)


def _shown(execution: Execution) -> Any:
    return hl.execution(execution.id)


class Stale(Claims):
    """Claims that look at the catalog too early."""

    __slots__ = ("seen",)
    seen: list[Execution | None]

    def candidate(self) -> Execution | None:
        return self.seen.pop(0)


def _stale(session: hl.Session, *seen: Execution | None) -> Stale:
    claims = Stale(
        session.catalog, session.lives, session.approvals, "worker-3-late", session.workplace
    )
    claims.seen = list(seen)
    return claims


def test_of_two_claims_one_gets_it(load: Any, session: hl.Session, ran: list[str]) -> None:
    """Who is second finds it taken, and takes nothing."""
    load(TWO_STEPS)
    hl.publish(1, "source")
    claims = session.claims("worker-2-quick")
    late = _stale(session, claims.candidate(), None)
    assert claims.run_next() is not None
    assert late.run_next() is None
    assert ran == ["one", "two"]


def test_a_slot_is_looked_at_again_when_it_is_taken(
    load: Any, session: hl.Session, die: Callable[[], None]
) -> None:
    """Two claims made at one moment do not run two executions of a plan that runs one."""
    load(TWO_STEPS)
    hl.publish(1, "source")
    hl.publish(2, "source")
    _, second = session.catalog.view().executions(state="queued")
    die()
    assert _stale(session, second, None).run_next() is None
    assert session.catalog.view().execution(second.id) == second


def test_what_a_body_published_is_published_once(
    load: Any, die: Callable[[], None], record: Any
) -> None:
    """The body runs again, its publication does not: the first version and record stay alone."""
    load(
        """
        import sys

        source = hl.Artifact("source")

        @hl.task
        def work() -> int:
            made = hl.publish(len(sys.ran), "made")
            sys.ran.append("work")
            sys.hook()
            return made.version

        hl.LaunchPlan.get_or_create("work", work, trigger=hl.OnArtifact(source), auto_activate=True)
        """
    )
    hl.publish(1, "source")
    die()
    (done,) = hl.settle().done
    assert (done.state, _shown(done).outputs) == ("succeeded", {"o0": 1})
    assert hl.pull("made") == 0
    assert len(record.named("made")) == 1


def test_the_record_of_an_error_begins_with_the_users_code(load: Any, record: Any) -> None:
    """The traceback that is kept shows none of our frames above the body's."""
    load(TWO_STEPS)
    sys.hook = lambda: 1 // 0  # type: ignore[attr-defined]  # the hook of the rebuilt code
    hl.publish(1, "source")
    hl.settle()
    for name in ("two", "both"):
        said = str(record.one(name).error)
        assert said.splitlines()[1].endswith("in two")
        assert "ZeroDivisionError" in said
        assert "heirloom/engine" not in said
