"""What became of a triggered execution, as whoever listens is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.records.clock import stamp
from heirloom.records.executions import Execution

__all__ = ["NEWS", "News"]

NEWS = ("started", "succeeded", "failed", "dead", "cancelled")
"""What is told: each attempt that starts, and the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that became of an execution that an event started.

    Attributes:
        state: One of `NEWS`.
        at: When; the clock of the process that recorded it.
        refs: Full refs of the versions that started it.
        attempt: From 1; from 2 on a worker died with it. 0 where no body was begun.
        reason: The last line of what ended it; empty where it went well.
    """

    state: str
    at: datetime
    execution_id: str
    project: str
    plan: str
    plan_version: int
    refs: tuple[str, ...]
    attempt: int
    reason: str = ""

    @classmethod
    def of(cls, execution: Execution) -> News | None:
        """What there is to tell of an execution that was just committed so; perhaps nothing."""
        if not (execution.plan and execution.triggered_by) or execution.state == "queued":
            return None
        lines = (execution.error or "").strip().splitlines()
        return cls(
            state="started" if execution.state == "running" else execution.state,
            at=execution.ended_at or execution.started_at,
            execution_id=execution.id,
            project=execution.project,
            plan=execution.plan,
            plan_version=execution.plan_version or 0,
            refs=execution.triggered_by,
            attempt=execution.attempt,
            reason=lines[-1] if lines else "",
        )

    def to_dict(self) -> dict[str, Any]:
        """It as JSON values."""
        return {
            "at": stamp(self.at),
            "state": self.state,
            "project": self.project,
            "plan": self.plan,
            "plan_version": self.plan_version,
            "refs": list(self.refs),
            "execution": self.execution_id,
            "attempt": self.attempt,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        refs = ", ".join(map(render.within_project, self.refs))
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.plan} ({refs}) {self.state}{reason}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": render.line_html([self])}
