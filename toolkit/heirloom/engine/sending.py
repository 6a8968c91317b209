"""A task call as plain data: to where its body runs, and what came of it back."""

from __future__ import annotations

import io
import pickle
import platform
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from heirloom.engine.body import Ran, run_body
from heirloom.engine.distant import HomeMark, mark_of
from heirloom.engine.gathering import Gathered, gathering
from heirloom.engine.hooks import working
from heirloom.engine.packed import Packed, unpacked
from heirloom.engine.printed import Lines
from heirloom.engine.slots import Slot
from heirloom.engine.spoken import spoken
from heirloom.engine.spool import Spool
from heirloom.errors import CodecError, InputError, PayloadMissing
from heirloom.rebuilt import REBUILT, class_at, own_module
from heirloom.records.executions import Item, Read
from heirloom.records.ids import new_id
from heirloom.records.items import value_item
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.stores import StoreRecord

if TYPE_CHECKING:
    from heirloom.declare.task import Task
    from heirloom.engine.frame import Place
    from heirloom.engine.payloads import Payloads
    from heirloom.engine.runner import Runner

__all__ = ["Job", "Sent", "job_of", "perform", "received"]


@dataclass(frozen=True, slots=True)
class Job:
    """A task call without its values, which are in the store.

    Attributes:
        code: Whole, or its digest where the process is taken to have it.
        settings: What opens the same home and store where the body runs.
        stores: Where payloads are: the home need not be there.
        home: What tells it from another at the same path.
        spool: The file for what the body prints, where its directory is on that machine.
        token: Of this try: a cluster that knows calls by their arguments runs each anew.
    """

    name: str
    code: Packed
    slots: Mapping[str, Slot]
    place: Place
    settings: Any
    stores: tuple[StoreRecord, ...]
    home: HomeMark
    spool: str
    token: str = field(default_factory=new_id)

    def __dask_tokenize__(self) -> str:
        return self.token


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a job.

    Attributes:
        ran: Outputs as payloads; no value.
        inner: The calls that the body made, in the order in which they ended.
        error: What it raised, pickled; `None` where that cannot be.
        told: The same in words, with its traceback.
        host: The machine that it ran on.
    """

    ran: Ran
    inner: tuple[Gathered, ...]
    error: bytes | None = None
    told: str = ""
    host: str = field(default_factory=platform.node)


def job_of(
    runner: Runner,
    task: Task,
    slots: Mapping[str, Slot],
    place: Place,
    code: Packed,
    spool: str,
) -> Job:
    """The call as data.

    Raises:
        InputError: An input lives in this process only.
    """
    for name, slot in slots.items():
        if slot.payload.format == "alive" and not slot.payload.secret:
            msg = (
                f"Input {name!r} of {task.name!r} is a {slot.payload.type_name}, for which there "
                "is no format: it lives in this process, and the executor's are others."
            )
            raise InputError(msg, name=name, given=slot.payload.type_name)
    needed = {slot.payload.store for slot in slots.values()}
    bare = {  # a secret is in no record: it goes along
        name: slot if slot.payload.secret else replace(slot, alive=ABSENT)
        for name, slot in slots.items()
    }
    return Job(
        task.name,
        code,
        bare,
        place,
        runner.settings,
        runner.payloads.stores.carried(place.root_id, needed),
        mark_of(runner.recorder.catalog),
        spool,
    )


# -------------------------------------------------------------------- where the body runs


def perform(job: Job) -> Sent | None:
    """Run a job in this process; what the body raises comes back in what is given.

    `None` where its code did not come along, and was not here: nothing ran.
    """
    with working(job) as runner, gathering() as inner, closing(Spool(job.spool)) as spool:
        try:
            task = unpacked(job.code)
        except BaseException as error:
            return _failed(Ran(began=True, error=error), inner)
        if task is None:
            return None
        lines = Lines(spool.write)
        ran = run_body(task, job.slots, job.place, runner.payloads, runner.resolver, lines)
        alive = next((n for n, p in ran.payloads.items() if p.format == "alive"), None)
        if alive is not None:
            ran.error = CodecError(_alive(job.name, alive, ran.payloads[alive].type_name))
        return _failed(ran, inner) if ran.error is not None else _sent(ran, inner)


def _alive(task: str, output: str, type_name: str) -> str:
    return (
        f"Output {output!r} of {task!r} is a {type_name}, for which there is no format: "
        "it cannot leave the process that made it."
    )


def _sent(ran: Ran, inner: list[Gathered]) -> Sent:
    return Sent(replace(ran, values={}, result=ABSENT), tuple(inner))


def _failed(ran: Ran, inner: list[Gathered]) -> Sent:
    error, ran.error = ran.error, None
    assert error is not None
    told, error.__traceback__ = spoken(error), None
    error.__cause__ = error.__context__ = None
    try:
        taken = pickle.dumps(error)
    except Exception:  # an error of the user's may hold anything
        taken = None
    return Sent(
        Ran(reads=ran.reads, printed=ran.printed, began=ran.began), tuple(inner), taken, told
    )


# -------------------------------------------------------------------- back in the session


def received(runner: Runner, name: str, sent: Sent) -> Ran:
    """What the body of `name` left, after the calls that it made are recorded as they ended.

    Where an output went to a directory of another machine, that is its error.
    """
    if (lost := _unreached(runner, name, sent)) is not None:
        return replace(sent.ran, payloads={}, emissions={}, error=lost)
    made: dict[str, str] = {}
    for each in sent.inner:
        _record(runner, each, made)
    ran = replace(sent.ran, reads=[_known(read, made) for read in sent.ran.reads])
    if sent.told:
        ran.error, ran.told = _error(sent), sent.told
    return ran


def _unreached(runner: Runner, name: str, sent: Sent) -> PayloadMissing | None:
    every: list[Ran | Gathered] = [sent.ran, *sent.inner]
    for ran in every:
        emitted = (each.payload for each in ran.emissions.values())
        for payload in (*_payloads(ran), *emitted):
            place = _lost_at(runner.payloads, payload)
            if place is not None:
                msg = (
                    f"{name!r} wrote its output on {sent.host!r}, to {place} there, which is not "
                    "the one here. Give a store that both reach: hl.connect(store='s3://…')."
                )
                return PayloadMissing(msg, uri=place)
    return None


def _lost_at(payloads: Payloads, payload: Payload) -> str | None:
    """The directory of this machine in which a payload, or what is inside of it, is missing."""
    if payload.digest is not None and not payload.inline and payload.link is None:
        store = payloads.stores.holding(payload)
        if "://" not in store.location and not store.has(payload.digest):
            return store.location
    inside = (_lost_at(payloads, each) for each in payloads.inside(payload))
    return next(filter(None, inside), None)


def _payloads(ran: Ran | Gathered) -> list[Payload]:
    values = ran.payloads if isinstance(ran, Ran) else ran.values
    return [each for each in values.values() if isinstance(each, Payload)]


def _record(runner: Runner, each: Gathered, made: dict[str, str]) -> None:
    execution = replace(
        each.execution,
        inputs={name: _known(bound, made) for name, bound in each.execution.inputs.items()},
        reads=tuple(_known(read, made) for read in each.execution.reads),
    )
    if each.error is not None:
        runner.recorder.end(execution, each.place, each.codes)
        return
    values = {name: _known(bound, made) for name, bound in each.values.items()}
    ended, versions = runner.recorder.record(
        execution, each.place, each.emissions, values, each.codes
    )
    made |= {value_item(ended.id, version.output): version.ref for version in versions}


def _known(bound: Any, made: Mapping[str, str]) -> Any:
    """An item or a read of what was a value where the body ran and has become a version."""
    if isinstance(bound, Item):
        return replace(bound, id=made.get(bound.id, bound.id))
    if isinstance(bound, Read):
        return replace(bound, item=made.get(bound.item, bound.item))
    return bound


class _Here(pickle.Unpickler):
    """Takes classes that were rebuilt where the body ran for the notebook's own."""

    def find_class(self, module: str, name: str) -> Any:
        own = class_at(own_module(module), name) if module.startswith(REBUILT) else None
        return own or super().find_class(module, name)


def _error(sent: Sent) -> BaseException:
    error: BaseException = RuntimeError(sent.told.splitlines()[-1])
    with suppress(Exception):  # its class may be known only where the body ran
        error = _Here(io.BytesIO(sent.error)).load() if sent.error is not None else error
    error.add_note(sent.told)
    return error
