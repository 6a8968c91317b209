"""What the threads of one run share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from heirloom.engine.frame import Frame, Place
from heirloom.engine.known import Known
from heirloom.engine.slots import Slot
from heirloom.records.executions import Item
from heirloom.records.payloads import ABSENT, Payload

PAYLOAD = Payload(format="json", type_name="list", kind="value", size=2, digest="sha256:0", value=1)


@pytest.fixture(autouse=True)
def _switching() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_no_two_calls_have_one_path() -> None:
    """A body's threads call the same task, each at a place of its own."""
    frame = Frame(Place.root())
    with ThreadPoolExecutor(8) as threads:
        places = list(threads.map(lambda _: frame.child("count"), range(4000)))
    assert len({place.path for place in places}) == 4000


def test_a_mutable_object_is_given_out_once() -> None:
    """Whoever else takes it gets the recorded value."""
    with ThreadPoolExecutor(8) as threads:
        for _ in range(100):
            slot = Slot(PAYLOAD, PAYLOAD, [1])
            found = list(threads.map(lambda _, slot=slot: slot.claim(), range(8)))
            assert len([each for each in found if each is not ABSENT]) == 1


def test_objects_come_and_go_while_others_are_looked_up() -> None:
    """None is ever taken for another."""
    known = Known()

    class Thing:
        pass

    def one(n: int) -> bool:
        thing = Thing()
        known.remember(thing, Slot(Item(f"value:{n}/o0"), PAYLOAD))
        found = known.find(thing)
        return found is not None and [each.id for each in found.items] == [f"value:{n}/o0"]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(4000)))
