"""A launch plan as a session gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heirloom.engine.preview import Preview
from heirloom.engine.review import Review
from heirloom.records.plans import Trigger
from heirloom.tracebacks import users_own

if TYPE_CHECKING:
    from heirloom.engine.plans import Plans

__all__ = ["Plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A launch plan as it stands: its version that is, or would be, active.

    Attributes:
        is_active: Whether a new version of what it listens to starts it.
        activated_by: Who threw the switch last; `None` before its first activation.
        registered_by: Whose code it is.
        approved: Whether this user's reactors run its code.
        newest: The newest registered version.
        note: What the last call on it did, in words.
    """

    project: str
    name: str
    version: int
    workflow: str
    trigger: Trigger | None
    is_active: bool
    activated_by: str | None
    registered_by: str
    approved: bool
    newest: int
    note: str = ""
    plans: Plans = field(repr=False, compare=False)

    @users_own
    def activate(self, version: int | None = None, *, missed: str = "none") -> Plan:
        """Start listening.

        Args:
            version: `None` for the newest.
            missed: What was paused while it was off: ``none`` is run, the ``newest``, or
                ``each``.

        Returns:
            The plan as it is then; its note says what was done.

        Raises:
            PlanNotFound: It has no such version; nothing was changed.
        """
        return self.plans.switch(self.name, True, version=version, missed=missed)

    @users_own
    def deactivate(self) -> Plan:
        """Stop listening: events are ``paused`` until it is on again.

        What is queued or waits already stays so; the note says how much.
        """
        return self.plans.switch(self.name, False)

    @users_own
    def preview(self, ref: Any = None, *, since: Any = None, version: int | None = None) -> Preview:
        """What it would start, and what that would start in turn; nothing is written.

        It is decided by what decides for good, as if the plan were on.

        Args:
            ref: What comes: one more version of that, or with a number the same content again.
                `None` for one more of each artifact that it listens to.
            since: Instead: what it would have made of all that was recorded since a time, a date,
                a timedelta ago, or ``"7d"``, had it been on.
            version: Of the plan; `None` for the one that is, or would be, active.

        Raises:
            PlanNotFound: It has no such version.
            ArtifactNotFound: Nothing of that name is there, and nothing listens to it.
            InputError: Both are given, or `since` is no time.
        """
        wanted = self.version if version is None else version
        return self.plans.preview(self.name, wanted, ref, since)

    @users_own
    def backfill(self, *, since: Any = None, where: str = "") -> Plan:
        """Run past versions through it, each that it has no row of, and none twice.

        They are decided on in commit order, each as if it had come at its own time, and what they
        start is queued behind what is there. A second call finds the rows there.

        Args:
            since: Only what was recorded from then on: a time, a date, a timedelta ago, or
                ``"7d"``; `None` for all.
            where: Only what a search line finds, too: ``"region=emea"``.

        Returns:
            The plan; its note says how many there were, what became of them, and how many had a
            row already.

        Raises:
            DeclarationError: It is off, or has no trigger; nothing is written.
            InputError: `since` is no time.
            RefError: `since` or `where` does not parse; the message points at the spot.
        """
        return self.plans.backfill(self.name, since, where)

    @users_own
    def approve(self, version: int | None = None) -> Plan:
        """Let this user's reactors run its code; events that waited for that are let go.

        Args:
            version: `None` for the one that is, or would be, active.

        Raises:
            PlanNotFound: It has no such version; nothing is approved.
        """
        return self.plans.approve(self.name, version)

    @users_own
    def review(self, version: int | None = None) -> Review:
        """Its code as it would run, and what differs from what this user approved last."""
        return self.plans.review(self.name, version)

    def __repr__(self) -> str:
        state = "active" if self.is_active else "off"
        if not self.approved:
            state += f", awaits approval of {self.registered_by}'s code"
        on = f" on {', '.join(map(str, self.trigger.on))}" if self.trigger else ""
        note = f" — {self.note}" if self.note else ""
        return f"<plan {self.name} v{self.version} {state}: {self.workflow}{on}{note}>"
