"""A workflow's run: an envelope around its nodes, and what it hands on."""
# What a call in a workflow's body gives is a promise, which its annotation does not speak of.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import pandas as pd
import pytest

import heirloom as hl
from heirloom.errors import CodecError, TaskFailed
from heirloom.records.executions import Item

report = hl.Artifact("report")
keyed = hl.Artifact("keyed", ["region"])
final = hl.Artifact("final")


class Pair(NamedTuple):
    """Two outputs."""

    low: int
    high: int


class Live:
    """A live thing that has no format."""


@hl.task
def load(n: int) -> pd.DataFrame:
    """A frame of `n` rows."""
    return pd.DataFrame({"n": range(n)})


@hl.task
def total(frame: pd.DataFrame) -> int:
    """Its sum."""
    return int(frame["n"].sum())


@hl.task
def add(a: int, b: int = 1) -> int:
    """A sum."""
    return a + b


@hl.task
def largest(xs: list[int]) -> int:
    """The largest."""
    return max(xs)


@hl.task
def emit(x: int) -> Annotated[int, report]:
    """A version."""
    return x


@hl.task
def fail(x: int) -> int:
    """Nothing."""
    return x // 0


@hl.workflow
def summed(n: int) -> int:
    """Two nodes in a row."""
    return total(frame=load(n=n))


def test_an_envelope_stands_around_its_nodes(record: Any) -> None:
    """It starts before its nodes and ends after them; they are its children, below its path."""
    assert summed(n=4) == 6
    envelope, first, second = record.all
    assert (envelope.name, first.name, second.name) == ("summed", "load", "total")
    assert envelope.kind == "workflow"
    assert envelope.is_envelope
    assert envelope.started_at <= first.started_at <= second.ended_at <= envelope.ended_at
    assert {e.parent_id for e in (first, second)} == {envelope.id}
    assert {e.root_id for e in record.all} == {envelope.id}
    assert [e.path for e in record.all] == ["", "/load", "/total"]
    assert {e.state for e in record.all} == {"succeeded"}


def test_edges_lie_on_the_leaves(record: Any) -> None:
    """A node reads what the one before it made; the envelope names its result, not a copy."""
    summed(n=4)
    assert record.reads("total") == {record.item("load"): "declared"}
    assert record.one("summed").outputs == {"o0": Item(record.item("total"))}
    assert record.reads("summed") == {}


def test_a_node_called_twice(record: Any) -> None:
    """Two nodes of one task have two paths, and each its own value."""

    @hl.workflow
    def twice() -> int:
        return add(a=add(a=1), b=5)

    assert twice() == 7
    assert [e.path for e in record.named("add")] == ["/add", "/add#2"]


def test_a_workflow_in_a_workflow(record: Any) -> None:
    """The inner envelope is a child, its nodes below it, its result an input of the next."""

    @hl.workflow
    def outer(n: int) -> int:
        return add(a=summed(n=n), b=100)

    assert outer(n=4) == 106
    inner = record.one("summed")
    assert inner.path == "/summed"
    assert record.one("load").path == "/summed/load"
    assert record.one("load").parent_id == inner.id
    assert record.reads("add") == {record.item("total"): "declared"}


def test_several_outputs(record: Any) -> None:
    """A tuple annotation gives a tuple, each output under its number."""

    @hl.workflow
    def both(a: int) -> tuple[int, int]:
        return add(a=a), add(a=a, b=10)

    assert both(a=1) == (2, 11)
    assert list(record.one("both").outputs) == ["o0", "o1"]


def test_named_outputs(record: Any) -> None:
    """A NamedTuple annotation gives that tuple, from a task, in a workflow and out of it."""

    @hl.task
    def bounds(xs: list[int]) -> Pair:
        return Pair(min(xs), max(xs))

    @hl.workflow
    def spread(xs: list[int]) -> Pair:
        found = bounds(xs=xs)
        return Pair(low=add(a=found.low, b=0), high=found.high)

    found = spread(xs=[3, 1, 2])
    assert isinstance(found, Pair)
    assert (found.low, found.high) == (1, 3)
    assert list(record.one("spread").outputs) == ["low", "high"]


def test_constants_and_containers(record: Any) -> None:
    """Promises inside lists and dicts are filled in, and each is an edge of who is given them."""

    @hl.task
    def weigh(parts: dict[str, list[int]]) -> int:
        return sum(sum(xs) for xs in parts.values())

    @hl.workflow
    def whole() -> int:
        one, two = add(a=1), add(a=2)
        return weigh(parts={"made": [one, two], "given": [10]})

    assert whole() == 15
    made = {f"value:{e.id}/o0" for e in record.named("add")}
    assert {r.item for r in record.one("weigh").all_reads()} == made
    assert {r.input for r in record.one("weigh").reads} == {"parts"}


def test_a_container_as_the_result(record: Any) -> None:
    """A list of promises is a value of the envelope, which has read what is in it."""

    @hl.workflow
    def several() -> list[int]:
        return [add(a=1), add(a=2)]

    assert several() == [2, 3]
    made = {f"value:{e.id}/o0" for e in record.named("add")}
    assert {r.item for r in record.one("several").all_reads()} == made


def test_an_input_as_the_result(record: Any) -> None:
    """A workflow that returns what it was given has made a value of it, not that version."""

    @hl.workflow
    def same(x: int) -> int:
        return x

    version = hl.publish(5, "answer")
    assert same(x=version) == 5
    assert record.one("same").outputs["o0"].value == 5
    assert version.ref in record.reads("same")


