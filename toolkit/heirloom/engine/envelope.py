"""A workflow's run: a start, its nodes, and an end with its own outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heirloom.catalog import Batch, View
from heirloom.declare.graph import Graph, Node, Promise, promises_in
from heirloom.declare.interface import OutputSpec
from heirloom.declare.workflow import Workflow
from heirloom.engine.emission import Emission, emission_of
from heirloom.engine.frame import Frame, Place
from heirloom.engine.leaf import Outcome, output_slot
from heirloom.engine.resolve import Wanted
from heirloom.engine.slots import Slot
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.engine.runner import Runner

__all__ = ["begin", "run_workflow"]

_Done = dict[tuple[str, str], Slot]


def begin(
    runner: Runner,
    target: Any,
    kind: str,
    wanted: Wanted,
    place: Place,
    firing: Mapping[str, str],
    check: Callable[[Mapping[str, Slot]], None] = lambda _: None,
) -> tuple[Execution, dict[str, Slot]]:
    """Record an envelope's start with its inputs, resolved in that transaction.

    A claimed execution is recorded as started already, with its inputs. The start is not synced:
    whatever is recorded below it is, and stands behind it.

    Args:
        runner: What runs it.
        target: The workflow or notebook.
        kind: ``workflow`` or ``notebook``.
        wanted: Its inputs.
        place: Where it stands in its run.
        firing: Partitions of the version that fired.
        check: Refuses inputs before anything is recorded.

    Raises:
        Unmet: A query finds nothing; nothing is recorded.
        InputError: `check` refused; nothing is recorded.
    """
    slots: dict[str, Slot] = {}
    if place.fenced and not place.path:
        check(wanted.slots)
        return runner.recorder.started(target, kind, wanted.slots, place), wanted.slots
    if not place.path:
        place = replace(place, claimant=runner.claimant())

    def prepare(view: View) -> Batch:
        slots.clear()
        slots.update(runner.resolver.settle(view, wanted, firing))
        check(slots)
        started = runner.recorder.started(target, kind, slots, place)
        batch = Batch(executions=[started], fence=place.fence)
        if (code := runner.recorder.code_of(target)) is not None:
            batch.codes[started.code_version] = code
        return batch

    committed = runner.recorder.catalog.commit(prepare, durable=False)
    runner.recorder.told(committed.executions[0])
    return committed.executions[0], slots


def run_workflow(
    runner: Runner,
    workflow: Workflow,
    wanted: Wanted,
    place: Place,
    firing: Mapping[str, str],
) -> Outcome:
    """Run a workflow's nodes in order; leaves that succeeded stay when a sibling fails.

    Raises:
        Unmet: A query finds nothing; nothing is recorded.
        InputError: An input is of another type; nothing is recorded.
        Exception: A node's own; the envelope is recorded as failed.
    """

    def check(slots: Mapping[str, Slot]) -> None:
        plain = runner.resolver.plain(slots)
        for name, value in plain.items():
            workflow.interface.inputs[name].check(value, workflow.name)

    started, slots = begin(runner, workflow, "workflow", wanted, place, firing, check)
    try:
        done = _nodes(runner, workflow.graph, slots, Frame(place))
        outputs = _outputs(runner, workflow, done)
        execution, versions = _end(runner, started, place, outputs, slots)
    except BaseException as error:
        runner.recorder.failed(started, place, error)
        raise
    found = {version.output: version for version in versions}
    kept = {
        spec.name: slot
        if isinstance(slot.bound, Item) and spec.name not in found
        else output_slot(execution, spec.name, slot.alive, found.get(spec.name))
        for spec, slot in outputs
    }
    return Outcome(execution, kept, versions=versions)


def _nodes(runner: Runner, graph: Graph, slots: Mapping[str, Slot], frame: Frame) -> _Done:
    done = {("", name): slot for name, slot in slots.items()}
    for node in graph.nodes:
        outcome = runner.execute(
            node.target, _node_inputs(runner, node, done), frame.child(node.target.name)
        )
        done |= {(node.id, name): slot for name, slot in outcome.slots.items()}
    return done


def _node_inputs(runner: Runner, node: Node, done: _Done) -> Wanted:
    given = {name: _given(runner, value, done) for name, value in node.inputs.items()}
    return runner.resolver.wanted(node.target.interface, given, defaults=node.target.defaults)


def _given(runner: Runner, value: Any, done: _Done) -> Any:
    """What stands for an input or output: a promise's slot, a constant, or a filled container."""
    if isinstance(value, Promise):
        return done[value.node, value.output]
    promised = [done[each.node, each.output] for each in promises_in(value)]
    if not promised:
        return value
    slot = runner.resolver.slot_of(_filled(runner, value, done))
    items = [item for inner in promised for item in inner.items]
    return replace(slot, within=tuple(dict.fromkeys(items)))


def _filled(runner: Runner, value: Any, done: _Done) -> Any:
    """`value` with the promises inside it kept; containers stay what they are."""
    if isinstance(value, Promise):
        return done[value.node, value.output].take(runner.payloads)
    if isinstance(value, Mapping):
        return {key: _filled(runner, item, done) for key, item in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(_filled(runner, item, done) for item in value)
    return value


def _outputs(runner: Runner, workflow: Workflow, done: _Done) -> list[tuple[OutputSpec, Slot]]:
    slots = [_result(runner, value, done) for value in workflow.results]
    return list(zip(workflow.interface.outputs, slots, strict=True))


def _result(runner: Runner, value: Any, done: _Done) -> Slot:
    given = _given(runner, value, done)
    slot = given if isinstance(given, Slot) else runner.resolver.slot_of(given)
    if isinstance(value, Promise) and not value.node:  # an input is not made here: a value of it
        return replace(slot, bound=slot.payload, within=slot.items)
    return slot


def _end(
    runner: Runner,
    started: Execution,
    place: Place,
    outputs: list[tuple[OutputSpec, Slot]],
    slots: Mapping[str, Slot],
) -> tuple[Execution, tuple[ArtifactVersion, ...]]:
    """Record the envelope's end; a workflow-level artifact is read from the inner value."""
    emissions: dict[str, Emission] = {}
    values: dict[str, Item | Payload] = {}
    reads = list(started.reads)
    inputs = runner.resolver.plain(slots)
    for spec, slot in outputs:
        if spec.emits is None or slot.payload.type_name == "None":
            values[spec.name] = slot.bound
        else:
            payload = slot.payload
            if payload.format == "alive":
                payload = runner.payloads.save(slot.alive)  # says why there is no format for it
            emissions[spec.name] = emission_of(spec.emits, spec.name, payload, None, inputs)
        if spec.name in emissions or isinstance(slot.bound, Payload):
            reads += [Read(item.id, "", item.how) for item in slot.items]
    ended = replace(started, reads=tuple(dict.fromkeys(reads)))
    return runner.recorder.record(ended, place, emissions, values)
