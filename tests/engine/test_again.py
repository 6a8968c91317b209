"""What has run, run again: resumed, rerun, or cancelled before its end."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog.runs import Runs
from heirloom.errors import ExecutionNotFound, Fenced, InputError, NotFound, NotPortable, TaskFailed
from heirloom.session import Session

TEAM = """
    import os

    sales, clean = hl.Artifact("sales"), hl.Artifact("clean")

    @hl.task
    def double(x: int) -> Annotated[int, clean]:
        return 2 * x

    @hl.task
    def gated(x: int, gate: str) -> int:
        if not os.path.exists(gate):
            raise FileNotFoundError(gate)
        return x + 1

    @hl.workflow
    def flow(gate: str, x: int = sales.query()):
        return gated(x=double(x=x), gate=gate)

    @hl.workflow
    def mapped(gates: list[str], xs: list[int]):
        return hl.map_task(gated)(x=hl.map_task(double)(x=xs), gate=gates)

    @hl.dynamic
    def fan(gate: str, count: int) -> int:
        sizes = int(open(gate + ".size").read())
        done = [double(x=i) for i in range(sizes)]
        return gated(x=done[-1], gate=gate)
"""


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """What is not there yet, without which a task fails."""
    return tmp_path / "gate"


def test_a_failed_run_is_resumed_from_what_succeeded(load: Any, record: Any, gate: Path) -> None:
    """The next attempt of the same root runs only what had not been committed."""
    hl.publish(4, "sales")
    failed = hl.run(load(TEAM).flow, gate=str(gate), check=False)
    assert (failed.state, failed.attempt) == ("failed", 1)
    gate.touch()
    hl.publish(5, "sales")
    resumed = hl.resume(failed.id)
    assert (resumed.id, resumed.state, resumed.attempt) == (failed.id, "succeeded", 2)
    assert resumed.outputs == {"o0": 9}
    assert len(record.named("double")) == 1
    assert [(each.attempt, each.state) for each in record.named("gated")] == [
        (1, "failed"),
        (2, "succeeded"),
    ]
    assert hl.search("name=clean").total == 1


def test_a_part_of_a_run_resumes_the_run(load: Any, gate: Path) -> None:
    """The id of the leaf that failed will do."""
    failed = hl.run(load(TEAM).flow, gate=str(gate), x=1, check=False)
    (leaf,) = [e for e in hl.executions(root=failed.id) if e.name == "gated"]
    gate.touch()
    assert hl.resume(leaf.id).id == failed.id


def test_a_map_is_resumed_item_by_item(load: Any, record: Any, tmp_path: Path) -> None:
    """Calls that were committed are not made again, and the lists are whole."""
    gates = [tmp_path / name for name in "abc"]
    gates[0].touch()
    gates[1].touch()
    given = {"gates": [str(each) for each in gates], "xs": [1, 2, 3]}
    failed = hl.run(load(TEAM).mapped, given, check=False)
    assert failed.state == "failed"
    gates[2].touch()
    resumed = hl.resume(failed)
    assert resumed.outputs == {"o0": [3, 5, 7]}
    leaves = [each.path for each in record.named("gated") if each.state == "succeeded"]
    assert sorted(leaves) == ["/gated", "/gated/0", "/gated/1", "/gated/2"]


def test_a_map_of_its_own_is_rerun_and_resumed(load: Any, record: Any, tmp_path: Path) -> None:
    """What goes over lists goes over lists again, and what it bound stays bound."""
    team = load(TEAM)
    gate = tmp_path / "gate"
    mapped = hl.map_task(functools.partial(team.gated, gate=str(gate)))
    failed = hl.run(mapped, x=[1, 2], check=False)
    assert (failed.kind, failed.state) == ("map", "failed")
    gate.touch()
    resumed: Any = hl.resume(failed)
    again: Any = hl.rerun(failed)
    other: Any = hl.rerun(failed, x=[5])
    assert [each.kind for each in (resumed, again, other)] == ["map"] * 3
    assert [each.outputs for each in (resumed, again, other)] == [
        {"o0": [2, 3]},
        {"o0": [2, 3]},
        {"o0": [6]},
    ]


def test_what_did_not_end_badly_is_not_resumed(load: Any, gate: Path) -> None:
    """The line says its state and what runs it anew."""
    gate.touch()
    done = hl.run(load(TEAM).flow, gate=str(gate), x=1)
    with pytest.raises(InputError, match=rf"is succeeded: .* hl\.rerun\('{done.id}'\)"):
        hl.resume(done)
    with pytest.raises(ExecutionNotFound, match="No execution 'nothing'"):
        hl.resume("nothing")


def test_a_resumed_run_can_fail_again(load: Any, gate: Path) -> None:
    """It raises as a run does, and can be resumed once more."""
    failed = hl.run(load(TEAM).flow, gate=str(gate), x=1, check=False)
    with pytest.raises(TaskFailed, match="FileNotFoundError"):
        hl.resume(failed)
    gate.touch()
    assert hl.resume(failed).attempt == 3


def test_a_rerun_has_the_recorded_inputs(load: Any, gate: Path) -> None:
    """A new root, linked; the recorded versions, whatever is newest now."""
    gate.touch()
    hl.publish(4, "sales")
    done = hl.run(load(TEAM).flow, gate=str(gate))
    hl.publish(50, "sales")
    again = hl.rerun(done.id)
    assert (again.rerun_of, again.root_id == again.id, again.id == done.id) == (
        done.id,
        True,
        False,
    )
    assert again.outputs == {"o0": 9}
    assert again.inputs["x"] == hl.get("sales@1")
    assert hl.search("name=clean").total == 2


def test_a_rerun_with_the_latest_asks_again(load: Any, gate: Path) -> None:
    """Only what a query gave is asked for; an override is checked like any input."""
    gate.touch()
    hl.publish(4, "sales")
    done = hl.run(load(TEAM).flow, gate=str(gate))
    hl.publish(50, "sales")
    latest = hl.rerun(done, latest=True)
    assert latest.inputs["x"] == hl.get("sales@2")
    given = hl.rerun(done, x=7)
    assert given.outputs == {"o0": 15}
    before = hl.current().catalog.position()
    with pytest.raises(InputError, match="'flow' has no input 'y'"):
        hl.rerun(done, y=7)
    with pytest.raises(InputError, match="takes int; got str"):
        hl.rerun(done, x="seven")
    assert hl.current().catalog.position() == before


def test_what_found_nothing_is_asked_again(load: Any) -> None:
    """With the latest, also of a rerun; a `None` that was given stays one, as does the old one."""
    team = load("""
        later = hl.Artifact("later")

        @hl.task
        def seen(x: int | None) -> str:
            return repr(x)

        @hl.workflow
        def flow(x: int | None = later.query()):
            return seen(x=x)
        """)
    done, given = hl.run(team.flow), hl.run(team.flow, x=None)
    assert done.inputs == given.inputs == {"x": None}
    hl.publish(7, "later")
    same = hl.rerun(done)
    assert same.outputs == {"o0": "None"}
    assert hl.rerun(given, latest=True).outputs == {"o0": "None"}
    for once in (done, same):
        latest = hl.rerun(once, latest=True)
        assert latest.inputs["x"] == hl.get("later@1")
        assert latest.outputs == {"o0": "7"}


def test_a_part_is_rerun_alone(load: Any, gate: Path) -> None:
    """The leaf becomes a root of its own, on the values that it had."""
    gate.touch()
    done = hl.run(load(TEAM).flow, gate=str(gate), x=3)
    (leaf,) = [each for each in hl.executions(root=done.id) if each.name == "gated"]
    again = hl.rerun(leaf)
    assert (again.kind, again.outputs, again.rerun_of) == ("task", {"o0": 7}, leaf.id)


def test_a_task_that_failed_alone_runs_again(load: Any, record: Any, gate: Path) -> None:
    """Its code is recorded though nothing came of it: it is rerun, and resumed."""
    gated = load(TEAM).gated
    failed = hl.run(gated, x=1, gate=str(gate), check=False)
    gate.touch()
    again: Any = hl.rerun(failed)
    resumed: Any = hl.resume(failed)
    assert (again.rerun_of, again.outputs) == (failed.id, {"o0": 2})
    assert (resumed.id, resumed.attempt, resumed.outputs) == (failed.id, 2, {"o0": 2})


def test_code_that_is_bound_is_not_rerun(record: Any) -> None:
    """What binds it is named, and nothing is recorded."""
    lock = threading.Lock()

    @hl.task
    def locked() -> int:
        with lock:
            return 1

    locked()
    with pytest.raises(NotPortable, match="'lock'"):
        hl.rerun(record.one("locked"))


def test_differences_of_the_environment_are_told(
    load: Any, record: Any, session: Session, gate: Path
) -> None:
    """A line for each distribution whose version is not the recorded one."""
    from heirloom.engine.apart import differences

    assert differences({"pytest": pytest.__version__}) == []
    assert differences({"pytest": "1.0", "nowhere": "2"}) == [
        "nowhere was 2, is not installed",
        f"pytest was 1.0, is {pytest.__version__}",
    ]


# ---------------------------------------------------------------------- dynamic


def test_a_dynamic_run_traces_its_own_graph(load: Any, record: Any, gate: Path) -> None:
    """Its body sees its inputs; its calls stand at their ordinals."""
    gate.touch()
    gate.with_suffix(".size").write_text("3")
    done = hl.run(load(TEAM).fan, gate=str(gate), count=3)
    assert done.outputs == {"o0": 5}
    paths = [each.path for each in record.all if each.kind == "task"]
    assert paths == ["/double", "/double#2", "/double#3", "/gated"]


def test_a_replay_that_diverges_fails(load: Any, record: Any, gate: Path) -> None:
    """Where the next attempt makes other calls than were committed, nothing is emitted twice."""
    gate.with_suffix(".size").write_text("3")
    failed = hl.run(load(TEAM).fan, gate=str(gate), count=3, check=False)
    gate.touch()
    gate.with_suffix(".size").write_text("2")
    with pytest.raises(TaskFailed, match="'fan' took another way"):
        hl.resume(failed)
    assert hl.search("name=clean").total == 3


# ---------------------------------------------------------------------- cancelling


class Never(Executor):
    """Begins nothing; says when it was asked to."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Take it, and leave it."""
        self.asked.set()
        return Future()


