"""Executions that nobody will end any more, because the process that ran them has ended."""

from __future__ import annotations

from dataclasses import replace

from heirloom.catalog.protocol import View
from heirloom.engine.lives import Lives
from heirloom.records.clock import now
from heirloom.records.executions import Execution

__all__ = ["ended", "is_left", "left_below"]


def is_left(execution: Execution, lives: Lives) -> bool:
    """Whether it is running by its record, and who ran it is dead."""
    claimant = execution.claimant if execution.state == "running" else None
    return bool(claimant) and not lives.alive(claimant or "")


def left_below(view: View, root: Execution) -> list[Execution]:
    """The envelopes inside a run whose process has ended."""
    return [e for e in view.executions(root=root.id, state="running") if e.id != root.id]


def ended(execution: Execution, reason: str, state: str = "dead") -> Execution:
    """The execution at its end, with the reason."""
    return replace(execution, state=state, error=reason, ended_at=now())
