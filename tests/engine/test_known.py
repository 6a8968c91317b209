"""Values that a script passes on by hand keep their ancestry while they are what they were."""

from __future__ import annotations

import gc
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest

import heirloom as hl
from heirloom.engine.known import Known
from heirloom.engine.slots import Slot
from heirloom.records.executions import Item
from heirloom.records.payloads import Payload

report = hl.Artifact("report")


@hl.task
def frame(n: int) -> pd.DataFrame:
    """A frame."""
    return pd.DataFrame({"n": range(n)})


@hl.task
def mapping(n: int) -> dict[str, int]:
    """A small dict, which cannot be referred to weakly."""
    return {"n": n}


@hl.task
def use(x: Any) -> int:
    """How much there is."""
    return len(x)


@hl.task
def emit(n: int) -> Annotated[pd.DataFrame, report]:
    """A version."""
    return pd.DataFrame({"n": range(n)})


@hl.workflow
def emitted(n: int) -> Any:
    """A workflow around it, whose frame two nodes take."""
    made = emit(n=n)
    use(x=made)
    return made


@pytest.mark.parametrize("make", [frame, mapping])
def test_an_output_given_on_keeps_its_ancestry(make: Any, record: Any) -> None:
    """``use(make())`` is an edge from the one to the other, as in a workflow."""
    use(make(3))
    assert record.reads("use") == {record.item(make.name): "declared"}


def test_a_name_between_makes_no_difference(record: Any) -> None:
    """What counts is the object, however long it lay in a variable."""
    found = frame(3)
    gc.collect()
    use(found)
    assert record.reads("use") == {record.item("frame"): "declared"}


def test_a_version_given_on(record: Any) -> None:
    """An emitted output and a workflow's result are that version."""
    use(emit(3))
    assert record.reads("use") == {hl.get("report").ref: "declared"}
    use(emitted(n=2))
    last = record.named("use")[-1]
    assert [read.item for read in last.all_reads()] == [hl.get("report@2").ref]


def test_what_was_pulled_and_given_on(record: Any) -> None:
    """A pulled payload is a read of its version."""
    version = hl.publish(np.arange(4), "sales")
    use(hl.pull("sales"))
    assert record.reads("use") == {version.ref: "read"}


def test_what_was_changed_is_derived(record: Any) -> None:
    """A frame that was changed is recorded as it is now, and as derived from what it was."""
    hl.publish(pd.DataFrame({"n": [1, 2]}), "sales")
    changed = hl.pull("sales")
    changed["m"] = 0
    use(changed)
    given = record.one("use").inputs["x"]
    assert isinstance(given, Payload)
    assert [column for column, _ in given.schema["columns"]] == ["n", "m"]  # type: ignore[index]
    assert record.reads("use") == {hl.get("sales").ref: "derived"}


def test_what_a_body_did_to_it_is_seen(record: Any) -> None:
    """A task that was given the script's own list and changed it does not spoil the record."""

    @hl.task
    def grow(x: list[int]) -> None:
        x.append(0)

    @hl.task
    def make() -> list[int]:
        return [1, 2]

    found = make()
    grow(found)
    use(found)
    assert record.one("use").inputs["x"].value == [1, 2, 0]
    assert record.reads("grow") == {record.item("make"): "declared"}
    assert record.reads("use") == {record.item("make"): "derived"}


def test_another_form_of_it_is_derived(record: Any) -> None:
    """What was pulled in another form is not byte for byte what is stored, but came from it."""
    hl.publish(pd.DataFrame({"n": [1, 2]}), "sales")
    use(hl.pull("sales", as_=np.ndarray))
    assert record.reads("use") == {hl.get("sales").ref: "derived"}


def test_known_values_inside_a_container(record: Any) -> None:
    """Frames in a list or dict are edges, too."""

    @hl.task
    def both(xs: list[Any]) -> int:
        return len(xs)

    first, second = mapping(1), mapping(2)
    both([first, {"deep": (second,)}, 7])
    made = {f"value:{e.id}/o0" for e in record.named("mapping")}
    assert {r.item for r in record.one("both").all_reads()} == made


def test_each_call_of_a_map_reads_its_own(record: Any) -> None:
    """Pulled values that are gone over by hand: each call has the version that it was given."""
    refs = [hl.publish(np.arange(n), "sales").ref for n in (1, 2, 3)]
    assert hl.map_task(use)(x=[hl.pull(ref) for ref in refs]) == [1, 2, 3]
    calls = [each for each in record.named("use") if each.kind == "task"]
    assert [call.inputs["x"].id for call in calls] == refs


def test_a_map_over_objects_reads_what_is_inside(record: Any) -> None:
    """What is inside of one item is an edge of that item's call alone."""
    first, second, third = (hl.publish(np.arange(n), "sales").ref for n in (1, 2, 3))
    hl.map_task(use)(x=[[hl.pull(first), hl.pull(third)], hl.pull(second)])
    calls = [each for each in record.named("use") if each.kind == "task"]
    assert [{r.item for r in call.all_reads()} for call in calls] == [{first, third}, {second}]


def test_a_container_of_itself_is_no_endless_search(record: Any) -> None:
    """A list that holds itself passes alive, and what else is in it is found."""
    known = mapping(1)
    loop: list[Any] = [known]
    loop.append(loop)
    assert use(loop) == 2
    assert record.reads("use") == {record.item("mapping"): "declared"}


def test_numbers_and_texts_have_no_ancestry(record: Any) -> None:
    """One number is every other of its worth: to know it would be to guess."""

    @hl.task
    def number() -> int:
        return 7

    @hl.task
    def text(x: str) -> str:
        return x

    text(str(number()))
    text(text("emea"))
    assert all(not list(e.all_reads()) for e in record.all)


# ---------------------------------------------------------------------- the memory itself


def _slot(size: int = 1) -> Slot:
    payload = Payload(format="json", type_name="list", kind="data", size=size)
    return Slot(Item("value:e/o0"), payload)


def test_objects_are_not_kept_alive() -> None:
    """A frame that nobody else holds is forgotten."""
    known = Known()
    known.remember(pd.DataFrame(), _slot())
    gc.collect()
    assert not known


def test_only_the_last_few_megabytes_are_held() -> None:
    """Lists are held, so that only as many are as are small together."""
    known = Known()
    lists: list[list[int]] = [[n] for n in range(5)]
    for each in lists:
        known.remember(each, _slot(1 << 20))
    assert [known.find(each) is not None for each in lists] == [False, True, True, True, True]
    known.remember([0], _slot(1 << 30))
    assert not known


def test_an_address_used_again_is_another_object() -> None:
    """What only has the address of a dead object is not known."""
    known = Known()
    address = id(_remembered(known))
    for _ in range(1000):
        fresh = np.zeros(1)
        if id(fresh) == address:
            break
    assert known.find(fresh) is None


def _remembered(known: Known) -> Any:
    value = np.zeros(1)
    known.remember(value, _slot())
    return value
