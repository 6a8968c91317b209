"""Interfaces read from signatures."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import pytest

from heirloom import Artifact, Inputs, task, workflow
from heirloom.declare.interface import Interface
from heirloom.declare.specs import MISSING, OutputSpec, as_query
from heirloom.errors import DeclarationError, InputError
from heirloom.records.refs import Ref

sales = Artifact("sales", ["region"])
model = Artifact("model")


class Split(NamedTuple):
    train: Annotated[list[int], sales]
    test: list[int]


def _of(function: Any) -> Interface:
    return Interface.of(function, function.__name__)


def test_inputs_with_types_and_defaults() -> None:
    """Inputs stand in their order; one without default is `MISSING`, one without type takes all."""

    def work(a: int, b: str = "x", *, c: Any = None, d=1.5) -> None: ...  # type: ignore[no-untyped-def]  # on purpose

    inputs = _of(work).inputs
    assert [(s.name, s.type, s.default) for s in inputs.values()] == [
        ("a", int, MISSING),
        ("b", str, "x"),
        ("c", Any, None),
        ("d", Any, 1.5),
    ]


def test_outputs() -> None:
    """One output is ``o0``, a tuple's are ``o0``, ``o1``, a named tuple's are its fields."""

    def nothing() -> None: ...
    def one() -> int: ...  # type: ignore[empty-body]  # only the signature is read
    def two() -> tuple[Annotated[int, model], str]: ...  # type: ignore[empty-body]  # as above
    def many() -> tuple[int, ...]: ...  # type: ignore[empty-body]  # as above
    def named() -> Split: ...  # type: ignore[empty-body]  # as above

    assert _of(nothing).outputs == ()
    assert _of(one).outputs == (OutputSpec("o0", int),)
    assert [o.name for o in _of(two).outputs] == ["o0", "o1"]
    assert _of(two).outputs[1] == OutputSpec("o1", str)
    assert len(_of(many).outputs) == 1
    assert [o.name for o in _of(named).outputs] == ["train", "test"]
    emits = _of(named).outputs[0].emits
    assert emits is not None
    assert emits.artifact == sales


def test_an_artifact_alone_may_stand_for_an_output() -> None:
    """``-> model(…)`` emits whatever the body returns."""

    def work(region: str) -> sales(region=Inputs.region): ...  # type: ignore[valid-type]  # ours

    (output,) = Interface.of(_evaluated(work), "work").outputs
    assert output.type is Any
    assert output.emits is not None
    assert output.emits.bindings == {"region": Inputs.region}


def _evaluated(function: Any) -> Any:
    """With its annotations as objects, as the magic gives them."""
    names = {"str": str, "sales": sales, "Inputs": Inputs}
    function.__annotations__ = {
        name: eval(text, names) for name, text in function.__annotations__.items()
    }
    return function


def test_defaults_become_queries() -> None:
    """An artifact or a ref as a default is asked for when it is used."""
    assert as_query(sales) == sales.query()
    assert str(as_query(Ref.parse("sales@7"))) == "sales@7"
    assert as_query(5) == 5


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        ("def f(*args): ...", DeclarationError, r"\*args without a name"),
        ("def f(**rest): ...", DeclarationError, r"\*\*rest without a name"),
        ("def f(x, /): ...", DeclarationError, "x without a name"),
        ("def f(x: Nowhere): ...", DeclarationError, "Nowhere"),
        ("def f(x: int = 'a'): ...", InputError, "takes int; got str 'a'"),
        (
            "def f(reg: str) -> Annotated[int, sales(region=Inputs.region)]: ...",
            DeclarationError,
            r"Inputs.region, which is no input. Did you mean 'reg'",
        ),
        ("def f(x: int = sales.query()): ...", DeclarationError, "query as its default"),
        ("def f(x: int = sales): ...", DeclarationError, "query as its default"),
    ],
)
def test_tasks_that_cannot_stand(source: str, error: type[Exception], says: str) -> None:
    """A signature that cannot be an interface is refused where the task is declared."""
    names: dict[str, Any] = {"Annotated": Annotated, "sales": sales, "Inputs": Inputs}
    exec(source, names)
    with pytest.raises(error, match=says) as caught:
        task(names["f"])
    assert "\n" not in str(caught.value)


def test_arguments_are_bound_by_name() -> None:
    """Positions and names give inputs; defaults are left to whoever runs it."""

    def work(a: int, b: int = 2) -> None: ...

    assert _of(work).bind((1,), {}) == {"a": 1}
    assert _of(work).bind((), {"b": 3}) == {"b": 3}


@pytest.mark.parametrize(
    ("args", "kwargs", "says"),
    [
        ((1, 2, 3), {}, "takes 2 inputs; got 3"),
        ((1,), {"a": 1}, "'a' twice"),
        ((), {"alpha": 1}, "Did you mean 'alpha_'"),
    ],
)
def test_arguments_that_do_not_fit(
    args: tuple[Any, ...], kwargs: dict[str, Any], says: str
) -> None:
    """An unknown, surplus or doubled argument is refused, with the nearest name."""

    def work(a: int, alpha_: int = 2) -> None: ...

    with pytest.raises(InputError, match=says):
        _of(work).bind(args, kwargs)


def test_results_are_unpacked_by_name() -> None:
    """A result gives the outputs that were promised; a body without promise gives ``o0``."""

    def free(): ...  # type: ignore[no-untyped-def]  # on purpose
    def two() -> tuple[int, str]: ...  # type: ignore[empty-body]  # only the signature is read

    assert _of(free).unpack(3) == {"o0": 3}
    assert _of(two).unpack((1, "a")) == {"o0": 1, "o1": "a"}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ((1,), "promises 2 outputs; it returned 1"),
        (None, "promises 2 outputs; it returned 1"),
        ((1, 2), "'o1' of 'two' is str; it returned int 2"),
    ],
)
def test_results_that_were_not_promised(result: Any, says: str) -> None:
    """The number and types of what a body returns are held against its signature."""

    def two() -> tuple[int, str]: ...  # type: ignore[empty-body]  # only the signature is read

    def returned() -> list[Any]:
        outputs = _of(two).unpack(result).items()
        return [_of(two).spec(name).conformed(value, "two") for name, value in outputs]

    with pytest.raises(InputError, match=says):
        returned()


def test_defaults_of_tasks_and_workflows() -> None:
    """A workflow has queries among its defaults, a task only constants."""

    @task
    def work(a: int, b: int = 2) -> int:
        return a + b

    @workflow
    def whole(a: int, m: int = model.query()) -> None:
        work(a=m)

    assert work.defaults == {"b": 2}
    assert whole.defaults == {"m": model.query()}
    assert whole.queries == {"m": model.query()}


def test_a_body_that_a_call_does_not_run_is_refused() -> None:
    """Async functions and generators are refused where they are declared, with what to do."""

    async def awaits() -> int:
        return 1

    def yields() -> Any:
        yield 1

    for declare in (task, workflow):
        with pytest.raises(DeclarationError, match=r"'awaits' is async: .* asyncio\.run"):
            declare(awaits)
        with pytest.raises(DeclarationError, match=r"'yields' is a generator: .* Return a list"):
            declare(yields)
