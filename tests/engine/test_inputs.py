"""Where the inputs of a run by hand come from."""
# What a call in a workflow's body gives is a promise, which its annotation does not speak of.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom.errors import ArtifactNotFound, InputError, TargetNotFound, Unmet

sales = hl.Artifact("sales", ["region"])
report = hl.Artifact("report")


@hl.task
def same(x: int | None) -> Any:
    """What it is given."""
    return x


@hl.workflow
def emea(x: int = sales.query(region="emea")) -> Any:
    """The newest sales of one region."""
    return same(x=x)


@hl.workflow
def perhaps(x: int | None = sales.query(region="emea")) -> Any:
    """The same, if there is one."""
    return same(x=x)


@hl.workflow
def regional(region: str, x: int = sales.query(region=hl.Inputs.region)) -> Any:
    """The newest sales of any one region."""
    return same(x=x)


def test_a_smart_default_is_asked_when_the_run_starts(record: Any) -> None:
    """Without the input, the newest version that the query matches is bound, as an edge."""
    hl.publish(1, "sales[region=emea]")
    newest = hl.publish(2, "sales[region=emea]")
    hl.publish(3, "sales[region=apac]")
    assert emea() == 2
    assert record.reads("emea") == {newest.ref: "query"}
    assert record.reads("same") == {newest.ref: "query"}


def test_what_is_given_wins(record: Any) -> None:
    """An input that is given is not asked for."""
    hl.publish(1, "sales[region=emea]")
    assert emea(x=7) == 7
    assert record.reads("emea") == {}


def test_a_version_or_query_that_is_given_wins(record: Any) -> None:
    """A version, a ref and another query can be given in place of a smart default."""
    first = hl.publish(1, "sales[region=emea]")
    hl.publish(2, "sales[region=emea]")
    apac = hl.publish(3, "sales[region=apac]")
    assert emea(x=first) == 1
    assert emea(x=hl.ref("sales@1")) == 1
    assert emea(x=first.ref) == 1
    assert emea(x=sales.query(region="apac")) == 3
    hows = [[read.how for read in e.all_reads()] for e in record.named("emea")]
    assert hows == [["declared"], ["declared"], ["declared"], ["query"]]
    assert apac.ref in record.named("emea")[-1].inputs["x"].id


def test_an_unmet_query_runs_nothing(record: Any) -> None:
    """One line says what was asked for; nothing runs, nothing is recorded."""
    hl.publish(3, "sales[region=apac]")
    before = len(record.all)
    with pytest.raises(Unmet, match=r"No version meets 'sales\[region=emea\]'") as caught:
        emea()
    assert "\n" not in str(caught.value)
    assert len(record.all) == before


def test_a_query_on_an_unknown_artifact(record: Any) -> None:
    """Without any version the artifact is unknown; the nearest name is given."""
    hl.publish(3, "salesman")
    with pytest.raises(ArtifactNotFound, match=r"No artifact named 'sales'.*Did you mean"):
        emea()
    assert not record.named("emea")


def test_an_unmet_optional_is_none(record: Any) -> None:
    """Where None will do, an unmet query is None."""
    hl.publish(3, "sales[region=apac]")
    assert perhaps() is None
    assert record.one("perhaps").inputs["x"].type_name == "None"


def test_an_explicit_none_wins() -> None:
    """None that is given is None, though the query would find something."""
    hl.publish(1, "sales[region=emea]")
    assert perhaps() == 1
    assert perhaps(x=None) is None


def test_a_query_bound_to_another_input() -> None:
    """``Inputs.region`` in a default is the region that this run is given."""
    hl.publish(1, "sales[region=emea]")
    hl.publish(2, "sales[region=apac]")
    assert [regional(region=r) for r in ("emea", "apac")] == [1, 2]
    with pytest.raises(Unmet, match="region=amer"):
        regional(region="amer")


def test_a_query_in_a_nested_workflow_is_asked_when_that_starts(record: Any) -> None:
    """A sub-workflow's smart default sees what a node before it emitted."""

    @hl.task
    def emit() -> Annotated[int, sales]:
        return sales.create_from(9, region="emea")

    @hl.workflow
    def outer() -> Any:
        emit()
        return emea()

    assert outer() == 9


def test_every_use_of_an_input_is_the_same_version() -> None:
    """A version that arrives while the run is under way changes nothing in it."""
    hl.publish(1, "sales[region=emea]")

    @hl.task
    def emit_more(x: int) -> int:
        hl.publish(100, "sales[region=emea]")
        return x

    @hl.task
    def pair(a: int, b: int) -> list[int]:
        return [a, b]

    @hl.workflow
    def whole(x: int = sales.query(region="emea")) -> Any:
        return pair(a=emit_more(x=x), b=x)

    assert whole() == [1, 1]