def test_a_task_without_annotation_hands_on_what_it_returns(record: Any) -> None:
    """Where nothing is said of the result, the next node is given it all the same."""

    @hl.task
    def triple(x):  # type: ignore[no-untyped-def]  # nothing is said of it: that is the case
        return 3 * x

    @hl.workflow
    def nine():  # type: ignore[no-untyped-def]  # likewise
        return triple(x=triple(x=1))

    assert nine() == 9


def test_a_workflow_that_returns_nothing(record: Any) -> None:
    """It has no outputs, and its call gives None."""

    @hl.workflow
    def silent(x: int) -> None:
        emit(x=x)

    assert silent(x=1) is None
    assert record.one("silent").outputs == {}
    assert hl.get("report").version == 1


# ---------------------------------------------------------------------- workflow-level artifacts


def test_a_workflow_level_artifact(record: Any) -> None:
    """Its version is the envelope's, of the same payload, and comes from the inner value."""

    @hl.workflow
    def report_total(n: int) -> Annotated[int, final]:
        return total(frame=load(n=n))

    assert report_total(n=4) == 6
    version, inner = hl.get("final"), record.one("total").outputs["o0"]
    assert version.execution_id == record.one("report_total").id
    assert (version.path, version.output) == ("", "o0")
    assert version.digest == inner.digest
    assert record.reads("report_total") == {record.item("total"): "declared"}


def test_ancestry_goes_through_a_workflow_level_artifact() -> None:
    """From a workflow's version the lineage reaches what its first node was given."""

    @hl.workflow
    def report_total(frame: pd.DataFrame) -> Annotated[int, final]:
        return add(a=total(frame=frame))

    source = hl.publish(pd.DataFrame({"n": [1, 2]}), "source")
    report_total(frame=source)
    above = hl.lineage("final", up=None, down=0)
    assert source.ref in {node.id for node in above.nodes}


def test_a_workflow_level_artifact_stores_nothing_twice(session: hl.Session) -> None:
    """The payload that the node put into the store is the version's payload."""

    @hl.workflow
    def loaded(n: int) -> Annotated[pd.DataFrame, final]:
        return load(n=n)

    loaded(n=4)
    stored = [path for path in (session.home / "store").rglob("*") if path.is_file()]
    assert sum(path.read_bytes().startswith(b"PAR1") for path in stored) == 1
    assert len(hl.pull("final")) == 4


def test_a_bound_partition_of_a_workflow() -> None:
    """A workflow-level artifact's partition can be an input of the workflow."""

    @hl.workflow
    def regional(region: str) -> Annotated[int, keyed(region=hl.Inputs.region)]:
        return add(a=1)

    regional(region="emea")
    assert hl.get("keyed").partitions == {"region": "emea"}


def test_an_optional_workflow_level_artifact() -> None:
    """None from the node is no version of the workflow's artifact."""

    @hl.task
    def nothing() -> int | None:
        return None

    @hl.workflow
    def maybe() -> Annotated[int | None, final]:
        return nothing()

    assert maybe() is None
    assert not hl.search().versions


def test_a_live_value_is_no_workflow_level_version(record: Any) -> None:
    """What passed alive between nodes cannot become a version at the end."""

    @hl.task
    def connect() -> Any:
        return Live()

    @hl.workflow
    def connected() -> Annotated[Any, final]:
        return connect()

    with pytest.raises(CodecError):
        connected()
    assert record.one("connected").state == "failed"
    assert record.one("connect").state == "succeeded"


# ---------------------------------------------------------------------- bad ends


def test_a_sibling_that_succeeded_stays(record: Any) -> None:
    """A node's failure ends the envelope; what was committed before it is there."""

    @hl.workflow
    def broken(x: int) -> int:
        kept = emit(x=x)
        return add(a=fail(x=kept))

    with pytest.raises(ZeroDivisionError):
        broken(x=1)
    assert {e.name: e.state for e in record.all} == {
        "broken": "failed",
        "emit": "succeeded",
        "fail": "failed",
    }
    assert hl.get("report").version == 1
    assert "ZeroDivisionError" in record.one("broken").error


def test_a_failed_run_says_which(record: Any) -> None:
    """``hl.run`` raises with the envelope; its children tell which node it was."""

    @hl.workflow
    def broken(x: int) -> int:
        return fail(x=x)

    with pytest.raises(TaskFailed, match="workflow 'broken' failed: ZeroDivisionError") as caught:
        hl.run(broken, x=1)
    assert caught.value.execution.id == record.one("broken").id
    assert caught.value.execution.inputs == {"x": 1}


def test_an_interrupt_cancels_the_run(record: Any) -> None:
    """KeyboardInterrupt in a node cancels the node and the envelope."""

    @hl.task
    def stop() -> int:
        raise KeyboardInterrupt

    @hl.workflow
    def stopped() -> int:
        return stop()

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert {e.name: e.state for e in record.all} == {"stopped": "cancelled", "stop": "cancelled"}


def test_a_value_of_a_wrong_type_between_nodes(record: Any) -> None:
    """Types are held where a value is used: the next node refuses it, and the run failed."""

    @hl.task
    def anything() -> Any:
        return "seven"

    @hl.workflow
    def wrong() -> int:
        return add(a=anything())

    with pytest.raises(TaskFailed, match="'a' of 'add' takes int; got str 'seven'"):
        hl.run(wrong)
    assert record.one("wrong").state == "failed"
    assert not record.named("add")
