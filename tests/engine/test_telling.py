"""Who listens is told what becomes of triggered executions, once each, in order."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, PlanNotFound
from heirloom.session import Session

source = hl.Artifact("source")


@pytest.fixture(autouse=True)
def _plans() -> None:
    """Two plans on ``source``: one divides 6 by it, the other takes anything."""

    @hl.task
    def divide(n: int) -> int:
        return 6 // n

    @hl.task
    def take(n: int) -> int:
        return n

    for task in (divide, take):
        trigger = hl.OnArtifact(source, {"n": source})
        hl.LaunchPlan.get_or_create(task.name, task, trigger=trigger, auto_activate=True)


def _publish(*values: int) -> None:
    for value in values:
        hl.publish(value, "source")
    hl.settle()


def _said(told: list[hl.News]) -> list[str]:
    return list(map(str, told))


def test_what_is_told() -> None:
    """Each start and each end, in commit order, with all that the event is known by."""
    told: list[hl.News] = []
    listener = hl.on(call=told.append)
    _publish(0)
    listener.stop()
    assert _said(told) == [
        "divide (source@1) started",
        "divide (source@1) failed: ZeroDivisionError: integer division or modulo by zero",
        "take (source@1) started",
        "take (source@1) succeeded",
    ]
    failed, run = told[1], hl.executions(plan="divide")[0]
    assert (failed.execution_id, failed.refs, failed.at) == (run.id, run.triggered_by, run.ended_at)
    assert failed.to_dict() == {
        "at": failed.at.isoformat().replace("+00:00", "Z"),
        "state": "failed",
        "project": "default",
        "plan": "divide",
        "plan_version": 1,
        "refs": ["heirloom://default/source@1"],
        "execution": run.id,
        "attempt": 1,
        "reason": "ZeroDivisionError: integer division or modulo by zero",
    }


def test_only_what_was_asked_for() -> None:
    """The states and the plan that were named, as objects or by name."""
    told: dict[str, list[hl.News]] = {"bad": [], "take": [], "ends": []}
    listeners = [
        hl.on(("failed", "dead"), told["bad"].append),
        hl.on("succeeded", told["take"].append, plan=hl.plan("take")),
        hl.on(["succeeded", "failed"], told["ends"].append, plan="divide"),
    ]
    _publish(0, 1)
    for listener in listeners:
        listener.stop()
    assert [(news.plan, news.state) for news in told["bad"]] == [("divide", "failed")]
    assert [(news.plan, news.state) for news in told["take"]] == [("take", "succeeded")] * 2
    assert [news.state for news in told["ends"]] == ["failed", "succeeded"]


def test_from_the_moment_of_listening_on() -> None:
    """What became before is not told, and nothing is told after the end; each has its own."""
    early: list[hl.News] = []
    late: list[hl.News] = []
    first = hl.on("succeeded", early.append, plan="take")
    _publish(1)
    second = hl.on("succeeded", late.append, plan="take")
    _publish(2)
    first.stop()
    _publish(3)
    second.stop()
    assert [news.refs[0][-1] for news in early] == ["1", "2"]
    assert [news.refs[0][-1] for news in late] == ["2", "3"]
    assert not first.listens
    assert repr(first).endswith("append: succeeded of 'take', stopped>")


def test_what_others_run_is_told() -> None:
    """Events that another session of the home runs, are told like one's own."""
    told: list[hl.News] = []
    listener = hl.on("succeeded", told.append)
    other = Session(hl.current().settings)
    other.publish(3, "source")
    other.settle()
    other.close()
    listener.stop()
    assert [news.plan for news in told] == ["divide", "take"]


def test_as_a_decorator() -> None:
    """The name is the listener; what it calls acts on the session that was asked."""
    session = Session(hl.current().settings)
    seen: list[Any] = []

    with session.here():

        @hl.on("succeeded", plan="take")
        def tell(news: hl.News) -> None:
            seen.append((hl.current(), threading.current_thread().name, news.state))

    _publish(1)
    assert tell.listens
    session.close()
    assert seen == [(session, "heirloom-listener", "succeeded")]
    assert not tell.listens


def test_a_call_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and harms neither the run nor what is told next, nor other listeners."""
    told: list[hl.News] = []

    def bad(news: hl.News) -> None:
        told.append(news)
        raise SystemExit if len(told) == 1 else ValueError("no")

    listener, other = hl.on("succeeded", bad), hl.on("succeeded", told.append)
    with caplog.at_level(logging.ERROR, "heirloom"):
        _publish(1)
        listener.stop()
        other.stop()
    assert len(told) == 4
    assert {each.state for each in hl.executions(plan="take")} == {"succeeded"}
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
    assert "bad: succeeded> failed at <divide (source@1) succeeded>" in caplog.text


def test_a_cell_that_runs_again_does_not_tell_twice() -> None:
    """A function of the same name, for the same news, takes the place of the one before."""
    told: list[str] = []
    cell = "def tell(news):\n    told.append(text)\n"
    listeners = []
    for text in ("first", "second"):
        names: dict[str, Any] = {"told": told, "text": text, "__name__": "notebook"}
        exec(cell, names)
        listeners.append(hl.on("succeeded", names["tell"], plan="take"))
    assert listeners[0] is listeners[1]
    assert hl.on("failed", names["tell"]) is not listeners[0]
    _publish(1)
    listeners[0].stop()
    assert told == ["second"]
    assert hl.on("succeeded", names["tell"], plan="take").listens


def test_a_listener_may_stop_itself() -> None:
    """A call that ends its own listener is the last one, and does not wait for itself."""
    told: list[hl.News] = []

    @hl.on("succeeded")
    def once(news: hl.News) -> None:
        told.append(news)
        once.stop()

    _publish(1)
    once._thread.join(30)
    assert not once.listens
    assert told


def test_nobody_listens_nothing_runs() -> None:
    """Without a listener there is no thread; the session's end leaves none."""
    listeners = [hl.on(call=print), hl.on("dead", print)]
    names = [each.name for each in threading.enumerate()]
    assert names.count("heirloom-listener") == 2
    hl.current().close()
    assert not any(each.listens for each in listeners)
    assert "heirloom-listener" not in [each.name for each in threading.enumerate()]


def test_bad_input() -> None:
    """What cannot be listened to is one line, and nobody listens."""
    with pytest.raises(DeclarationError, match=r"got 'fialed'\. Did you mean 'failed'"):
        hl.on("fialed", print)
    with pytest.raises(DeclarationError, match="is a function; got 7"):
        hl.on("failed", 7)  # type: ignore[call-overload]  # that is the test
    with pytest.raises(PlanNotFound, match="Did you mean 'divide'"):
        hl.on("failed", print, plan="devide")

    @hl.task
    def body() -> None:
        hl.on("failed", print)

    with pytest.raises(hl.errors.DeclarationError, match="inside an execution"):
        body()
    assert "heirloom-listener" not in [each.name for each in threading.enumerate()]