def test_a_run_that_waits_for_an_executor_is_cancelled(load: Any, record: Any, gate: Path) -> None:
    """It ends at once, and nothing more is recorded of it."""
    never, ended = Never(), list[Any]()
    flow = load(TEAM).flow

    def run() -> None:
        ended.append(hl.run(flow, gate=str(gate), x=1, executor=never, check=False))

    thread = threading.Thread(target=run)
    thread.start()
    assert never.asked.wait(10)
    (running,) = hl.executions(state="running")
    cancelled = hl.cancel(running)
    thread.join(10)
    assert not thread.is_alive()
    assert (cancelled.state, ended[0].state) == ("cancelled", "cancelled")
    assert [each.state for each in record.all] == ["cancelled"]
    with pytest.raises(InputError, match="has ended"):
        hl.cancel(running)


def test_a_body_that_runs_on_commits_nothing(load: Any, record: Any) -> None:
    """What ends after the cancel is refused by the fence."""
    clean = hl.Artifact("clean")

    @hl.task
    def late() -> Any:
        (running,) = hl.executions(state="running")
        hl.cancel(running)
        return hl.publish(1, "late")

    @hl.workflow
    def cancelled() -> Any:
        return late()

    del clean
    with pytest.raises(TaskFailed) as failed:
        hl.run(cancelled)
    assert isinstance(failed.value.__cause__, Fenced)
    assert hl.search().total == 0


