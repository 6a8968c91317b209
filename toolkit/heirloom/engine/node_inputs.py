"""What a workflow's node is given: constants, and what the nodes before it gave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heirloom.declare.graph import Node
from heirloom.declare.promise import Promise, filled, promises_in
from heirloom.engine.collection import has_members
from heirloom.engine.resolve import Wanted
from heirloom.engine.slots import Slot
from heirloom.records.payloads import ABSENT, Payload

if TYPE_CHECKING:
    from heirloom.engine.runner import Runner

__all__ = ["Done", "given_by", "node_inputs"]

Done = dict[tuple[str, str], Slot]
"""What ran, by the id of its node and the name of its output."""


def node_inputs(runner: Runner, node: Node, done: Done) -> Wanted:
    """The inputs of a node whose every predecessor is done."""
    given = {name: given_by(runner, value, done) for name, value in node.inputs.items()}
    return runner.resolver.wanted(node.target.interface, given, defaults=node.target.defaults)


def given_by(runner: Runner, value: Any, done: Done) -> Any:
    """What stands for an input or output: a promise's slot, a constant, or a filled container."""
    if isinstance(value, Promise):
        return done[value.node, value.output]
    promised = [done[each.node, each.output] for each in promises_in(value)]
    if not promised:
        return value
    stored = any(slot.payload.digest and not slot.payload.inline for slot in promised)
    if stored and has_members(value):
        slot = _collected(runner, value, done, promised)
    else:
        slot = runner.resolver.slot_of(_filled(runner, value, done))
    items = {item: payload for inner in promised for item, payload in inner.items.items()}
    return replace(slot, within=items)


def _collected(runner: Runner, value: Any, done: Done, promised: list[Slot]) -> Slot:
    """A container of what is in the store already, which is neither loaded nor put again."""

    def kept(member: Any) -> Payload:
        given = given_by(runner, member, done)
        slot = given if isinstance(given, Slot) else runner.resolver.slot_of(given)
        return slot.payload

    alive = all(slot.alive is not ABSENT for slot in promised)
    payload = runner.payloads.collect(value, kept)
    return Slot(payload, payload, _filled(runner, value, done) if alive else ABSENT)


def _filled(runner: Runner, value: Any, done: Done) -> Any:
    return filled(value, lambda each: done[each.node, each.output].take(runner.payloads))
