"""What a workflow's body builds around the promises of its calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pydantic
import pytest

from heirloom import dynamic, task, workflow
from heirloom.declare.promise import Promise, filled, promises_in, type_of
from heirloom.errors import DeclarationError, InputError


@dataclass(frozen=True, slots=True)
class Split:
    n: int
    names: list[str] = field(default_factory=list)


class Pair(NamedTuple):
    left: int
    right: Any = 2


class Model(pydantic.BaseModel):
    n: int


class Holder:
    def __init__(self, held: Any) -> None:
        self.held = held


@task
def one() -> int:
    """A number."""
    return 1


@task
def text() -> str:
    """A text."""
    return "a"


@task
def take(value: Any) -> Any:
    """What it is given."""
    return value


@task
def size(split: Split) -> int:
    """A field of an object."""
    return split.n


P: Any = Promise("one", "o0", int)


@pytest.mark.parametrize(
    ("value", "full"),
    [
        (P, 1),
        ([P, 2], [1, 2]),
        ({"a": (P, [P])}, {"a": (1, [1])}),
        ({P, 2}, {1, 2}),
        (frozenset([P]), frozenset([1])),
        (Split(P, ["a"]), Split(1, ["a"])),
        (Pair(P), Pair(1)),
        ([Pair(1, {"a": Split(P)})], [Pair(1, {"a": Split(1)})]),
        (Model.model_construct(n=P), Model(n=1)),
    ],
)
def test_what_a_body_may_build(value: Any, full: Any) -> None:
    """Containers and objects with fields are filled, and stay of their class."""
    assert set(promises_in(value)) == {P}
    made = filled(value, lambda promise: 1)
    assert made == full
    assert type(made) is type(full)
    assert list(promises_in(made)) == []


def test_an_object_is_of_its_class() -> None:
    """However many promises it holds; a tuple is of what stands in it."""
    split: Any = Split(P)
    assert type_of(split) is Split
    assert type_of(Pair(split)) is Pair
    assert type_of((split, P)) == tuple[Split, int]


def test_fields_are_held_against_their_annotations() -> None:
    """A promise that cannot fit the field of an object is found when the workflow is declared."""
    with pytest.raises(InputError, match=r"text\.o0 \(str\) -> .*Split\.n \(int\) does not fit"):

        @workflow
        def wrong() -> Any:
            return size(split=Split(text()))


_BUILT: dict[str, tuple[Callable[[Any], Any], str]] = {
    "key": (lambda value: {value: 1}, "stands as the key of a dict"),
    "object": (Holder, "stands inside of a .*Holder"),
    "attribute of an attribute": (lambda value: [Holder([value])], "stands inside of a .*Holder"),
    "array": (lambda value: np.array([value]), "stands inside of a numpy.ndarray"),
    "model": (lambda value: Model(n=value), "ValidationError: 1 validation .* Do that inside a"),
}


@pytest.mark.parametrize("kind", _BUILT)
@pytest.mark.parametrize("returned", [True, False])
def test_what_no_run_could_fill_is_refused(kind: str, returned: bool) -> None:
    """In one line that says what to do, whether it is given to a task or returned."""
    build, says = _BUILT[kind]
    with pytest.raises(DeclarationError, match=says) as caught:

        @workflow
        def wrong() -> Any:
            return build(one()) if returned else take(value=build(one()))

    assert "\n" not in str(caught.value)


def test_an_error_of_the_bodys_own_stays_as_it_is() -> None:
    """What has nothing to do with promises is the user's own error."""
    with pytest.raises(ZeroDivisionError):

        @workflow
        def wrong() -> Any:
            raise ZeroDivisionError


def test_objects_of_promises_run(tmp_path: Any) -> None:
    """In a traced workflow and in a dynamic one, as an input and as what is returned."""

    @workflow
    def traced() -> tuple[int, Split]:
        made: Any = Split(one())
        return size(split=made), made

    @dynamic
    def ran(n: int) -> Pair:
        return Pair(one(), [Split(one())] * n)

    assert traced() == (1, Split(1))
    assert ran(n=2) == Pair(1, [Split(1), Split(1)])
