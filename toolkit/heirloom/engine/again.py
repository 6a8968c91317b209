"""What has run, run again: its next attempt, or a run of its own beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom.catalog import Batch
from heirloom.catalog.protocol import View
from heirloom.declare.artifact import Artifact
from heirloom.declare.cell import reactive
from heirloom.declare.cell_output import CellOutput
from heirloom.declare.closure import CELL, Closure
from heirloom.engine import shown
from heirloom.engine.apart import (
    Told,
    differences,
    given_docs,
    given_from_docs,
    rerun_apart,
)
from heirloom.engine.attempt import Workplace, carried, code_of, recorded_inputs, run_attempt
from heirloom.engine.found import found_execution
from heirloom.engine.frame import Place
from heirloom.engine.items import recorded_slot
from heirloom.engine.launching import Launching
from heirloom.engine.lives import Lives
from heirloom.engine.next_attempt import first_slots, next_attempt
from heirloom.engine.slots import Slot
from heirloom.engine.unended import is_left
from heirloom.errors import (
    DeclarationError,
    HeirloomError,
    InputError,
    NotPortable,
    NotSupported,
)
from heirloom.records.executions import Execution
from heirloom.records.payloads import Payload
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["Again"]

_ENDED_BADLY = frozenset({"failed", "cancelled", "dead"})


@dataclass(slots=True)
class Again:
    """Runs recorded executions anew, from their recorded code.

    Attributes:
        claimant: Gives the name whose lock this process holds.
    """

    launching: Launching
    lives: Lives
    claimant: Callable[[], str]

    # ------------------------------------------------------------------ the next attempt

    def resume(self, execution_id: str, check: bool) -> shown.Execution:
        """Run the next attempt of an execution's root; leaves that were committed stay.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It did not end badly.
            NotPortable: Its code is bound to the kernel that ran it.
            TaskFailed: It fails again, and `check` is true.
        """
        view = self._view
        root = view.execution(self._found(execution_id).root_id)
        assert root is not None, "a run's root is recorded"
        self._check(view, root)
        self.launching.targets.rebuild(code_of(view, root), f"{root.kind} {root.name!r}")
        claimed = self._claimed(root)
        runner = self.launching.runner
        done = run_attempt(claimed, Workplace(runner, self.launching.targets.rebuild))
        return self.launching.ended(done.id, check)

    def _check(self, view: View, root: Execution) -> None:
        if not self._may_resume(root):
            msg = (
                f"{root!r} is {root.state}: only what failed, died or was cancelled is resumed. "
                f"hl.rerun({root.id!r}) runs it anew."
            )
            raise InputError(msg)
        if root.kind in {"publish", "session"} or not code_of(view, root):
            raise _no_code(root)
        if _is_bare(view, code := code_of(view, root)):
            raise _bare(view, root, code)

    def _may_resume(self, root: Execution) -> bool:
        return root.state in _ENDED_BADLY or is_left(root, self.lives)

    def _claimed(self, root: Execution) -> Execution:
        def prepare(view: View) -> Batch:
            present = view.execution(root.id)
            if present is None or not self._may_resume(present):
                return Batch()
            runner = self.launching.runner
            return next_attempt(view, present, self.claimant(), runner.resolver)

        taken = self.launching.runner.recorder.catalog.commit(prepare).executions
        if not taken:
            msg = f"{root!r} is being run by somebody else now."
            raise InputError(msg)
        return taken[-1]

    # ------------------------------------------------------------------ a run of its own

    def apart(self, execution_id: str, inputs: Mapping[str, Any], *, latest: bool) -> Told:
        """`rerun` in a process of its own, and what that tells.

        Raises:
            HeirloomError: As of `rerun`.
        """
        runner = self.launching.runner
        docs = given_docs(runner.resolver, inputs)
        return rerun_apart(runner.settings, execution_id, docs, latest=latest)

    def rerun_of_docs(self, execution_id: str, docs: Mapping[str, Any], *, latest: bool) -> Told:
        """What `apart` asks of the other process."""
        given = given_from_docs(docs, lambda bound: recorded_slot(self._view, bound))
        try:
            run = self.rerun(execution_id, given, latest=latest, check=False)
        except HeirloomError as error:
            return {"error": type(error).__name__, "message": str(error)}
        return {"id": run.id, "differs": self.differs(run)}

    def differs(self, execution: Execution | shown.Execution) -> list[str]:
        """How this environment differs from the one that its code was recorded in, in lines."""
        doc = self._view.code(execution.code_version) or {}
        return differences(doc.get("distributions", {}))

    def rerun(
        self, execution_id: str, inputs: Mapping[str, Any], *, latest: bool, check: bool
    ) -> shown.Execution:
        """Run recorded code with recorded inputs, here, as a new root; no cache is asked.

        Args:
            execution_id: What is run again; of a part of a run, that part alone.
            inputs: What is given instead of what was recorded.
            latest: Ask again for the versions that queries gave.
            check: Raise where the body raises.

        Raises:
            ExecutionNotFound: There is none.
            InputError: An input is unknown or does not fit; nothing is recorded.
            NotPortable: Its code is bound to the kernel that ran it.
            TaskFailed: The body raised; the new execution is recorded.
        """
        execution = self._found(execution_id)
        target = self.target(execution_id)
        given = target.interface.bind((), inputs)
        resolver = self.launching.runner.resolver
        slots = {name: slot for name, slot in given.items() if isinstance(slot, Slot)}
        for name, value in resolver.plain(slots).items():
            target.interface.inputs[name].check(value, target.name)
        kept = self._kept(execution, target)
        asked = _queries(execution, target) if latest else {}
        wanted = resolver.wanted(target.interface, given, defaults={**kept, **asked})
        place = Place.root(
            rerun_of=execution.id, anew=True, carried=carried(execution), partial=execution.partial
        )
        return self.launching.launched(target, wanted, place, check)

    def _kept(self, execution: Execution, target: Any) -> Mapping[str, Any]:
        """The inputs that it had; what never began has those that it would have now."""
        view = self._view
        if execution.attempt:
            return recorded_inputs(view, execution, target)
        return first_slots(view, execution, self.launching.runner.resolver)

    # ------------------------------------------------------------------ both

    def target(self, execution_id: str) -> Any:
        """What an execution ran, from its recorded code.

        Raises:
            ExecutionNotFound: There is none.
            NotSupported: It ran no code of its own.
            NotPortable: Its code is bound to the kernel that ran it.
        """
        execution = self._found(execution_id)
        code = code_of(self._view, execution)
        if not code:
            raise _no_code(execution)
        if _is_bare(self._view, code):
            raise _bare(self._view, execution, code)
        return self.launching.targets.rebuild(code, f"{execution.kind} {execution.name!r}")

    @property
    def _view(self) -> View:
        return self.launching.runner.recorder.catalog.view()

    def _found(self, execution_id: str) -> Execution:
        return found_execution(self._view, execution_id)


def _queries(execution: Execution, target: Any) -> dict[str, Query]:
    """The default queries that gave an execution its inputs, or found nothing to give."""
    hows = {"query", "trigger", *(["declared"] if execution.kind == "cell" else [])}
    asked = {read.input for read in execution.all_reads() if read.how in hows}
    given = execution.inputs.items()
    asked |= {name for name, it in given if isinstance(it, Payload) and it.asked in hows}
    return {name: query for name, query in target.queries.items() if name in asked}


def _is_bare(view: View, code: str) -> bool:
    """Whether it is a cell's code as it stands: of most that emit a task was made."""
    doc = view.code(code)
    return doc is not None and doc["kind"] == "cell"


def _bare(view: View, execution: Execution, code: str) -> HeirloomError:
    """Why what a cell ran cannot run again."""
    doc = view.code(code)
    assert doc is not None
    closure, what = Closure.from_doc(doc), f"cell {execution.name!r}"
    why = "it emits nothing."
    try:
        closure.require_portable(what)
        if closure.name != CELL:
            inputs = {name: Ref(name) for name in execution.inputs}
            body = next(each.source for each in closure.fragments if each.kind == "cell")
            reactive(CellOutput(artifact=Artifact("it")), body, inputs=inputs)
    except NotPortable as bound:
        return bound
    except DeclarationError as cannot:
        why = str(cannot)
    msg = (
        f"{what[:1].upper()}{what[1:]} ({execution.id}) was run by hand and does not run again: "
        f"{why} What it called can: hl.executions(parent={execution.id!r})."
    )
    return NotSupported(msg)


def _no_code(execution: Execution) -> NotSupported:
    msg = (
        f"{execution!r} has no code of its own to run again: only tasks, workflows, notebooks "
        "and cells that emit have."
    )
    return NotSupported(msg)
