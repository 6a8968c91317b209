"""A workflow's body, run once on promises."""
# A call in a workflow's body gives a promise, which its annotation does not speak of.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Annotated, Any

import pytest

import heirloom as hl
from heirloom import Artifact, Inputs, dynamic, task, workflow
from heirloom.declare.graph import current_trace
from heirloom.declare.promise import Promise, promises_in
from heirloom.errors import DeclarationError, InputError

out = Artifact("out")
keyed = Artifact("keyed", ["region"])


@task
def load(path: str) -> list[int]:
    """Make rows."""
    return [len(path)]


@task
def split(rows: list[int]) -> tuple[list[int], list[int]]:
    """Make two of them."""
    return rows[:1], rows[1:]


@task
def total(rows: list[int], scale: int = 1) -> Annotated[int, out]:
    """Emit their sum."""
    return sum(rows) * scale


def test_a_graph_of_calls() -> None:
    """Every call is a node in its order; a second call of the same task has another id."""

    @workflow
    def whole(path: str) -> int:
        rows = load(path=path)
        left, right = split(rows=rows)
        total(rows=left)
        return total(rows=right, scale=2)

    assert [node.id for node in whole.graph.nodes] == ["load", "split", "total", "total#2"]
    assert repr(whole.graph.nodes[0].inputs["path"]) == "<input path>"
    assert repr(whole.graph.nodes[2].inputs["rows"]) == "<promise split.o0>"
    assert whole.graph.nodes[3].inputs["scale"] == 2
    assert repr(whole.graph.result) == "<promise total#2.o0>"
    assert current_trace() is None


def test_no_task_is_named_as_the_second_call_of_another() -> None:
    """A second call's id has a sign that no name has, so that its value is its own."""

    @task(name="load-2")
    def other(path: str) -> list[int]:
        return [-len(path)]

    @workflow
    def both() -> list[list[int]]:
        return [load(path="a"), load(path="ab"), other(path="abc")]

    assert len({node.id for node in both.graph.nodes}) == 3
    assert both() == [[1], [2], [-3]]


def test_workflows_in_workflows() -> None:
    """A workflow called in another's body is one node."""

    @workflow
    def inner(path: str) -> int:
        return total(rows=load(path=path))

    @workflow
    def outer(path: str) -> int:
        return inner(path=path)

    assert [node.id for node in outer.graph.nodes] == ["inner"]


def test_promises_travel_in_containers() -> None:
    """A promise may stand inside a list, tuple or mapping."""
    promise = Promise("", "x", int)
    found = list(promises_in({"a": [promise, (promise, 3)], "b": "x"}))
    assert len(found) == 2
    assert all(each is promise for each in found)


_LOOKS: list[Callable[[Any], Any]] = [
    bool,
    len,
    iter,
    int,
    float,
    str,
    "{}".format,
    lambda p: f"{p}",
    lambda p: p == 3,
    lambda p: p != 3,
    lambda p: p < 3,
    lambda p: 3 in p,
    lambda p: p[0],
    lambda p: p + 1,
    lambda p: 1 + p,
    operator.neg,
]


@pytest.mark.parametrize("look", _LOOKS)
def test_a_promise_is_not_looked_at(look: Callable[[Any], Any]) -> None:
    """What a run alone can know is refused where it is asked, and a task is proposed."""

    def whole(n: int) -> None:
        look(n)

    with pytest.raises(DeclarationError, match=r"<input n> is looked at.*inside a task"):
        workflow(whole)
    assert current_trace() is None


def _is_none(n: int | None) -> Any:
    return load(path="a") if n is None else load(path="b")


def _is_not_none_by_name(n: int) -> Any:
    made = load(path="a")
    return made if made is not None else n


def _call_is(n: int) -> Any:
    return load(path="a") is n


def _is_instance(n: Any) -> Any:
    return load(path="a" if isinstance(n, str) else "b")


def _matched(n: Any) -> Any:
    match n:
        case None:
            return load(path="a")
        case _:
            return load(path="b")


@pytest.mark.parametrize("body", [_is_none, _is_not_none_by_name, _call_is, _is_instance, _matched])
def test_what_python_answers_itself_is_no_condition(body: Any) -> None:
    """``is``, `isinstance` and ``match`` ask no promise: the text tells, and the line is named."""
    with pytest.raises(DeclarationError, match=r"asks in line \d+ what ['\"].*run\. Do.*@dynamic"):
        workflow(body)


