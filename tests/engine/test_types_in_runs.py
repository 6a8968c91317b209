"""Runs whose values are of one type where they are made, and of another where they are taken."""
# What a call in a workflow's body gives is a promise, which its annotation does not speak of.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

import heirloom as hl
from heirloom.errors import InputError, TaskFailed

measured = hl.Artifact("measured", [])
each = hl.Artifact("each", ["n"])


class Tier(enum.Enum):
    GOLD = "gold"


@dataclass
class Order:
    tier: Tier
    amounts: list[float]


class Rule(pydantic.BaseModel):
    limit: float


@hl.task
def kinds(
    frame: pl.DataFrame, table: pa.Table, order: Order, rule: Rule, rate: float, tier: Tier
) -> list[str]:
    """The classes of what arrives."""
    inside = [*map(type, order.amounts), type(order.tier)]
    taken = [type(each) for each in (frame, table, order, rule, rate, tier)]
    return [kind.__name__ for kind in [*taken, *inside]]


@hl.workflow
def passing(frame: pd.DataFrame, order: dict[str, Any], rule: dict[str, int], tier: str) -> Any:
    """What is passed on is of another type at each end."""
    return kinds(frame=frame, table=frame, order=order, rule=rule, rate=1, tier=tier)


def test_a_value_arrives_in_the_body_as_it_is_declared() -> None:
    """Alive or from the store, from a workflow's input or from a version: the same classes."""
    frame = pd.DataFrame({"n": [1]})
    given = {"tier": "gold", "amounts": [1, 2.5]}
    expected = ["DataFrame", "Table", "Order", "Rule", "float", "Tier", "float", "float", "Tier"]
    assert passing(frame=frame, order=given, rule={"limit": 3}, tier="gold") == expected
    kept = {
        "frame": hl.publish(frame, "frame"),
        "order": hl.publish(given, "order"),
        "rule": hl.publish({"limit": 3}, "rule"),
        "tier": hl.publish("gold", "tier"),
    }
    assert passing(**kept) == expected


def test_what_is_taken_is_recorded_as_it_was_given(record: Any) -> None:
    """The edge leads to the version; what was made of it for one body is nobody's version."""
    version = hl.publish(pd.DataFrame({"n": [1, 2]}), "frame")

    @hl.task
    def rows(frame: pl.DataFrame) -> int:
        return frame.height

    assert rows(frame=version) == 2
    assert rows(frame=hl.pull(version)) == 2
    assert [next(iter(e.all_reads())).item for e in record.named("rows")] == [version.ref] * 2


def test_an_output_is_recorded_as_it_was_promised(record: Any) -> None:
    """Also where it was said more of the object that the body returned."""

    @hl.task
    def measure() -> tuple[Annotated[float, measured], pd.DataFrame]:
        value = np.float32(0.5)
        return measured.create_from(value, "half"), pl.DataFrame({"n": [1]})  # type: ignore[return-value]  # on purpose

    value, frame = measure()
    assert type(value) is float
    assert type(frame) is pd.DataFrame
    version = hl.get("measured")
    assert (version.type_name, str(version.card)) == ("float", "half")
    assert record.one("measure").outputs["o1"].type_name == "pandas.DataFrame"


def test_members_of_an_output_are_versions_of_their_type() -> None:
    """What was said of each is of it, though another object is recorded."""

    @hl.task
    def several() -> list[Annotated[float, each]]:
        return [each.create_from(np.float32(n), n=n) for n in (1, 2)]  # type: ignore[misc]  # on purpose

    assert several() == [1.0, 2.0]
    assert [hl.get(f"each[n={n}]").type_name for n in (1, 2)] == ["float", "float"]


BAD = {
    "rate": (1.5j, "takes float; got complex"),
    "tier": ("silver", "takes .*Tier; got str 'silver': it has GOLD"),
    "order": ({"tier": "gold", "amounts": ["x"]}, r"takes .*Order; got dict: amounts\[0\] is str"),
    "rule": ({"limit": "high"}, "takes .*Rule; got dict: limit"),
    "frame": ([1], "takes polars.DataFrame; got list"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_conform_is_found_before_the_body(name: str, record: Any) -> None:
    """The error is a TypeError of ours; it names task, input, what was wanted and what was got."""
    frame = pd.DataFrame({"n": [1]})
    good = {"frame": frame, "table": frame, "order": Order(Tier.GOLD, []), "rule": {"limit": 1}}
    given = {**good, "rate": 1.0, "tier": Tier.GOLD, name: BAD[name][0]}
    with pytest.raises(InputError, match=f"Input '{name}' of 'kinds' {BAD[name][1]}") as caught:
        kinds(**given)
    assert isinstance(caught.value, TypeError)
    assert caught.value.name == name
    assert not record.named("kinds")


@hl.task
def scaled(n: int, by: float) -> float:
    """Multiplied."""
    return n * by


def test_what_a_map_binds_is_held_like_any_input() -> None:
    """Where the workflow is declared, and where the map is called."""
    good = hl.map_task(partial(scaled, by=2))
    assert good(n=[1, 2]) == [2.0, 4.0]
    bad = hl.map_task(partial(scaled, by="twice"))
    with pytest.raises(InputError, match="'by' of 'scaled' takes float; got str 'twice'"):
        bad(n=[1, 2])

    def whole(word: str) -> Any:
        return hl.map_task(partial(scaled, by=word))(n=[1])

    with pytest.raises(InputError, match=r"whole.word \(str\) -> scaled.by \(float\)"):
        hl.workflow(whole)


def test_columns_are_asked_for_before_the_body(record: Any) -> None:
    """Where only the consumer says them, the frame that is there decides."""

    @hl.task
    def load(good: bool) -> pd.DataFrame:
        return pd.DataFrame({"amount" if good else "amuont": [1.5]})

    @hl.task
    def total(frame: Annotated[pl.DataFrame, {"amount": float}]) -> float:
        return float(frame["amount"].sum())

    @hl.workflow
    def whole(good: bool) -> float:
        return total(frame=load(good=good))

    assert whole(good=True) == 1.5
    with pytest.raises(TaskFailed, match="column 'amount' is missing; it has amuont"):
        hl.run(whole, good=False)
    assert len(record.named("total")) == 1


def test_columns_of_both_ends_are_held_against_each_other() -> None:
    """The workflow is refused where it is declared; both ends, the column and the types stand."""

    @hl.task
    def load() -> Annotated[pd.DataFrame, {"amount": str}]:
        return pd.DataFrame({"amount": ["1"]})

    @hl.task
    def total(frame: Annotated[pl.DataFrame, {"amount": float}]) -> float:
        return float(frame["amount"].sum())

    def whole() -> float:
        return total(frame=load())

    says = (
        r"In workflow 'whole', load\.o0 \(pandas\.DataFrame with amount: str\) -> "
        r"total\.frame \(polars\.DataFrame with amount: float\) does not fit: "
        r"column 'amount' is str, not float\."
    )
    with pytest.raises(InputError, match=says):
        hl.workflow(whole)


def test_an_output_without_its_columns_fails(record: Any) -> None:
    """No version of it is made."""

    @hl.task
    def load() -> Annotated[pd.DataFrame, measured, {"amount": float}]:
        return pd.DataFrame({"n": [1]})

    with pytest.raises(InputError, match=r"'o0' of 'load' is .*'amount' is missing; it has n"):
        load()
    assert record.one("load").state == "failed"
    assert hl.search().total == 0
