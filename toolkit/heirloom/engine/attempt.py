"""An attempt of a recorded execution: its code rebuilt, its recorded inputs given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from heirloom.catalog.protocol import View
from heirloom.engine.frame import Frame, Place
from heirloom.engine.items import payload_of, recorded_slot
from heirloom.engine.resolve import Wanted
from heirloom.engine.runner import Runner
from heirloom.engine.slots import Slot
from heirloom.errors import Fenced
from heirloom.records.executions import Execution, Item, Read

__all__ = ["Workplace", "carried", "code_of", "recorded_inputs", "run_attempt"]


@dataclass(frozen=True, slots=True)
class Workplace:
    """What runs the executions of one project.

    Attributes:
        rebuild: Makes a target from the digest of its code and what it is called in an error.
    """

    runner: Runner
    rebuild: Callable[[str, str], Any]


def run_attempt(claimed: Execution, at: Workplace) -> Execution:
    """Run what was claimed, to its end; what its body raises is recorded, not raised.

    Raises:
        KeyboardInterrupt: It was interrupted; it is recorded as cancelled.
    """
    place = Place(
        execution_id=claimed.id,
        root_id=claimed.id,
        parent_id=claimed.parent_id,
        attempt=claimed.attempt,
        depth=claimed.depth,
        chain=claimed.chain,
        fenced=True,
        again=claimed.attempt > 1,
        plan=claimed.plan,
        plan_version=claimed.plan_version,
        triggered_by=claimed.triggered_by,
        rerun_of=claimed.rerun_of,
        carried=carried(claimed),
        partial=claimed.partial,
        claimant=claimed.claimant,
    )
    view = at.runner.recorder.catalog.view()
    try:
        with Frame(place).active():  # what its modules say when imported is no person's word
            target = at.rebuild(code_of(view, claimed), _called(claimed))
        wanted = Wanted(dict(recorded_inputs(view, claimed, target)))
        return at.runner.execute(target, wanted, place).execution
    except (Exception, SystemExit) as error:
        # Fenced: another attempt has it, and what became of it is there to be read.
        with suppress(Fenced):
            at.runner.recorder.failed(claimed, place, error)
    except KeyboardInterrupt as error:
        with suppress(Fenced):
            at.runner.recorder.failed(claimed, place, error)
        raise
    return view.execution(claimed.id) or claimed


def carried(execution: Execution) -> tuple[Read, ...]:
    """The edges of what stands in a cell's code as a constant: the same code has them again."""
    return tuple(read for read in execution.reads if read.how in {"free-variable", "derived"})


def code_of(view: View, execution: Execution) -> str:
    """The digest of the code that an execution ran, or is to run by its plan."""
    if execution.code_version or execution.plan is None:
        return execution.code_version
    plan = view.plan(execution.project, execution.plan, execution.plan_version)
    return plan.code if plan is not None else ""


def recorded_inputs(view: View, execution: Execution, target: Any) -> Mapping[str, Any]:
    """The inputs of an execution as slots.

    Raises:
        InputError: The target takes one that was not recorded.
    """
    slots = {name: _slot(view, execution, name) for name in execution.inputs}
    for name in target.interface.inputs:
        if name not in slots:
            raise target.interface.missing(name)
    return slots


def _slot(view: View, execution: Execution, name: str) -> Slot:
    """An input as it was, with the items that went into it."""
    slot = recorded_slot(view, execution.inputs[name])
    if isinstance(slot.bound, Item):
        return slot
    items = [Item(read.item, read.how) for read in execution.reads if read.input == name]
    return replace(slot, within={item: payload_of(view, item) for item in items})


def _called(execution: Execution) -> str:
    """What an execution ran, as an error names it."""
    if execution.plan is not None:
        return f"plan {execution.plan!r}"
    return f"{execution.kind} {execution.name!r}"
