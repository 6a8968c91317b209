"""One run of a task's body: values taken, function called, outputs durable; nothing recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from heirloom.declare.types import spell
from heirloom.engine.deadline import in_time
from heirloom.engine.emission import Emission, claim_creation, emission_of, unclaimed
from heirloom.engine.frame import Frame, Place
from heirloom.engine.items import each_of, member_name
from heirloom.engine.printed import Lines, printed
from heirloom.errors import CodecError, InputError, UnsafeRead
from heirloom.rebuilt import world_of
from heirloom.records.executions import Read
from heirloom.records.payloads import ABSENT, Payload

if TYPE_CHECKING:
    from heirloom.declare.emits import Emits
    from heirloom.declare.specs import OutputSpec
    from heirloom.declare.task import Task
    from heirloom.engine.payloads import Payloads
    from heirloom.engine.resolve import Resolver
    from heirloom.engine.slots import Slot

__all__ = ["Ran", "run_body"]


@dataclass(slots=True)
class Ran:
    """What a body left behind; whoever submitted it records that.

    Attributes:
        reads: The edges of what it read beside its inputs.
        emissions: Outputs that become versions, by name; their payloads are in the store.
        payloads: The other outputs.
        values: All outputs alive, where the body ran in this process.
        result: What it returned, where it ran in this process; else `ABSENT`.
        printed: What it wrote to standard output and error and to its logs.
        began: Whether the body was reached: inputs that do not fit record nothing.
        error: What it raised; then there are no outputs.
        told: What the record says of the error, where its traceback stayed elsewhere.
    """

    reads: Collection[Read] = ()
    emissions: dict[str, Emission] = field(default_factory=dict)
    payloads: dict[str, Payload] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    result: Any = ABSENT
    printed: str = ""
    began: bool = False
    error: BaseException | None = None
    told: str | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs."""
        return (*self.payloads, *self.emissions)


def run_body(
    task: Task,
    slots: Mapping[str, Slot],
    place: Place,
    payloads: Payloads,
    resolver: Resolver,
    lines: Lines | None = None,
) -> Ran:
    """Run a task's body with its inputs; what it raises is kept, not raised.

    What it prints goes into `lines` as it comes, for who does not wait for its end.
    """
    frame = Frame(place, takes_creations=True)
    frame.inputs = {name: slot.version for name, slot in slots.items() if slot.version}
    ran = Ran(reads=frame.reads)
    try:
        with payloads.desk(), world_of(task.function):
            values = _values(task, slots, resolver)
            ran.began = True
            with printed(lines) as lines, frame.body():
                try:
                    work = partial(task.function, **values)
                    ran.result = in_time(task.options.timeout, task.name, work)
                finally:
                    ran.printed = lines.text
            for slot in slots.values():
                payloads.check_links(slot.payload)
            returned = task.interface.unpack(ran.result)
            _promised(ran, task, returned)
            _save(ran, task, returned, frame, resolver.plain(slots), payloads)
    except BaseException as error:
        ran.error = error
    return ran


def _values(task: Task, slots: Mapping[str, Slot], resolver: Resolver) -> dict[str, Any]:
    values = {}
    for name, slot in slots.items():
        value = _taken(task, name, slot, resolver.payloads)
        values[name] = task.interface.inputs[name].conformed(value, task.name)
        resolver.know(values[name], slot)  # what the body passes on is known as what it is
    return values


def _taken(task: Task, name: str, slot: Slot, payloads: Payloads) -> Any:
    try:
        return slot.take(payloads, allow_pickle=task.options.allow_pickle)
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


def _promised(ran: Ran, task: Task, returned: Mapping[str, Any]) -> None:
    """Have every output as its annotation says, and what was returned made of these."""
    for name, value in returned.items():
        ran.values[name] = task.interface.spec(name).conformed(value, task.name)
    if any(ran.values[name] is not value for name, value in returned.items()):
        ran.result = task.interface.pack(ran.values.values())


def _save(
    ran: Ran,
    task: Task,
    returned: Mapping[str, Any],
    frame: Frame,
    inputs: Mapping[str, Any],
    payloads: Payloads,
) -> None:
    """Make every output durable: those that become versions, and the others.

    What ``create_from`` said is of the object that was `returned`.
    """

    def emitted(spec: OutputSpec, emits: Emits, name: str, said: Any, value: Any) -> bool:
        creation = claim_creation(frame.creations, emits.artifact, said)
        if value is None and creation is None:
            spec.absent(task.name)
            return False
        saved = payloads.save(value, format=creation.format if creation else None)
        ran.emissions[name] = emission_of(emits, name, saved, creation, inputs)
        return True

    for name, value in ran.values.items():
        spec = task.interface.spec(name)
        if spec.emits is None or not emitted(spec, spec.emits, name, returned[name], value):
            ran.payloads[name] = payloads.save_or_alive(value)
        if spec.members is not None and value is not None:
            for at, pair in enumerate(zip(each_of(returned[name]), each_of(value), strict=True)):
                emitted(spec, spec.members, member_name(name, at), *pair)
    unclaimed(frame.creations, task.name)