def test_a_ranged_query_compares_by_the_declared_type() -> None:
    """Where the declaration says that a key is a number, 10 comes after 9."""
    hl.Artifact("typed", {"n": int})
    levels = hl.Artifact("levels", {"n": int})

    @hl.task
    def emit(n: int) -> Any:
        return hl.publish(n, f"levels[n={n}]").version

    hl.run(declare_levels)
    for n in (9, 10):
        emit(n)
    assert hl.pull(levels.query(n=hl.at_least(9))) == 10
    assert hl.pull(hl.ref("levels[n<10]")) == 9


@hl.task
def declare_levels() -> Annotated[int, hl.Artifact("levels", {"n": int})(n=1)]:
    """Declare a typed key."""
    return 1


# ---------------------------------------------------------------------- bad input


def test_a_wrong_type_starts_nothing(record: Any) -> None:
    """A workflow is refused before it starts, by value and by a version's value."""
    word = hl.publish("seven", "word")
    before = len(record.all)
    with pytest.raises(InputError, match="'x' of 'emea' takes int; got str 'seven'"):
        emea(x="seven")
    with pytest.raises(InputError, match="'x' of 'emea' takes int; got str 'seven'"):
        emea(x=word)
    assert len(record.all) == before


def test_an_unknown_input_starts_nothing(record: Any) -> None:
    """A misspelt input names the nearest; a missing one is named."""
    with pytest.raises(InputError, match=r"no input 'regoin'\. Did you mean 'region'"):
        hl.run(regional, regoin="emea")
    with pytest.raises(InputError, match="needs input 'region'"):
        hl.run(regional)
    with pytest.raises(InputError, match="Input 'region' is given twice"):
        hl.run(regional, {"region": "emea"}, region="emea")
    with pytest.raises(InputError, match="as one mapping of names to values; got str"):
        hl.run(regional, "emea")  # type: ignore[arg-type]  # what is tested
    assert not record.all


def test_an_unknown_target_names_the_nearest() -> None:
    """What cannot be run is said, with the plans whose names are near."""
    hl.LaunchPlan.get_or_create("nightly", emea)
    with pytest.raises(TargetNotFound, match=r"Nothing named 'nighty' to run\. Did you mean"):
        hl.run("nighty")


# ---------------------------------------------------------------------- plans by hand


ADDED = """
    @hl.task
    def add(a: int, b: int, c: int) -> int:
        return a * 100 + b * 10 + c

    @hl.workflow
    def added(a: int = 1, b: int = 2, c: int = 3) -> int:
        return add(a=a, b=b, c=c)

    plan = hl.LaunchPlan.get_or_create(
        "added", added, default_inputs={"b": 5}, fixed_inputs={"c": 7}
    )
"""


def test_a_plan_by_hand_uses_its_inputs(load: Any) -> None:
    """A plan's defaults and fixed inputs stand in place of the workflow's own."""
    plan = load(ADDED).plan
    assert _result(hl.run(plan)) == 157
    assert _result(hl.run(plan, b=6)) == 167
    assert plan(a=9) == 957


def test_a_fixed_input_cannot_be_given(load: Any, record: Any) -> None:
    """An override of a fixed input is refused, by run and by call; nothing is recorded."""
    plan = load(ADDED).plan
    for call in (lambda: hl.run(plan, c=1), lambda: plan(c=1), lambda: hl.run("added", c=1)):
        with pytest.raises(InputError, match=r"Input 'c' of .* is fixed and cannot be given"):
            call()
    assert not record.all


def test_a_plan_by_name_runs_recorded_code(load: Any) -> None:
    """By its name a plan runs the source that was registered, and says which plan it was."""
    load(ADDED)
    done = hl.run("added")
    assert _result(done) == 157
    assert (done.plan, done.plan_version, done.triggered_by) == ("added", 1, ())
    assert _result(hl.run(hl.plan("added"), a=2)) == 257


def _result(execution: Any) -> Any:
    assert execution.state == "succeeded"
    return execution.outputs["o0"]


def test_a_run_is_shown_to_people() -> None:
    """``hl.run`` gives versions and plain values, and a handle for what is large."""

    @hl.task
    def load() -> pd.DataFrame:
        return pd.DataFrame({"n": range(3)})

    @hl.task
    def emit(x: int) -> Annotated[int, report]:
        return x

    made = hl.run(emit, x=1)
    assert _result(made).ref == hl.get("report").ref
    inputs: dict[str, Any] = dict(made.inputs)
    assert inputs == {"x": 1}
    assert _result(hl.run(load)).payload.type_name == "pandas.DataFrame"