FIRED = """
    sales, rates = hl.Artifact("sales", ["region"]), hl.Artifact("rates", ["region"])

    @hl.task
    def priced(x: int, rate: int) -> int:
        return x * rate

    given = {"x": sales, "rate": rates.query(region=sales.partitions.region)}
    plan = hl.LaunchPlan.get_or_create(
        "priced", priced, trigger=hl.OnArtifact(sales, given), auto_activate=True
    )
"""


@pytest.fixture
def fired(load: Any) -> Any:
    """Queued by a version, and begun by nobody."""
    load(FIRED)
    hl.publish(3, "sales[region=emea]")
    hl.publish(4, "sales[region=apac]")
    return hl.executions(state="queued")[-1]


@pytest.mark.parametrize("again", [hl.resume, hl.rerun])
def test_what_was_cancelled_before_it_began_has_its_plans_inputs(fired: Any, again: Any) -> None:
    """They are asked for when it runs: what fired it, and the query with its partition."""
    hl.publish(10, "rates[region=emea]")
    hl.publish(20, "rates[region=apac]")
    hl.cancel(fired)
    done = again(fired)
    assert (done.state, done.attempt, done.outputs) == ("succeeded", 1, {"o0": 30})
    assert {name: version.ref for name, version in done.inputs.items()} == {
        "rate": "heirloom://default/rates@1",
        "x": "heirloom://default/sales@1",
    }


@pytest.mark.parametrize("again", [hl.resume, hl.rerun])
def test_what_was_unmet_runs_when_it_is_met(fired: Any, again: Any) -> None:
    """Until then the verb says what is missing, and nothing is recorded."""
    settled = hl.settle()
    assert [e.state for e in settled.done] == ["failed", "failed"]
    with pytest.raises(NotFound, match="rates"):
        again(fired)
    assert len(hl.executions()) == 4
    hl.publish(10, "rates[region=emea]")
    assert again(fired).outputs == {"o0": 30}


def test_a_resumed_run_looks_up_each_call_alone(
    load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would cost to read all of a long map for each of its calls is not paid."""
    gates = [tmp_path / f"gate-{number}" for number in range(30)]
    for gate in gates[:-1]:
        gate.touch()
    given = {"gates": list(map(str, gates)), "xs": list(range(30))}
    failed = hl.run(load(TEAM).mapped, given, check=False)
    gates[-1].touch()
    ask, found = Runs.executions, []

    def asked(view: Runs, **filters: Any) -> Any:
        answer = ask(view, **filters)
        found.append(len(answer) if filters.get("state") == "succeeded" else 0)
        return answer

    monkeypatch.setattr(Runs, "executions", asked)
    assert hl.resume(failed).state == "succeeded"
    assert sum(each > 1 for each in found) <= 1  # once, for the whole run
