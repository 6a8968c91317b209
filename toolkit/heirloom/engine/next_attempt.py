"""The next attempt of an execution: whose it is, and what its inputs mean at the first."""

from __future__ import annotations

from dataclasses import replace

from heirloom.catalog import Batch
from heirloom.catalog.protocol import View
from heirloom.engine.busy import plan_of
from heirloom.engine.firing import partitions_of, wanted_by
from heirloom.engine.items import version_of
from heirloom.engine.resolve import Resolver
from heirloom.engine.slots import Slot
from heirloom.engine.unended import ended, left_below
from heirloom.records.clock import now
from heirloom.records.executions import Execution

__all__ = ["first_slots", "next_attempt"]


def first_slots(view: View, queued: Execution, resolver: Resolver) -> dict[str, Slot]:
    """What the inputs of an execution that never began mean now, by its plan and what fired.

    Raises:
        Unmet: A query finds nothing.
        HeirloomError: One cannot be asked: a key is none of the artifact's, a value none of it.
    """
    fired = [version_of(view, ref) for ref in queued.triggered_by]
    wanted = wanted_by(resolver, plan_of(view, queued), fired)
    return resolver.settle(view, wanted, partitions_of(fired))


def next_attempt(view: View, present: Execution, claimant: str, resolver: Resolver) -> Batch:
    """The execution as it runs under a claimant, and the end of what the attempt before left.

    Inputs are asked for once, by the first attempt; all later ones have these.

    Raises:
        HeirloomError: As of `first_slots`.
    """
    inputs, reads, left = present.inputs, present.reads, []
    if present.attempt:
        left = left_below(view, present)
    else:
        slots = first_slots(view, present, resolver)
        inputs = {name: slot.bound for name, slot in slots.items()}
        reads = tuple(read for name, slot in slots.items() for read in slot.reads(name))
    taken = replace(
        present,
        state="running",
        attempt=present.attempt + 1,
        claimant=claimant,
        inputs=inputs,
        reads=reads,
        outputs={},
        error=None,
        started_at=now(),
        ended_at=None,
        not_before=None,
    )
    return Batch(executions=[*(ended(each, "its process died") for each in left), taken])
