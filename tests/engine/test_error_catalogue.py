"""What can be wrong with a declaration or a run: found as early as can be, in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, InputError, PartitionError, Unmet, UserFault

_GIVEN = """
from heirloom import Inputs

sales = hl.Artifact("sales", ["region"])
daily = hl.Artifact("daily", [], time_partitioned=True)
plain = hl.Artifact("plain", [])

@hl.task
def same(x: int) -> int:
    return x

@hl.workflow
def passing(x: int) -> int:
    return same(x=x)

@hl.task
def under(x: Any) -> Annotated[int, sales(region=Inputs.x)]:
    return 1

@hl.task
def at(x: str) -> Annotated[int, daily(time_partition=Inputs.x)]:
    return 1
"""

_DECLARED = {  # found where it is written
    "no name": ("hl.Artifact()", DeclarationError, "needs a name"),
    "eleven keys": (
        "hl.Artifact('e', [f'k{i}' for i in range(11)])",
        DeclarationError,
        "at most 10 partition keys",
    ),
    "unknown key bound": ("sales(regio='x')", PartitionError, "Did you mean 'region'"),
    "time on what has none": ("plain(time_partition=Inputs.at)", PartitionError, "not time part"),
    "time that is none": ("daily(time_partition='soon')", PartitionError, "'soon' is no date"),
    "value that is none": ("sales(region=[1])", PartitionError, "is a list"),
    "input that is none": (
        "@hl.task\ndef t(x: int) -> Annotated[int, sales(region=Inputs.y)]: ...",
        DeclarationError,
        "Inputs.y, which is no input",
    ),
    "open key of a workflow": (
        "@hl.workflow\ndef w(x: int) -> Annotated[int, sales]:\n    return same(x=x)",
        DeclarationError,
        "'region' of 'sales' is not bound",
    ),
    "open time of a workflow": (
        "@hl.workflow\ndef w(x: int) -> Annotated[int, daily]:\n    return same(x=x)",
        DeclarationError,
        "'time_partition' of 'daily' is not bound",
    ),
    "query as a task's default": (
        "@hl.task\ndef t(x: int = sales.query()) -> None: ...",
        DeclarationError,
        "only a workflow's or plan's inputs",
    ),
    "default of another type": (
        "@hl.task\ndef t(x: int = 'a') -> None: ...",
        InputError,
        "takes int; got str 'a'",
    ),
    "constant of another type in a workflow": (
        "@hl.workflow\ndef w() -> int:\n    return same(x='a')",
        InputError,
        "'x' of 'same' takes int; got str 'a'",
    ),
    "promise of another type in a workflow": (
        "@hl.workflow\ndef w(x: str) -> int:\n    return same(x=x)",
        InputError,
        r"w.x \(str\) -> same.x \(int\) does not fit: str is no int",
    ),
    "lacking input in a workflow": (
        "@hl.workflow\ndef w() -> int:\n    return same()",
        InputError,
        "needs input 'x'",
    ),
    "trigger constant of another type": (
        "hl.LaunchPlan.get_or_create('p', passing, trigger=hl.OnArtifact(plain, {'x': 'a'}))",
        InputError,
        "takes int; got str 'a'",
    ),
    "trigger input that is none": (
        "hl.LaunchPlan.get_or_create('p', passing, trigger=hl.OnArtifact(plain, {'y': 1}))",
        InputError,
        "gives 'y', which 'passing' does not take",
    ),
    "trigger that leaves an input open": (
        "hl.LaunchPlan.get_or_create('p', passing, trigger=hl.OnArtifact(plain))",
        InputError,
        "Nothing gives 'x'",
    ),
}

_CALLED = {  # found when it is called, before any body
    "no input": ("same()", InputError, "needs input 'x'"),
    "unknown input": ("same(y=1)", InputError, "no input 'y'"),
    "input of another type": ("same(x='a')", InputError, "takes int; got str 'a'"),
    "fixed input given": (
        "hl.run(hl.LaunchPlan.get_or_create('p', passing, fixed_inputs={'x': 1}), x=2)",
        InputError,
        "fixed and cannot be given",
    ),
    "query without anything": ("passing(x=sales.query())", LookupError, "No artifact named"),
    "query that nothing meets": (
        "hl.run(passing, x=known.query(region='b'))",
        Unmet,
        "known[region=b]",
    ),
    "input that is no partition value": ("under(x=[1])", PartitionError, "is a list"),
    "input that is kept elsewhere": ("under(x=b'1')", DeclarationError, "needs input 'x', a scal"),
    "input that is no time": ("at(x='soon')", PartitionError, "'soon' is no date"),
    "version of another type": ("passing(x=hl.get('known'))", InputError, "'x' .*int.*str"),
}

_RAN = {  # only the body knows
    "unknown key": (
        "-> Annotated[int, sales]:\n    return sales.create_from(1, regio='a')",
        PartitionError,
        "Did you mean 'region'",
    ),
    "missing key": ("-> Annotated[int, sales]:\n    return 1", PartitionError, "Give region=…"),
    "missing time": ("-> Annotated[int, daily]:\n    return 1", PartitionError, "needs a time_par"),
    "time of another type": (
        "-> Annotated[int, daily]:\n    return daily.create_from(1, time_partition='2026-01-01')",
        PartitionError,
        "a datetime or a date",
    ),
    "not returned": (
        "-> Annotated[int, plain]:\n    plain.create_from(2)\n    return 1",
        DeclarationError,
        "did not return that value",
    ),
    "not annotated": (
        "-> int:\n    return plain.create_from(1)",
        DeclarationError,
        "annotated with 'plain'",
    ),
    "output of another type": (
        "-> Annotated[int, plain]:\n    return 'a'",
        InputError,
        "is int; it returned str 'a'",
    ),
    "nothing returned": (
        "-> Annotated[int, plain]:\n    pass",
        InputError,
        "is int; it returned None",
    ),
    "fewer outputs": (
        "-> tuple[Annotated[int, plain], int]:\n    return 1",
        InputError,
        "promises 2 outputs; it returned 1",
    ),
    "secondly wrong": (
        "-> tuple[Annotated[int, plain], Annotated[int, sales]]:\n    return 1, 2",
        PartitionError,
        "Give region=…",
    ),
    "member without its key": (
        "-> list[Annotated[int, sales]]:\n    return [sales.create_from(1, region='a'), 2]",
        PartitionError,
        "Give region=…",
    ),
}


def _one_line(error: BaseException) -> None:
    assert isinstance(error, UserFault)
    assert "\n" not in str(error)


@pytest.mark.parametrize("row", _DECLARED)
def test_found_where_it_is_declared(load: Callable[[str], Any], row: str) -> None:
    """Nothing ran, nothing is registered, nothing is in the catalog."""
    text, kind, says = _DECLARED[row]
    with pytest.raises(kind, match=says) as caught:
        load(_GIVEN + text)
    _one_line(caught.value)
    assert hl.executions() == []
    assert hl.plans() == []


@pytest.mark.parametrize("row", _CALLED)
def test_found_before_any_body(load: Callable[[str], Any], row: str) -> None:
    """A call that cannot be is no execution."""
    text, kind, says = _CALLED[row]
    module = load(_GIVEN + "\nknown = hl.Artifact('known', ['region'])\n")
    hl.publish("text", "known[region=a]")
    with pytest.raises(kind, match=says.replace("[", r"\[")) as caught:
        exec(text, vars(module))
    _one_line(caught.value)
    assert [each.kind for each in hl.executions()] == ["publish"]


@pytest.mark.parametrize("row", _RAN)
def test_found_when_the_body_is_done(load: Callable[[str], Any], row: str, record: Any) -> None:
    """The execution failed and says why; what it said and was given is kept; no version is."""
    text, kind, says = _RAN[row]
    module = load(f"{_GIVEN}\n@hl.task\ndef body(n: int) {text}")
    with pytest.raises(kind, match=says) as caught:
        module.body(n=3)
    _one_line(caught.value)
    failed = record.one("body")
    assert failed.state == "failed"
    assert str(caught.value) in failed.error
    assert set(failed.inputs) == {"n"}
    assert hl.search().total == 0


def test_a_body_that_raises(load: Callable[[str], Any], record: Any) -> None:
    """Its traceback, its inputs and what it printed are in the catalog; a version is not."""
    module = load(
        _GIVEN
        + """
@hl.task
def body(n: int) -> Annotated[int, plain]:
    print("on the way")
    plain.create_from(1)
    return {}[n]
"""
    )
    with pytest.raises(KeyError):
        module.body(n=3)
    failed = record.one("body")
    assert failed.state == "failed"
    assert "return {}[n]" in failed.error
    assert failed.error.endswith("KeyError: 3")
    given: Any = hl.execution(failed.id).inputs["n"]
    assert given == 3
    assert failed.printed == "on the way\n"
    assert hl.search().total == 0
