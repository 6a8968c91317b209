"""One task call: its body run, once or more often, and recorded in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from heirloom.declare.task import Task
from heirloom.engine.body import Ran
from heirloom.engine.cache import cache_key, reused
from heirloom.engine.frame import Place
from heirloom.engine.halting import halt
from heirloom.engine.items import members_of, payload_of, recorded_slot
from heirloom.engine.printed import kept
from heirloom.engine.progress import tell
from heirloom.engine.retrying import pause_before, told_between
from heirloom.engine.slots import Slot
from heirloom.errors import HeirloomError
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
    """Run a task's body and record it with its versions and its edges; or reuse an equal call.

    Raises:
        InputError: An input does not fit; the body did not run and, but for a triggered
            execution, nothing is recorded.
        NotPortable: It has a cache, and its code is bound to this kernel; nothing is recorded.
        Exception: The body's own; the execution is recorded as failed, without versions.
    """
    recorder = runner.recorder
    key = cache_key(task, slots)
    started = replace(recorder.started(task, task.options.kind, slots, place), cache_key=key)
    codes = recorder.untold.of(task)  # before the body, which may give its names another meaning
    asked = key if runner.reuses and not place.anew else None
    if asked is not None and (hit := reused(runner, asked)) is not None:
        execution, _ = recorder.record(hit.linked(started), place, {}, hit.outputs, codes)
        ordered = task.interface.ordered(hit.slots)
        return Outcome(execution, {name: hit.slots[name] for name in ordered})
    ran, tries = _tried(runner, task, slots, place)
    if ran.error is not None and not ran.began:
        raise ran.error
    printed, log = kept(runner.payloads.secrets.hide(ran.printed), runner.payloads)
    reads = tuple(dict.fromkeys((*started.reads, *ran.reads)))
    ended = replace(started, reads=reads, tries=tries, printed=printed, log=log)
    try:
        if ran.error is not None:
            raise ran.error
        execution, versions = recorder.record(ended, place, ran.emissions, ran.payloads, codes)
    except BaseException as error:
        recorder.failed(ended, place, error, ran.told, codes)
        raise
    found = {version.output: version for version in versions}
    numbered = {version.ref: version.payload for version in versions}
    slots_out = {
        name: output_slot(
            execution,
            name,
            ran.values.get(name, ABSENT),
            found.get(name),
            members_of(execution, name, lambda item: numbered[item.id]),
        )
        for name in task.interface.ordered(ran.outputs)
    }
    return Outcome(execution, slots_out, ran.result, versions)


def _tried(runner: Runner, task: Task, slots: Mapping[str, Slot], place: Place) -> tuple[Ran, int]:
    """Run the body until it ends well or its retries are used up; how often it ran.

    What interrupts the wait for it, or for the next try, is its end.
    """
    said, tries = "", 1
    while True:
        try:
            ran = runner.bodies.run(runner, task, slots, place)
        except HeirloomError:  # found before the body, or recorded already
            raise
        except BaseException as error:
            ran = Ran(began=True, error=error)
        pause = pause_before(task, ran, tries)
        if pause is None:
            ran.printed = said + ran.printed
            return ran, tries
        said += told_between(ran, tries)
        try:
            halt().sleep(pause)
        except HeirloomError:
            raise
        except BaseException as error:
            return Ran(printed=said, began=True, error=error), tries
        tries, place = tries + 1, replace(place, again=True)
        tell(place, task.name, "running", tries)


def output_slot(
    execution: Execution,
    name: str,
    value: Any,
    version: ArtifactVersion | None,
    members: Mapping[Item, Payload] | None = None,
) -> Slot:
    """A recorded output as a slot for whoever consumes it; `members` are versions themselves."""
    if version is not None:
        return Slot(Item(version.ref), version.payload, value, version)
    payload = execution.outputs[name]
    if isinstance(payload, Item):
        msg = f"Output {name!r} of {execution.id} is a version that was not given."
        raise LookupError(msg)
    if members:
        return Slot(payload, payload, value, within=members)
    item = Value(execution_id=execution.id, output=name, payload=payload).item
    return Slot(Item(item), payload, value)


def outcome_before(runner: Runner, place: Place) -> Outcome | None:
    """What an earlier attempt of this run committed at this place, or `None`.

    What passed alive is gone with the process that it lived in, and is made again.
    """
    execution = runner.recorder.done_before(place)
    if execution is None:
        return None
    view = runner.recorder.catalog.view()
    slots = {
        name: recorded_slot(view, bound)
        if isinstance(bound, Item)
        else output_slot(
            execution, name, ABSENT, None, members_of(execution, name, partial(payload_of, view))
        )
        for name, bound in execution.outputs.items()
    }
    alive = any(slot.payload.format == "alive" for slot in slots.values())
    return None if alive else Outcome(execution, slots)
