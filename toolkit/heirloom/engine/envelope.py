"""A workflow's run: a start, its nodes, and an end with its own outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heirloom.catalog import Batch
from heirloom.catalog.protocol import View
from heirloom.declare.graph import Graph, Node, results_of
from heirloom.declare.promise import Promise
from heirloom.declare.specs import OutputSpec
from heirloom.declare.task import Task
from heirloom.declare.workflow import Workflow
from heirloom.engine.cache import check_cached
from heirloom.engine.crew import run_all
from heirloom.engine.emission import Emission, emission_of
from heirloom.engine.frame import Frame, Place
from heirloom.engine.items import each_of, member_name, members_of
from heirloom.engine.leaf import Outcome, output_slot
from heirloom.engine.node_inputs import Done, given_by, node_inputs
from heirloom.engine.progress import tell
from heirloom.engine.resolve import Wanted
from heirloom.engine.slots import Slot
from heirloom.engine.taking import check_taken
from heirloom.errors import DeclarationError
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.engine.runner import Runner

__all__ = ["begin", "run_workflow"]


def begin(
    runner: Runner,
    target: Any,
    kind: str,
    wanted: Wanted,
    place: Place,
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

    Raises:
        Unmet: A query finds nothing; nothing is recorded.
        InputError: An input is of another type; nothing is recorded.
    """
    slots: dict[str, Slot] = {}
    if place.fenced and not place.path:
        check_taken(target, wanted.slots, runner.payloads)
        return runner.recorder.started(target, kind, wanted.slots, place), wanted.slots
    if not place.path:
        place = replace(place, claimant=runner.claimant())

    def prepare(view: View) -> Batch:
        slots.clear()
        slots.update(runner.resolver.settle(view, wanted))
        check_taken(target, slots, runner.payloads)
        started = runner.recorder.started(target, kind, slots, place)
        return Batch(executions=[started], codes=dict(codes), fence=place.fence)

    codes = runner.recorder.untold.of(target)
    committed = runner.recorder.catalog.commit(prepare, durable=False)
    runner.recorder.untold.told(codes)
    return committed.executions[0], slots


def run_workflow(
    runner: Runner,
    workflow: Workflow,
    wanted: Wanted,
    place: Place,
) -> Outcome:
    """Run a workflow's nodes, each when its inputs are there.

    Leaves that succeeded stay when a sibling fails.

    Raises:
        Unmet: A query finds nothing; nothing is recorded.
        InputError: An input is of another type; nothing is recorded.
        NotPortable: A call is to be cached that cannot be; nothing is recorded.
        Exception: A node's own; the envelope is recorded as failed.
    """
    check_cached(workflow)
    started, slots = begin(runner, workflow, "workflow", wanted, place)
    place = place.below_record()
    frame = Frame(place)
    frame.inputs = {name: slot.version for name, slot in slots.items() if slot.version}
    try:
        with runner.payloads.desk():
            try:
                with frame.active():  # what a @dynamic body pulls is read by this run
                    graph = workflow.graph_of(lambda: _values(runner, workflow, slots))
            finally:
                started = replace(started, reads=(*started.reads, *frame.reads))
            done = _nodes(runner, graph, slots, frame)
            outputs = _outputs(runner, workflow, graph, done)
        execution, versions = _end(runner, started, place, outputs, slots)
    except BaseException as error:
        runner.recorder.failed(started, place, error)
        raise
    found = {version.output: version for version in versions}
    numbered = {version.ref: version.payload for version in versions}
    kept = {}
    for spec, slot in outputs:
        name, version = spec.name, found.get(spec.name)
        members = members_of(execution, name, lambda item: numbered[item.id])
        if isinstance(slot.bound, Item) and version is None:
            kept[name] = replace(slot, bound=slot.payload, within=members) if members else slot
        else:
            kept[name] = output_slot(execution, name, slot.alive, version, members)
    return Outcome(execution, kept, versions=versions)


