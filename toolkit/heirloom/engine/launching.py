"""Running by hand, and settling: running here what is queued."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from heirloom.declare.launch import LaunchPlan
from heirloom.engine.bodies import bodies_of
from heirloom.engine.busy import Busy
from heirloom.engine.claims import Claims
from heirloom.engine.executed import executed
from heirloom.engine.found import found_execution
from heirloom.engine.frame import Place, by_person, enter
from heirloom.engine.lives import Lives
from heirloom.engine.looks import Looks
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.engine.query_lock import QueryLock, begun_by, is_begun_by
from heirloom.engine.resolve import Wanted
from heirloom.engine.runner import Runner
from heirloom.engine.shown import Execution, shown
from heirloom.engine.targets import Named, Targets
from heirloom.errors import DeclarationError, InputError, TaskFailed
from heirloom.records import executions
from heirloom.records.ledger import LedgerRow

__all__ = ["Launching", "Settled"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What ended while it settled, in that order, and what is still open with the reason.

    Attributes:
        still: Executions, and events that wait for a join, a time or an approval.
    """

    done: tuple[Execution, ...]
    still: tuple[tuple[Execution | LedgerRow, str], ...]

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
        self,
        target: Any,
        inputs: Mapping[str, Any] | None,
        named: Mapping[str, Any],
        check: bool,
        locked: bool = False,
        begun: Callable[[str], None] | None = None,
    ) -> Execution:
        """Run a target and return its execution.

        Args:
            target: As of ``hl.run``.
            inputs: The same.
            named: More inputs.
            check: Raise where the body raised.
            locked: Of a notebook: by its lock.
            begun: Told the execution's id before it runs; an envelope is recorded from its start,
                a task alone at its end.

        Raises:
            InputError: An input is missing, unknown or of another type; nothing is recorded.
            NotFound: It is to run by its lock, and there is none, or the catalog is another.
            TaskFailed: A body raised and `check` is true; the execution is recorded.
        """
        found = self.targets.find(target)
        defaults = {**found.defaults, **self._locked(found.target)} if locked else found.defaults
        given = found.target.interface.bind((), self.named(inputs, named))
        wanted = self.runner.resolver.wanted(
            found.target.interface, given, defaults=defaults, fixed=found.fixed
        )
        place = self.runner.place_of(found.target.name, wanted)
        if found.plan is not None:
            place = replace(place, plan=found.plan.name, plan_version=found.plan.version)
        unlocked = self._unlocked(target, found, given)
        if begun is not None:
            begun(place.execution_id)
        ran = self.launched(found.target, wanted, place, check)
        if unlocked is not None and ran.state == "succeeded":
            begun_by(unlocked, executed(self.runner.payloads, ran))
        return ran

    def _unlocked(
        self, target: Any, found: Named, given: Mapping[str, Any]
    ) -> NotebookWorkflow | None:
        """The notebook whose lock this run begins, if a person runs it, and by no plan."""
        notebook, planned = found.target, found.plan or isinstance(target, LaunchPlan)
        if planned or not isinstance(notebook, NotebookWorkflow) or not by_person():
            return None
        return notebook if is_begun_by(notebook, given) else None

    def _locked(self, target: Any) -> dict[str, Any]:
        if not isinstance(target, NotebookWorkflow):
            msg = f"locked=True runs a notebook by the lock beside it; got a {target.kind}."
            raise InputError(msg, name="locked", given=target.kind)
        view, resolver = self.runner.recorder.catalog.view(), self.runner.resolver
        return QueryLock.beside(target).defaults(target, view, resolver)

    def on(self, executor: Any) -> Launching:
        """The same, the bodies of tasks on `executor`; `None` for where they run anyway."""
        if executor is None:
            return self
        return replace(self, runner=replace(self.runner, bodies=bodies_of(executor)))

    def ended(self, execution_id: str, check: bool) -> Execution:
        """What has ended, for people.

        Raises:
            TaskFailed: It ended badly and `check` is true.
        """
        found = found_execution(self.runner.recorder.catalog.view(), execution_id)
        shown = self.shown(found)
        if check and found.state != "succeeded":
            raise _failed(shown, (found.error or found.state).strip().splitlines()[-1])
        return shown

    def launched(self, target: Any, wanted: Wanted, place: Place, check: bool) -> Execution:
        """Run a target at a place of its own and return its execution.

        Raises:
            TaskFailed: A body raised and `check` is true; the execution is recorded.
        """
        try:
            outcome = self.runner.execute(target, wanted, place)
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
            raise _failed(failed, _line(error)) from error
        self.runner.gave(outcome)
        return self.shown(outcome.execution)

    def shown(self, recorded: executions.Execution) -> Execution:
        """The execution for people."""
        return shown(self.looks, self.runner.payloads, recorded)

    def _waiting(self) -> list[tuple[LedgerRow, str]]:
        rows = self.runner.recorder.catalog.view().ledger(state="waiting")[::-1]
        return [(row, f"waits ({row.waits}): {row.reason}") for row in rows]

    def named(self, inputs: Any, named: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs from a mapping, or `None`, and from keywords.

        Raises:
            InputError: One is in both, or it is no mapping.
        """
        inputs = {} if inputs is None else inputs
        if not isinstance(inputs, Mapping):
            msg = (
                "Inputs are given by name, x=…, or as one mapping of names to values; "
                f"got {type(inputs).__name__}."
            )
            raise InputError(msg)
        twice = set(inputs) & set(named)
        if twice:
            msg = f"Input {min(twice)!r} is given twice."
            raise InputError(msg, name=min(twice))
        return {**inputs, **named}

    def settle(
        self, lives: Lives, claims_of: Callable[[str], Claims], timeout: float | None
    ) -> Settled:
        """Run here what may start, and wait for what others run, until nothing moves."""
        if not by_person():
            msg = "hl.settle() inside a task or a triggered body would wait for itself."
            raise DeclarationError(msg)
        self.runner.recorder.check()
        before = enter(None)  # what runs here is nobody's child
        life = lives.begin("settle")
        try:
            done, still = _settled(claims_of(life.name), self.runner.claimant(), timeout)
            open_ = [(self.shown(execution), why) for execution, why in still]
            return Settled(tuple(map(self.shown, done)), (*open_, *self._waiting()))
        finally:
            life.end()
            enter(before)


_LONG = 400
"""Characters of an error's message that a line about it has; the execution has it all."""


def _failed(shown: Execution, line: str) -> TaskFailed:
    return TaskFailed(f"{shown.kind} {shown.name!r} failed: {line}", execution=shown)


def _line(error: BaseException) -> str:
    """An error in one line, whatever its message is."""
    try:
        said = str(error).strip()
    except Exception:  # the class is the user's
        said = "(its message raises an error itself)"
    return f"{type(error).__name__}: {said[:_LONG]}{'…' if len(said) > _LONG else ''}"


def _settled(
    claims: Claims, own: str, timeout: float | None
) -> tuple[list[executions.Execution], list[tuple[executions.Execution, str]]]:
    """Settle; what this very session runs by hand meanwhile, in `own` name, is not waited for."""
    catalog = claims.catalog
    deadline = None if timeout is None else time.monotonic() + timeout
    done: dict[str, executions.Execution] = {}
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
    return ended, _still(claims)


def _still(claims: Claims) -> list[tuple[executions.Execution, str]]:
    view = claims.catalog.view()
    running = [e for e in view.executions(state="running") if e.claimant]
    busy = Busy(view, running)
    still = [(e, "is running") for e in running]
    for execution in view.executions(state="queued"):
        wait = claims.waits_for(execution, busy)
        still.append((execution, wait.reason if wait else "is queued"))
    return still
