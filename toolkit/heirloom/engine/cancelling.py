"""Ending what is queued or running."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, replace

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.engine.found import found_execution
from heirloom.engine.halting import halt_run
from heirloom.engine.lives import Lives
from heirloom.errors import Fenced, InputError
from heirloom.records.clock import now
from heirloom.records.executions import Execution

__all__ = ["Cancelling"]


@dataclass(slots=True)
class Cancelling:
    """Cancels executions of one catalog."""

    catalog: Catalog
    lives: Lives

    def cancel(self, execution_id: str, by: str) -> Execution:
        """End the run that an execution belongs to.

        From then on nothing of it is recorded. What waits for an executor in this process, and
        what a reactor's worker runs, is interrupted; a body that is under way elsewhere runs on
        to its end in vain.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It has ended already.
        """
        found = found_execution(self.catalog.view(), execution_id)
        cancelled: list[Execution] = []

        def prepare(view: View) -> Batch:
            root = view.execution(found.root_id)
            if root is None or root.is_final:
                cancelled.clear()
                return Batch()
            open_ = [e for e in view.executions(root=root.id) if not e.is_final]
            every = {each.id: each for each in (*open_, root)}.values()
            cancelled[:] = [_cancelled(each, by) for each in every]
            return Batch(executions=list(cancelled))

        self.catalog.commit(prepare)
        root = next((each for each in cancelled if each.id == found.root_id), None)
        if root is None:
            msg = f"{found!r} has ended; there is nothing to cancel."
            raise InputError(msg)
        self._interrupt(root)
        return root

    def _interrupt(self, root: Execution) -> None:
        msg = f"{root.kind} {root.name!r} was {root.error}."
        halt_run(root.id, Fenced(msg, execution_id=root.id, attempt=root.attempt))
        claimant = root.claimant or ""
        if not claimant.startswith("worker-"):
            return
        # The pid of one that is dead, or lives on another host, may be anybody's here.
        living = self.lives.holder(claimant)
        if living is not None and living.is_here:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(living.pid, signal.SIGUSR1)


def _cancelled(execution: Execution, by: str) -> Execution:
    return replace(execution, state="cancelled", error=f"cancelled by {by}", ended_at=now())
