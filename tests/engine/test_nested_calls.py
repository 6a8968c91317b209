"""Tasks, workflows, pulls and emissions inside a task's body."""

from __future__ import annotations

import contextvars
import threading
from typing import Annotated, Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom.errors import DeclarationError

report = hl.Artifact("report")
other = hl.Artifact("other")


@hl.task
def double(x: int) -> int:
    """Twice `x`."""
    return 2 * x


@hl.task
def emit(x: int) -> Annotated[int, report]:
    """A version."""
    return x


@hl.workflow
def doubled(x: int) -> Any:
    """One node."""
    return double(x=x)


def test_a_call_inside_a_body_is_a_leaf_of_its_own(record: Any) -> None:
    """It has the caller as its parent, the caller's root, and a path below the caller's."""

    @hl.task
    def outer(x: int) -> int:
        return int(double(x)) + 1

    assert outer(4) == 9
    parent, child = record.one("outer"), record.one("double")
    assert (child.parent_id, child.root_id, child.path) == (parent.id, parent.id, "/double")
    assert (parent.parent_id, parent.path) == (None, "")


def test_a_task_called_twice_has_two_paths(record: Any) -> None:
    """Each call is at a place of its own."""

    @hl.task
    def outer() -> int:
        return sum(int(double(x)) for x in range(3))

    outer()
    assert [e.path for e in record.named("double")] == ["/double", "/double#2", "/double#3"]


def test_names_never_share_a_path(record: Any) -> None:
    """Names that look like a second call, or like a call in a call, have paths of their own."""
    named = {name: hl.task(name=name)(lambda: 1) for name in ("x", "x-2", "a", "b", "a/b")}

    @hl.task(name="a")
    def a() -> int:
        return int(named["b"]())

    @hl.task
    def outer() -> None:
        named["x"]()
        named["x"]()
        named["x-2"]()
        a()
        named["a/b"]()

    outer()
    paths = [execution.path for execution in record.all]
    assert len(set(paths)) == len(paths) == 7


def test_emissions_of_one_body_never_share_a_key() -> None:
    """Publishing twice and under a name that looks like the second is three versions."""

    @hl.task
    def outer() -> None:
        hl.publish(1, "sales")
        hl.publish(2, "sales")
        hl.publish(3, "sales-2")

    outer()
    assert [hl.pull(ref) for ref in ("sales@1", "sales@2", "sales-2")] == [1, 2, 3]


def test_a_workflow_inside_a_body(record: Any) -> None:
    """It is an envelope below the body, and its nodes are below it."""

    @hl.task
    def outer() -> int:
        return int(doubled(x=1))

    assert outer() == 2
    envelope, leaf = record.one("doubled"), record.one("double")
    assert (envelope.path, envelope.parent_id) == ("/doubled", record.one("outer").id)
    assert (leaf.path, leaf.parent_id) == ("/doubled/double", envelope.id)
    assert leaf.root_id == record.one("outer").id


def test_a_run_inside_a_body_belongs_to_it(record: Any) -> None:
    """``hl.run`` in a body is a call like any other."""

    @hl.task
    def outer() -> str:
        return hl.run(doubled, x=2).id

    assert outer() == record.one("doubled").id
    assert record.one("doubled").root_id == record.one("outer").id


def test_a_pull_inside_a_body_is_an_edge(record: Any) -> None:
    """What a body pulls is among its reads, once, as ``read``; a get is not."""
    first, second = hl.publish(1, "one"), hl.publish(2, "two")

    @hl.task
    def outer() -> int:
        hl.get("two")
        return int(hl.pull("one")) + int(hl.pull("one"))

    assert outer() == 2
    assert record.reads("outer") == {first.ref: "read"}
    assert hl.lineage(second.ref).edges[0].how == "produced"


def test_what_a_dynamic_body_pulls_is_read_by_its_run(record: Any) -> None:
    """It is an edge of the run, which has the versions behind its inputs at hand; it emits none."""
    one, two = hl.publish(1, "one"), hl.publish(2, "two")

    @hl.dynamic
    def chosen(n: int) -> Any:
        return double(x=hl.pull("one") + hl.inputs["n"].version)

    @hl.dynamic
    def publishes(n: int) -> Any:
        hl.publish(n, "three")

    assert chosen(two) == 4
    assert record.reads("chosen") == {one.ref: "read", two.ref: "declared"}
    with pytest.raises(DeclarationError, match="would be done each time it is traced"):
        publishes(1)


