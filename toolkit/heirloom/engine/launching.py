"""Running by hand, and settling: running here what is queued."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from heirloom.engine.claims import Claims
from heirloom.engine.frame import Place, by_person, current_frame, enter
from heirloom.engine.lives import Lives
from heirloom.engine.looks import Edges, Looks
from heirloom.engine.payloads import Payloads
from heirloom.engine.runner import Runner
from heirloom.engine.targets import Targets
from heirloom.errors import DeclarationError, InputError, TaskFailed
from heirloom.records.executions import Execution, Item
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Launching", "Settled", "hydrated"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What ended while it settled, in that order, and what is still open with the reason."""

    done: tuple[Execution, ...]
    still: tuple[tuple[Execution, str], ...]

    def __repr__(self) -> str:
        bad = sum(execution.state != "succeeded" for execution in self.done)
        failed = f" ({bad} not well)" if bad else ""
        return f"<settled: {len(self.done)} done{failed}, {len(self.still)} still open>"


@dataclass(slots=True)
class Launching:
    """How a session runs targets."""

    runner: Runner
    targets: Targets
    looks: Looks

    def run(
        self, target: Any, inputs: Mapping[str, Any] | None, named: Mapping[str, Any], check: bool
    ) -> Execution:
        """Run a target and return its execution.

        Raises:
            InputError: An input is missing, unknown or of another type; nothing is recorded.
            TaskFailed: A body raised and `check` is true; the execution is recorded.
        """
        found = self.targets.find(target)
        given = self._given(found.target.interface, inputs or {}, named)
        frame = current_frame()
        place = frame.child(found.target.name) if frame else Place.root()
        if found.plan is not None:
            place = replace(place, plan=found.plan.name, plan_version=found.plan.version)
        wanted = self.runner.resolver.wanted(
            found.target.interface, given, defaults=found.defaults, fixed=found.fixed
        )
        try:
            execution = self.runner.execute(found.target, wanted, place).execution
        except Exception as error:
            ended = self.runner.recorder.catalog.view().execution(place.execution_id)
            if ended is None:
                raise
            failed = self.shown(ended)
            if not check:
                return failed
            if isinstance(error, TaskFailed):
                error.execution = failed
                raise
            msg = f"{failed.kind} {failed.name!r} failed: {type(error).__name__}: {error}"
            raise TaskFailed(msg, execution=failed) from error
        return self.shown(execution)

    def shown(self, execution: Execution) -> Execution:
        """The execution for people."""
        return hydrated(self.looks, self.runner.payloads, execution)

    def _given(
        self, interface: Any, inputs: Mapping[str, Any], named: Mapping[str, Any]
    ) -> dict[str, Any]:
        twice = set(inputs) & set(named)
        if twice:
            msg = f"Input {min(twice)!r} is given twice."
            raise InputError(msg, name=min(twice))
        given: dict[str, Any] = interface.bind((), {**inputs, **named})
        return given

    def settle(
        self, lives: Lives, claims_of: Callable[[str], Claims], timeout: float | None
    ) -> Settled:
        """Run here what may start, and wait for what others run, until nothing moves."""
        if not by_person():
            msg = "hl.settle() inside a task or a triggered body would wait for itself."
            raise DeclarationError(msg)
        before = enter(None)  # what runs here is nobody's child
        life = lives.begin("settle")
        try:
            return _settled(claims_of(life.name), self.runner.claimant(), timeout)
        finally:
            life.end()
            enter(before)


def _settled(claims: Claims, own: str, timeout: float | None) -> Settled:
    """Settle; what this very session runs by hand meanwhile, in `own` name, is not waited for."""
    catalog = claims.catalog
    deadline = None if timeout is None else time.monotonic() + timeout
    done: dict[str, Execution] = {}
    held: set[str] = set()
    while deadline is None or time.monotonic() < deadline:
        position = catalog.position()
        if (ran := claims.run_next()) is not None:
            done[ran.id] = ran
            continue
        running = catalog.view().executions(state="running")
        others = {e.id for e in running if e.claimant and e.claimant != own}
        for execution_id in held - others:
            found = catalog.view().execution(execution_id)
            if found is not None and found.is_final:
                done[execution_id] = found
        held |= others
        if not others and catalog.position() == position:
            break  # else something was freed, or begun, since nothing could be claimed
        catalog.wait(position, 0.1)
    ended = sorted(done.values(), key=lambda execution: execution.ended_at or execution.started_at)
    return Settled(tuple(ended), tuple(_still(claims)))


def _still(claims: Claims) -> list[tuple[Execution, str]]:
    view = claims.catalog.view()
    running = [e for e in view.executions(state="running") if e.claimant]
    busy = Counter((e.project, e.plan) for e in running)
    still = [(e, "is running") for e in running]
    for execution in view.executions(state="queued"):
        still.append((execution, claims.waits_for(view, execution, busy) or "is queued"))
    return still


def hydrated(looks: Looks, payloads: Payloads, execution: Execution) -> Execution:
    """An execution whose inputs and outputs are versions and plain values, for people."""
    edges = Edges(looks.catalog.view())

    def shown(name: str, bound: Any) -> Any:
        if isinstance(bound, Payload):
            bound = Value(execution_id=execution.id, output=name, payload=bound)
        item = edges.record(bound.id) if isinstance(bound, Item) else bound
        if isinstance(item, ArtifactVersion):
            return looks.shown(item)
        return payloads.load(item.payload) if item and item.payload.inline else item

    return replace(
        execution,
        inputs={name: shown(name, bound) for name, bound in execution.inputs.items()},
        outputs={name: shown(name, bound) for name, bound in execution.outputs.items()},
    )
