"""What became of each event at each plan that listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.records.clock import stamp, unstamp

__all__ = ["FIRED", "LEDGER_STATES", "OPEN_STATES", "WAITS", "LedgerRow", "row_key"]

OPEN_STATES = ("queued", "waiting", "paused")


LEDGER_STATES = (
    *OPEN_STATES,
    *("filtered", "unchanged", "loop-stopped", "coalesced", "superseded", "skipped", "unmet"),
)
FIRED = ("queued", "waiting", "coalesced")
"""What an event is that has fired, or will with others."""
WAITS = ("join", "debounce", "cooldown", "approval")
"""What a waiting row waits for: other versions, quiet, that the last run is long ago, a word."""


def row_key(project: str, plan: str, plan_version: int, refs: tuple[str, ...]) -> str:
    """The key under which an event's row at a plan version exists once."""
    return f"{project}|{plan}|{plan_version}|{' '.join(sorted(refs))}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LedgerRow:
    """What became of an event (one version, or a joined set) at one plan.

    Attributes:
        refs: Full refs of the versions that fired.
        state: One of `LEDGER_STATES`; what becomes of a queued row is its execution's state.
        due: When a waiting row is looked at again, or `None`.
        waits: One of `WAITS` while the row waits, else `None`.
        lane: Where it waits: rows in one lane of a plan are taken, or become one, in commit
            order; `None` where it does not wait.
        execution_id: The execution that the row started, or `None`.
        at: When the row took its present state.
        became: What the execution of a queued row was when the row was looked up; empty where
            there is none. It is the execution's, and not recorded here.
    """

    project: str
    plan: str
    plan_version: int
    refs: tuple[str, ...]
    state: str
    at: datetime
    reason: str = ""
    due: datetime | None = None
    execution_id: str | None = None
    waits: str | None = None
    lane: str | None = None
    became: str = ""

    @property
    def key(self) -> str:
        """The key under which the row exists once."""
        return row_key(self.project, self.plan, self.plan_version, self.refs)

    def as_became(self, state: str) -> LedgerRow:
        """The row that shows what its execution is; its own state is as it was."""
        return replace(self, became=state)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form; what it waits for is left out where it does not wait."""
        waiting = {"waits": self.waits, "lane": self.lane} if self.waits else {}
        return {
            "project": self.project,
            "plan": self.plan,
            "plan_version": self.plan_version,
            "refs": list(self.refs),
            "state": self.state,
            "at": stamp(self.at),
            "reason": self.reason,
            "due": stamp(self.due) if self.due else None,
            "execution": self.execution_id,
            **waiting,
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> LedgerRow:
        """What `to_doc` wrote."""
        return cls(
            project=doc["project"],
            plan=doc["plan"],
            plan_version=doc["plan_version"],
            refs=tuple(doc["refs"]),
            state=doc["state"],
            at=unstamp(doc["at"]),
            reason=doc["reason"],
            due=unstamp(doc["due"]) if doc["due"] else None,
            execution_id=doc["execution"],
            waits=doc.get("waits"),
            lane=doc.get("lane"),
        )

    def __repr__(self) -> str:
        event = ", ".join(map(render.within_project, self.refs))
        reason = f" ({self.reason})" if self.reason else ""
        return f"<{event} at {self.plan} v{self.plan_version}: {self.became or self.state}{reason}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": render.line_html([repr(self).strip("<>")])}
