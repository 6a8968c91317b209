"""A workflow's run: a start, its nodes, and an end with its own outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heirloom.catalog import Batch, View
from heirloom.declare.interface import OutputSpec
from heirloom.declare.workflow import Graph, Node, Promise, Workflow
from heirloom.engine.emission import Emission, emission_of
from heirloom.engine.frame import Frame, Place
from heirloom.engine.leaf import Outcome
from heirloom.engine.resolve import Wanted
from heirloom.engine.slots import Slot
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.versions import ArtifactVersion, Payload

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
) -> tuple[Execution, dict[str, Slot]]:
    """Record an envelope's start with its inputs, resolved in that transaction.

    A claimed execution is recorded as started already, with its inputs.

    Raises:
        Unmet: A query finds nothing; nothing is recorded.
    """
    slots: dict[str, Slot] = {}
    if place.fenced and not place.path:
        return runner.recorder.started(target, kind, wanted.slots, place), wanted.slots

    def prepare(view: View) -> Batch:
        slots.clear()
        slots.update(runner.resolver.settle(view, wanted, firing))
        started = runner.recorder.started(target, kind, slots, place)
        codes = {started.code_version: target.closure.to_doc()}
        return Batch(executions=[started], codes=codes, fence=place.fence)

    committed = runner.recorder.catalog.commit(prepare)
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
        Exception: A node's own; the envelope is recorded as failed.
    """
    started, slots = begin(runner, workflow, "workflow", wanted, place, firing)
    try:
        done = _nodes(runner, workflow.graph, slots, Frame(place))
        outputs = _outputs(runner, workflow, done)
        execution, versions = _end(runner, started, place, outputs, slots)
    except BaseException as error:
        runner.recorder.failed(started, place, error)
        raise
    kept = {spec.name: slot for spec, slot in outputs}
    for version in versions:
        alive = kept[version.output].alive
        kept[version.output] = Slot(Item(version.ref), version.payload, alive, version)
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
    given = {
        name: done[value.node, value.output]
        if isinstance(value, Promise)
        else _filled(runner, value, done)
        for name, value in node.inputs.items()
    }
    return runner.resolver.wanted(node.target.interface, given, defaults=node.target.defaults)


def _filled(runner: Runner, value: Any, done: _Done) -> Any:
    """`value` with the promises inside it kept; containers stay what they are."""
    if isinstance(value, Promise):
        return done[value.node, value.output].take(runner.payloads)
    if isinstance(value, Mapping):
        return {key: _filled(runner, item, done) for key, item in value.items()}
    if isinstance(value, list | tuple | set) and type(value) in (list, tuple, set):
        return type(value)(_filled(runner, item, done) for item in value)
    return value


def _outputs(runner: Runner, workflow: Workflow, done: _Done) -> list[tuple[OutputSpec, Slot]]:
    result = workflow.graph.result
    specs = workflow.interface.outputs
    if not specs:
        specs = () if result is None else (OutputSpec("o0", Any),)
    values = tuple(result) if workflow.interface.packed else (result,)[: len(specs)]
    return [
        (
            spec,
            done[value.node, value.output]
            if isinstance(value, Promise)
            else runner.resolver.slot_of(_filled(runner, value, done)),
        )
        for spec, value in zip(specs, values, strict=True)
    ]


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
    reads: list[Read] = []
    for spec, slot in outputs:
        if spec.emits is None:
            values[spec.name] = slot.bound
            continue
        inputs = runner.resolver.plain(slots)
        emissions[spec.name] = emission_of(spec.emits, spec.name, slot.payload, None, inputs)
        if isinstance(slot.bound, Item):
            reads.append(Read(slot.bound.id, "", "declared"))
    ended = replace(started, reads=tuple(reads))
    return runner.recorder.record(ended, place, emissions, values)
