"""Holding what is queued, and letting it start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.engine.found import found_execution
from heirloom.errors import InputError
from heirloom.records.executions import Execution

__all__ = ["Holding"]


@dataclass(slots=True)
class Holding:
    """What a person says of queued executions of one catalog before they start."""

    catalog: Catalog

    def hold(self, execution_id: str, by: str) -> Execution:
        """Keep a queued execution from starting, until somebody lets it.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It has begun, or ended.
        """
        return self._changed(execution_id, lambda found: replace(found, held_by=by))

    def start(self, execution_id: str) -> Execution:
        """Let a queued execution start now, held or counted down as it is.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It has begun, or ended.
        """
        return self._changed(
            execution_id, lambda found: replace(found, held_by=None, not_before=None)
        )

    def _changed(self, execution_id: str, change: Callable[[Execution], Execution]) -> Execution:
        found = found_execution(self.catalog.view(), execution_id)
        became = found

        def prepare(view: View) -> Batch:
            nonlocal became
            became = view.execution(found.id) or found
            if became.state != "queued":
                return Batch()
            became = change(became)
            return Batch(executions=[became])

        self.catalog.commit(prepare)
        if became.state != "queued":
            begun = "is running; hl.cancel ends it" if became.state == "running" else "has ended"
            msg = f"{became.kind} {became.name!r} {became.id} {begun}: only what is queued waits."
            raise InputError(msg)
        return became