def test_the_reads_of_a_failed_body_are_kept(record: Any) -> None:
    """A body that fails after a pull has read that version all the same."""
    version = hl.publish(1, "one")

    @hl.task
    def outer() -> None:
        hl.pull("one")
        raise LookupError

    with pytest.raises(LookupError):
        outer()
    assert record.reads("outer") == {version.ref: "read"}


def test_what_is_published_in_a_body_belongs_to_the_run(record: Any) -> None:
    """It has the body as its parent, and what the body had read is what it came from."""
    source = hl.publish(1, "one")

    @hl.task
    def outer() -> None:
        hl.pull("one")
        hl.publish(2, "made")

    outer()
    leaf = record.named("made")[0]
    assert (leaf.kind, leaf.path, leaf.root_id) == ("publish", "/made", record.one("outer").id)
    above = hl.lineage("made", up=1, down=0)
    assert source.ref in {node.id for node in above.nodes}


def test_an_inner_emission_stays_when_the_body_fails(record: Any) -> None:
    """What an inner call committed is there, though the call around it failed."""

    @hl.task
    def outer() -> None:
        emit(1)
        raise LookupError

    with pytest.raises(LookupError):
        outer()
    assert hl.get("report").version == 1
    assert record.one("outer").state == "failed"


def test_an_inner_output_keeps_its_ancestry(record: Any) -> None:
    """A frame that one inner call made and another was given is an edge between them."""

    @hl.task
    def make() -> pd.DataFrame:
        return pd.DataFrame({"n": [1, 2]})

    @hl.task
    def total(frame: pd.DataFrame) -> int:
        return int(frame["n"].sum())

    @hl.task
    def outer() -> int:
        return int(total(make()))

    assert outer() == 3
    assert record.reads("total") == {record.item("make"): "declared"}


def test_a_body_passes_on_what_it_was_given(record: Any) -> None:
    """An input, or a member of one, that a body gives to a call is the version that it is."""

    @hl.task
    def size(frame: pd.DataFrame) -> int:
        return len(frame)

    @hl.task
    def outer(one: pd.DataFrame, more: dict[str, list[pd.DataFrame]]) -> int:
        return sum(size(each) for each in (one, more["b"][0], more["a"][1]))

    refs = [hl.publish(pd.DataFrame({"n": range(n)}), "sales") for n in (1, 2, 3, 4)]
    one, *more = (hl.pull(ref) for ref in refs)
    assert outer(one, {"a": more[:2], "b": more[2:]}) == 1 + 4 + 3
    given = [call.inputs["frame"].id for call in record.named("size")]
    assert given == [refs[0].ref, refs[3].ref, refs[2].ref]


def test_a_body_that_changes_its_input_passes_on_another(record: Any) -> None:
    """What it made of its input came from that, and is not it."""

    @hl.task
    def size(frame: pd.DataFrame) -> int:
        return len(frame.columns)

    @hl.task
    def outer(frame: pd.DataFrame) -> int:
        frame["m"] = 0
        return int(size(frame))

    sales = hl.publish(pd.DataFrame({"n": [1]}), "sales")
    assert outer(sales) == 2
    assert record.reads("size") == {sales.ref: "derived"}


def test_creations_belong_to_the_body_that_said_them() -> None:
    """``create_from`` in an inner task is not the outer one's to return."""

    @hl.task
    def inner() -> Annotated[int, report]:
        return report.create_from(1, "# inner")

    @hl.task
    def outer() -> Annotated[int, other]:
        inner()
        return other.create_from(2, "# outer")

    outer()
    assert [str(hl.get(name).card) for name in ("report", "other")] == ["# inner", "# outer"]


def test_settling_inside_a_body_is_refused() -> None:
    """A body that settles would wait for itself."""

    @hl.task
    def outer() -> None:
        hl.settle()

    with pytest.raises(DeclarationError, match="wait for itself"):
        outer()


def test_what_outlives_a_body_is_not_its_own(record: Any) -> None:
    """A thread that a body started and left belongs to no execution when the body has ended."""
    go = threading.Event()

    def later() -> None:
        go.wait(5)
        double(3)

    @hl.task
    def outer() -> None:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(later,))
        started.append(thread)
        thread.start()

    started: list[threading.Thread] = []
    outer()
    go.set()
    started[0].join()
    assert record.one("double").parent_id is None
