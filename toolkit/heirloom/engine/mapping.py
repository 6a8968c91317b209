"""A map's run: a start, a call for each item, and an end with the lists of what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heirloom.declare.mapping import MapTask
from heirloom.engine.cache import check_cached
from heirloom.engine.crew import run_all
from heirloom.engine.envelope import begin
from heirloom.engine.frame import Frame, Place
from heirloom.engine.leaf import Outcome, output_slot
from heirloom.engine.progress import tell
from heirloom.engine.resolve import Wanted
from heirloom.engine.slots import Slot
from heirloom.records.executions import Execution, Read
from heirloom.records.payloads import ABSENT

if TYPE_CHECKING:
    from heirloom.engine.runner import Runner

__all__ = ["run_map"]


def run_map(runner: Runner, target: MapTask, wanted: Wanted, place: Place) -> Outcome:
    """Call a task for each item; calls that succeeded stay when another fails.

    Raises:
        InputError: The inputs are no lists of one length; nothing is recorded.
        NotPortable: Its task is to be cached and cannot be; nothing is recorded.
        Exception: A call's own, the first by its item; the envelope is recorded as failed.
    """
    check_cached(target)
    started, slots = begin(runner, target, "map", wanted, place)
    place = place.below_record()
    try:
        outcomes = _called(runner, target, slots, Frame(place))
        return _end(runner, target, started, place, outcomes)
    except BaseException as error:
        runner.recorder.failed(started, place, error)
        raise


def _called(
    runner: Runner, target: MapTask, slots: Mapping[str, Slot], frame: Frame
) -> list[Outcome]:
    lists = {n: s if n in target.bound else runner.items_of(s) for n, s in slots.items()}
    calls = target.calls(lists)
    places = [frame.child(str(index)) for index in range(len(calls))]
    outcomes: dict[int, Outcome] = {}
    for place in places:
        tell(place, target.name, "queued")

    def call(index: int) -> None:
        task = target.task
        given = runner.resolver.wanted(task.interface, calls[index], defaults=task.defaults)
        outcomes[index] = runner.execute(task, given, places[index])

    width = min(runner.bodies.width, target.concurrency or len(calls), max(1, len(calls)))
    after: dict[int, tuple[int, ...]] = {index: () for index in range(len(calls))}
    run_all(frame.place.root_id, after, call, max(1, width))
    return [outcomes[index] for index in range(len(calls))]


def _end(
    runner: Runner,
    target: MapTask,
    started: Execution,
    place: Place,
    outcomes: Sequence[Outcome],
) -> Outcome:
    lists = {
        spec.name: [outcome.slots[spec.name] for outcome in outcomes]
        for spec in target.interface.outputs
    }
    payloads = {
        name: runner.payloads.collect(each, lambda slot: slot.payload)
        for name, each in lists.items()
    }
    items = {
        name: {item: payload for slot in each for item, payload in slot.items.items()}
        for name, each in lists.items()
    }
    reads = [Read(item.id, "", "declared") for each in items.values() for item in each]
    ended = replace(started, reads=(*started.reads, *dict.fromkeys(reads)))
    execution, _ = runner.recorder.record(ended, place, {}, payloads)
    slots = {
        name: replace(output_slot(execution, name, _alive(each), None), within=items[name])
        for name, each in lists.items()
    }
    return Outcome(execution, slots)


def _alive(slots: Sequence[Slot]) -> Any:
    values = [slot.alive for slot in slots]
    return ABSENT if any(value is ABSENT for value in values) else values