def _values(runner: Runner, workflow: Workflow, slots: Mapping[str, Slot]) -> dict[str, Any]:
    """The inputs for a body that sees them; what it passes on is known as what it is."""
    values = {}
    for name, slot in slots.items():
        spec, value = workflow.interface.inputs[name], slot.take(runner.payloads)
        values[name] = value = spec.conformed(value, workflow.name)
        runner.resolver.know(value, slot)
    return values


def _nodes(runner: Runner, graph: Graph, slots: Mapping[str, Slot], frame: Frame) -> Done:
    done = {("", name): slot for name, slot in slots.items()}
    nodes = {node.id: node for node in graph.nodes}
    check_cached(*(node.target for node in graph.nodes))
    places = {node.id: frame.child(node.target.name) for node in graph.nodes}
    for id, node in nodes.items():
        if isinstance(node.target, Task):
            tell(places[id], node.target.name, "queued")
    if frame.place.again:
        _check_replay(runner, graph, {places[id].path: node for id, node in nodes.items()}, frame)

    def run(id: str) -> None:
        node = nodes[id]
        outcome = runner.execute(node.target, node_inputs(runner, node, done), places[id])
        for name, slot in outcome.slots.items():
            done[id, name] = slot

    run_all(frame.place.root_id, graph.after, run, runner.bodies.width)
    return done


def _check_replay(runner: Runner, graph: Graph, nodes: Mapping[str, Node], frame: Frame) -> None:
    """Hold the calls of this attempt against those that an earlier one committed.

    Raises:
        DeclarationError: They are others; what was committed is not committed beside itself.
    """
    view, place = runner.recorder.catalog.view(), frame.place
    for earlier in view.executions(root=place.root_id, state="succeeded"):
        above, _, call = earlier.path.rpartition("/")
        if above != place.path or not call:
            continue
        node = nodes.get(earlier.path)
        if node is None or node.target.closure.digest != earlier.code_version:
            msg = (
                f"{graph.owner!r} took another way in attempt {place.attempt}: the call {call!r} "
                "that an earlier attempt committed is not made now. hl.rerun begins anew."
            )
            raise DeclarationError(msg)


def _outputs(
    runner: Runner, workflow: Workflow, graph: Graph, done: Done
) -> list[tuple[OutputSpec, Slot]]:
    if graph.result is None and workflow.interface.unpromised:
        return []
    results = results_of(workflow.interface, graph)
    return [(spec, _result(runner, value, done)) for spec, value in results]


def _result(runner: Runner, value: Any, done: Done) -> Slot:
    given = given_by(runner, value, done)
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
        nothing = slot.payload.type_name == "None"
        if nothing and spec.emits is not None:
            spec.absent(started.name)
        if nothing or spec.emits is None:
            values[spec.name] = slot.bound
        else:
            payload = slot.payload
            if payload.format == "alive":
                payload = runner.payloads.save(slot.alive)  # says why there is no format for it
            emissions[spec.name] = emission_of(spec.emits, spec.name, payload, None, inputs)
        if spec.members is not None:
            for at, payload in enumerate(_members(runner, slot)):
                if payload.type_name == "None":
                    spec.absent(started.name)
                    continue
                name = member_name(spec.name, at)
                emissions[name] = emission_of(spec.members, name, payload, None, inputs)
        if spec.name in emissions or spec.members or isinstance(slot.bound, Payload):
            reads += [Read(item.id, "", item.how) for item in slot.items]
    ended = replace(started, reads=tuple(dict.fromkeys(reads)))
    return runner.recorder.record(ended, place, emissions, values)


def _members(runner: Runner, slot: Slot) -> list[Payload]:
    """What each member of an output is kept as, in the order of their places."""
    if slot.payload.type_name == "None":
        return []
    kept = runner.payloads.members(slot.payload)  # in the store already: none of them is loaded
    if kept is not None:
        return kept
    return [runner.payloads.save(each) for each in each_of(slot.take(runner.payloads))]
