"""What an annotation promises to emit, and what a promise of a value allows."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Optional

import pytest

import heirloom as hl
from heirloom import Artifact, Inputs, dynamic, map_task, task, workflow
from heirloom.declare.interface import Interface
from heirloom.declare.promise import Promise
from heirloom.errors import DeclarationError

sales = Artifact("sales", [])
regional = Artifact("regional", ["region"])
daily = Artifact("daily", [], time_partitioned=True)


class Pair(NamedTuple):
    """Two artifacts and a number."""

    left: Annotated[int, sales]
    right: Annotated[int, regional(region="emea")]
    total: int


def _promised(result: Any) -> list[tuple[str | None, str | None]]:
    def body() -> None: ...

    body.__annotations__["return"] = result
    names = [(out.emits, out.members) for out in Interface.of(body, "body").outputs]
    return [(e and e.artifact.name, m and m.artifact.name) for e, m in names]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("hint", "promised"),
    [
        (Annotated[int, sales], [("sales", None)]),
        (Annotated[int, "a note", sales], [("sales", None)]),
        (Annotated[int | None, sales], [("sales", None)]),
        (Optional[Annotated[int, sales]], [("sales", None)]),  # noqa: UP045 - as others write it
        (Annotated[int, regional(region=1)] | None, [("regional", None)]),
        (tuple[Annotated[int, sales], int], [("sales", None), (None, None)]),
        (Pair, [("sales", None), ("regional", None), (None, None)]),
        (list[Annotated[int, sales]], [(None, "sales")]),
        (dict[str, Annotated[int, sales]], [(None, "sales")]),
        (tuple[Annotated[int, sales], ...], [(None, "sales")]),
        (Annotated[list[int], sales], [("sales", None)]),
    ],
)
def test_what_an_annotation_promises(hint: Any, promised: list[Any]) -> None:
    """An output is a version as a whole, or each of its members is."""
    assert _promised(hint) == promised


@pytest.mark.parametrize(
    "hint",
    [list[list[Annotated[int, sales]]], dict[str, list[Annotated[int, sales]]]],
)
def test_an_artifact_too_deep_inside(hint: Any) -> None:
    """An artifact that nothing would be emitted under is no promise that is quietly broken."""
    with pytest.raises(DeclarationError, match="'sales' stands too deep"):
        _promised(hint)


@task
def made() -> int:
    """A number."""
    return 1


@task
def emitted() -> Annotated[int, sales]:
    """A number of sales."""
    return 1


@workflow
def inner() -> Any:
    """A number of sales, by way of a task."""
    return emitted()


@task
def times(n: int) -> Annotated[int, sales]:
    """So many sales."""
    return n


@pytest.mark.parametrize("call", [emitted, inner, lambda: map_task(times)(n=[1])])
def test_the_same_artifact_on_both_levels(call: Callable[[], Any]) -> None:
    """A workflow that emits what a call of it emits is refused, whatever it returns."""

    def outer() -> Annotated[Any, sales]:
        call()
        return made()

    with pytest.raises(DeclarationError, match=r"'sales' is emitted by .* and again"):
        workflow(outer)


def test_a_workflows_output_leaves_nothing_open() -> None:
    """Keys and times that no binding gives are named when the workflow is declared."""
    for artifact, key in ((regional, "region"), (daily, "time_partition")):

        def late() -> Any:
            return made()

        late.__annotations__["return"] = Annotated[int, artifact]
        with pytest.raises(DeclarationError, match=f"'{key}' of .* is not bound"):
            workflow(late)


def test_members_of_a_workflows_output_leave_nothing_open() -> None:
    """A workflow has no create_from that could give a member its key."""
    with pytest.raises(DeclarationError, match="'region' of 'regional' is not bound"):

        @workflow
        def several() -> list[Annotated[int, regional]]:
            return [made()]


def test_chained_calls_bind_more_keys() -> None:
    """Keys may be bound one call after the other, and a later one wins."""
    emits = Artifact("a", ["x", "y"], time_partitioned=True)(x=Inputs.x)(y=1)(y="2")
    assert emits.bindings == {"x": Inputs.x, "y": "2"}
    assert emits.unbound == ("time_partition",)


_OPERATORS = [
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv),
    *(operator.mod, operator.pow, operator.matmul, operator.and_, operator.or_, operator.xor),
    *(operator.lshift, operator.rshift, operator.eq, operator.ne, operator.lt, operator.le),
    *(operator.gt, operator.ge, operator.getitem, operator.contains, divmod),
]


@pytest.mark.parametrize("act", _OPERATORS)
def test_no_operator_works_on_a_promise(act: Callable[[Any, Any], Any]) -> None:
    """What a body would do with a run's value points to `@dynamic`, from either side."""
    promise = Promise("n", "o0", int)
    with pytest.raises(DeclarationError, match="@dynamic"):
        act(promise, 2)
    if act not in (operator.getitem, operator.contains):
        with pytest.raises(DeclarationError, match="@dynamic"):
            act(2, promise)


@pytest.mark.parametrize(
    "act",
    [
        *(bool, iter, len, reversed, int, float, complex, str, abs, round, range, operator.neg),
        *(operator.pos, operator.invert, operator.index, lambda p: p(), lambda p: p.lower()),
        *(lambda p: f"{p}", lambda p: p.strip(" "), lambda p: [*p]),
        lambda p: operator.setitem(p, 0, 1),
    ],
)
def test_a_promise_cannot_be_looked_at(act: Callable[[Any], Any]) -> None:
    """Conditions, loops, calls and attributes are refused alike, with what to do instead."""
    with pytest.raises(DeclarationError, match=r"<promise n\.o0> is looked at"):
        act(Promise("n", "o0", str))


def test_a_condition_in_a_workflow() -> None:
    """An `if` on an input is found when the workflow is declared; in a dynamic one it holds."""

    def choosing(n: int) -> Any:
        return made() if n > 3 else emitted()

    with pytest.raises(DeclarationError, match=r"<input n> is looked at.*@dynamic"):
        workflow(choosing)
    assert dynamic(choosing).name == "choosing"


def test_a_wrong_value_is_shown(tmp_path: Path) -> None:
    """A value that does not fit is told with its type, a date too."""
    hl.connect(tmp_path / "home")

    @task
    def at(when: datetime) -> int:
        return when.year

    with pytest.raises(hl.errors.InputError, match=r"got datetime.date 2026-01-02\."):
        at(when=date(2026, 1, 2))
