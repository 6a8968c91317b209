"""A plan's code as somebody reads it before approving it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.catalog.protocol import View
from heirloom.declare.closure import Closure
from heirloom.react.approvals import Approvals
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Review", "reviewed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The code of one version of a plan, for this user to read.

    Attributes:
        plan: The plan's name.
        version: Of the plan.
        registered_by: Whose code it is.
        approved: Whether this user's reactors run it.
        source: All that would run: its own text, then that of the modules that come with it.
        diff: A unified diff from the code that this user approved last under that name; empty
            where it is the same, or nothing was.
    """

    plan: str
    version: int
    registered_by: str
    approved: bool
    source: str
    diff: str

    @property
    def title(self) -> str:
        """Which code it is, whose, and whether it is approved."""
        state = "approved" if self.approved else "awaits approval"
        return f"{self.plan} v{self.version} by {self.registered_by}: {state}"

    def __repr__(self) -> str:
        return "\n".join([self.title, "", (self.diff or self.source).rstrip()])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown = [render.unified(self.diff)] if self.diff else []
        html = render.frame(self.title, render.join([*shown, render.code(self.source)]))
        return {"text/plain": repr(self), "text/html": html}


def reviewed(view: View, plan: LaunchPlanRecord, approvals: Approvals) -> Review:
    """What there is to read before a plan's code is approved."""
    source = _text(view, plan.code)
    last = approvals.last(plan.name)
    before = _text(view, last) if last is not None else ""
    lines = difflib.unified_diff(
        before.splitlines(), source.splitlines(), "approved", f"v{plan.version}", lineterm=""
    )
    return Review(
        plan=plan.name,
        version=plan.version,
        registered_by=plan.registered_by,
        approved=approvals.allows(plan.code),
        source=source,
        diff="\n".join(lines) if before else "",
    )


def _text(view: View, digest: str) -> str:
    """The text of recorded code; empty where this home has none of that digest."""
    doc = view.code(digest)
    if doc is None:
        return ""
    return Closure.from_doc(doc).whole