def test_a_dynamic_body_asks_its_inputs() -> None:
    """There they are values; what its calls give is not."""
    assert dynamic(_is_none)(n=None) == [1]
    with pytest.raises(DeclarationError, match="'made is not None' says"):
        dynamic(_is_not_none_by_name)(n=1)


def test_constants_are_conditions() -> None:
    """What is known when the workflow is declared decides as ever, also under an input's name."""
    scale: Any = None

    @workflow
    def whole(path: Any) -> Any:
        path = "a"
        chosen: Any = None
        made: Any = load(path=path)
        made = [made]
        inner = lambda path: path is None  # noqa: E731 - its own name
        if scale is None and path is not None and chosen is None and isinstance(made, list):
            return load(path="b")
        return inner

    assert [node.id for node in whole.graph.nodes] == ["load", "load#2"]


def test_a_promise_may_be_shown_and_hashed() -> None:
    """For people, and as a key, a promise is an object like any other."""
    promise = Promise("load", "o0", int)
    assert repr(promise) == "<promise load.o0>"
    assert promise in {promise: 1}


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (
            "total(rows=path)",
            InputError,
            r"f.path \(str\) -> total.rows \(list.int.\) does",
        ),
        ("total(rows=total(rows=load(path=path)))", InputError, "total.o0 .int. -> total.rows"),
        ("total(rows=[1, path])", InputError, "f.path .list.* -> total.rows .*: str is no int"),
        ("total(rows=[load(path=path)])", InputError, "load.o0 .list.list.int.* is no int"),
        ("total(rows=['a'])", InputError, "takes list.int.; got list"),
        ("total()", InputError, "needs input 'rows'"),
        ("total(rowz=[1])", InputError, "Did you mean 'rows'"),
        ("[load(path=each) for each in path]", DeclarationError, "looked at"),
    ],
)
def test_calls_that_cannot_fit(body: str, error: type[Exception], says: str) -> None:
    """A mismatch between two nodes is found when the workflow is declared; both are named."""
    names: dict[str, Any] = {"load": load, "total": total}
    exec(f"def f(path: str):\n    {body}", names)
    with pytest.raises(error, match=says) as caught:
        workflow(names["f"])
    assert "\n" not in str(caught.value)


def test_an_artifact_is_emitted_by_one_of_the_two() -> None:
    """A task's artifact annotated again on its workflow would be emitted twice."""
    with pytest.raises(DeclarationError, match=r"emitted by 'total'.*'whole'. Annotate one"):

        @workflow
        def whole(path: str) -> Annotated[int, out]:
            return total(rows=load(path=path))


def test_a_workflows_partitions_are_bound() -> None:
    """A workflow has no ``create_from``: every key of what it emits must be bound."""
    with pytest.raises(DeclarationError, match="'region' of 'keyed' is not bound"):

        @workflow
        def unbound(path: str) -> Annotated[list[int], keyed]:
            return load(path=path)

    @workflow
    def bound(path: str) -> Annotated[list[int], keyed(region=Inputs.path)]:
        return load(path=path)

    assert bound.interface.outputs[0].emits is not None


@pytest.mark.parametrize(
    "verb",
    [
        lambda: hl.pull("sales"),
        lambda: hl.pull_frame("sales"),
        lambda: hl.open("sales"),
        lambda: hl.publish(1, "sales"),
        lambda: hl.run(load, path="a"),
    ],
)
def test_what_belongs_into_a_run_is_not_done_at_declaration(verb: Callable[[], Any]) -> None:
    """A body that pulls, publishes or runs would do so once, now; in a @dynamic one it may."""
    position = hl.current().catalog.position()

    def whole() -> None:
        verb()

    with pytest.raises(DeclarationError, match=r"hl\.\w+\(…\) in the body of workflow 'whole'"):
        workflow(whole)
    assert hl.current().catalog.position() == position


def test_a_body_that_raises_leaves_no_trace() -> None:
    """After a workflow that could not be declared, calls run as calls again."""

    def whole() -> None:
        msg = "its own"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="its own"):
        workflow(whole)
    assert current_trace() is None
    assert load(path="abc") == [3]
