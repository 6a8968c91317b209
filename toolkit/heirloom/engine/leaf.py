"""One task call: its inputs taken, its body run, all of it recorded in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heirloom.declare.task import Task
from heirloom.declare.types import fits, spell
from heirloom.engine.emission import Emission, claim_creation, emission_of, unclaimed
from heirloom.engine.frame import Frame, Place
from heirloom.engine.items import recorded_slot
from heirloom.engine.recorder import done_before
from heirloom.engine.slots import Slot
from heirloom.errors import CodecError, InputError, UnsafeRead
from heirloom.records.executions import Execution, Item
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.versions import ArtifactVersion, Value

if TYPE_CHECKING:
    from heirloom.engine.runner import Runner

__all__ = ["Outcome", "outcome_before", "output_slot", "run_leaf"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended well: its record and its outputs by name.

    Attributes:
        value: What a body returned, where one ran here; else `ABSENT`.
    """

    execution: Execution
    slots: Mapping[str, Slot]
    value: Any = ABSENT
    versions: tuple[ArtifactVersion, ...] = ()


def run_leaf(runner: Runner, task: Task, slots: Mapping[str, Slot], place: Place) -> Outcome:
    """Run a task's body and record it with its versions and its edges.

    Raises:
        InputError: An input does not fit; the body did not run and, but for a triggered
            execution, nothing is recorded.
        Exception: The body's own; the execution is recorded as failed, without versions.
    """
    started = runner.recorder.started(task, task.options.kind, slots, place)
    frame = Frame(place, reads=list(started.reads), takes_creations=True)
    frame.inputs = {name: slot.version for name, slot in slots.items() if slot.version}
    with runner.payloads.desk():
        values = _values(runner, task, slots)
        try:
            with frame.body():
                result = task.function(**values)
            outputs = task.interface.unpack(result)
            emissions, payloads = _saved(runner, task, frame, slots, outputs)
            ended = replace(started, reads=tuple(frame.reads))
            code = runner.recorder.code_of(task)
            execution, versions = runner.recorder.record(ended, place, emissions, payloads, code)
        except BaseException as error:
            runner.recorder.failed(replace(started, reads=tuple(frame.reads)), place, error)
            raise
    found = {version.output: version for version in versions}
    kept = {
        name: output_slot(execution, name, value, found.get(name))
        for name, value in outputs.items()
    }
    return Outcome(execution, kept, result, versions)


def _values(runner: Runner, task: Task, slots: Mapping[str, Slot]) -> dict[str, Any]:
    values = {}
    for name, slot in slots.items():
        spec = task.interface.inputs[name]
        value = _taken(runner, task, name, slot, None)
        if not fits(value, spec.type) and isinstance(spec.type, type):
            value = _taken(runner, task, name, slot, spec.type)
        spec.check(value, task.name)
        values[name] = value
    return values


def _taken(runner: Runner, task: Task, name: str, slot: Slot, as_: Any) -> Any:
    try:
        return slot.take(runner.payloads, as_=as_, allow_pickle=task.options.allow_pickle)
    except UnsafeRead as error:
        msg = (
            f"Input {name!r} of {task.name!r} is pickled: reading it runs its code. "
            "Write @task(allow_pickle=True) if you trust who wrote it."
        )
        raise UnsafeRead(msg) from error
    except CodecError as error:
        spec = task.interface.inputs[name]
        given = slot.payload.type_name
        msg = f"Input {name!r} of {task.name!r} takes {spell(spec.type)}; got {given}: {error}"
        raise InputError(msg, name=name, expected=spell(spec.type), given=given) from error


def _saved(
    runner: Runner,
    task: Task,
    frame: Frame,
    slots: Mapping[str, Slot],
    outputs: Mapping[str, Any],
) -> tuple[dict[str, Emission], dict[str, Payload]]:
    """Every output durable in the store: those that become versions, and the others."""
    emissions: dict[str, Emission] = {}
    payloads: dict[str, Payload] = {}
    inputs = runner.resolver.plain(slots)
    for name, value in outputs.items():
        emits = task.interface.spec(name).emits
        if emits is None or value is None:
            payloads[name] = runner.payloads.save_or_alive(value)
            continue
        creation = claim_creation(frame.creations, emits.artifact, value)
        saved = runner.payloads.save(value, format=creation.format if creation else None)
        emissions[name] = emission_of(emits, name, saved, creation, inputs)
    unclaimed(frame.creations, task.name)
    return emissions, payloads


def output_slot(
    execution: Execution, name: str, value: Any, version: ArtifactVersion | None
) -> Slot:
    """A recorded output as a slot for whoever consumes it."""
    if version is not None:
        return Slot(Item(version.ref), version.payload, value, version)
    payload = execution.outputs[name]
    if isinstance(payload, Item):
        msg = f"Output {name!r} of {execution.id} is a version that was not given."
        raise LookupError(msg)
    item = Value(execution_id=execution.id, output=name, payload=payload).item
    return Slot(Item(item), payload, value)


def outcome_before(runner: Runner, place: Place) -> Outcome | None:
    """What an earlier attempt of this run committed at this place, or `None`.

    What passed alive is gone with the process that it lived in, and is made again.
    """
    view = runner.recorder.catalog.view()
    execution = done_before(view, place)
    if execution is None:
        return None
    slots = {
        name: recorded_slot(view, bound)
        if isinstance(bound, Item)
        else output_slot(execution, name, ABSENT, None)
        for name, bound in execution.outputs.items()
    }
    alive = any(slot.payload.format == "alive" for slot in slots.values())
    return None if alive else Outcome(execution, slots)
