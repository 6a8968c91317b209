"""Where one stands in the lineage, how far one sees, and how one came there."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

from heirloom.errors import NotFound
from heirloom.render import time_text
from heirloom_widgets.graph_marks import Drawing
from heirloom_widgets.graph_model import drawing
from heirloom_widgets.graph_steps import leaves, opened

__all__ = ["MANY", "MOST", "Walk"]

MANY, MOST = 300, 1000


class Walk:
    """A centre, hops around it, and the trail that led there.

    Attributes:
        centre: The version in the middle.
        up: Hops towards what it came from; `None` for all. `down`: to what came of it.
        as_of: Seen as it was known then; `None` for now.
        trail: The centres before, oldest first.
        ends: The two versions that the path is between; or none.
        opened: Ids of executions that are shown as the leaves inside of them.
        lineage: What was found last.
        plans: The plans as they were then.
    """

    def __init__(self, session: Any, up: int | None, down: int | None, as_of: Any) -> None:
        self.session = session
        self.centre: Any = None
        self.up, self.down = self._hops = (up, down)
        self.as_of: datetime | None = as_of
        self.trail: list[Any] = []
        self.ends: tuple[str, ...] = ()
        self.opened: dict[str, Any] = {}
        self.lineage: Any = None
        self.plans: list[Any] = []
        self._full: set[str] = set()
        self._limit = MANY
        self._tried: tuple[str, int] | None = None

    def copy(self) -> Walk:
        """Another that goes on from here."""
        other = copy(self)
        other.trail, other.opened = list(self.trail), dict(self.opened)
        return other

    def to(self, version: Any) -> None:
        """Stand at `version`, and see as far as at the beginning."""
        self.centre = version
        self.up, self.down = self._hops
        self._full, self._limit, self._tried = set(), MANY, None

    def back(self, steps: int) -> bool:
        """Stand again where one stood so many steps before; whether there is such a place."""
        if not 0 < steps <= len(self.trail):
            return False
        centre = self.trail[-steps]
        del self.trail[-steps:]
        self.to(centre)
        return True

    def further(self, way: str, known: int) -> None:
        """See one hop further ``up`` or ``down``, ``all`` of both, or what was ``cut``.

        Args:
            way: One of these.
            known: How many nodes there are; if no more are loaded, that way is closed.
        """
        if way == "cut":
            self._limit = MOST if self._limit < MOST else self._limit + MOST
        if way in {"up", "all"}:
            self.up = None if way == "all" or self.up is None else self.up + 1
        if way in {"down", "all"}:
            self.down = None if way == "all" or self.down is None else self.down + 1
        self._tried = way, known

    def toggle(self, run: str) -> None:
        """Show an execution as what is inside of it, or as one again.

        Raises:
            NotFound: There is no such execution, or nothing inside of it has run.
        """
        if self.opened.pop(run, None) is not None:
            return
        found = self.session.catalog.view().execution(run)
        if found is None:
            msg = f"There is no execution {run!r}."
            raise NotFound(msg, name=run)
        if not leaves(self.session, found):
            msg = f"Nothing inside of {found.kind} {found.name} has run yet."
            raise NotFound(msg, name=run)
        self.opened[run] = found

    def load(self) -> Drawing:
        """What is seen now."""
        every = self.up is None or self.down is None
        limit = max(self._limit, MOST if every else MANY)
        self.lineage = self.session.lineage(
            self.centre.ref, up=self.up, down=self.down, as_of=self.as_of, limit=limit
        )
        self.plans = self.session.plans()
        now = self.as_of is None
        whole = drawing(self.lineage, self.plans, root=self.root, listening=now)
        found = opened(whole, self.opened, lambda run: leaves(self.session, run))
        self._close(len(found.marks))
        return found

    def _close(self, found: int) -> None:
        """Close the way that was tried, where there was no more."""
        way, known = self._tried or ("cut", 0)
        self._tried = None
        if way == "all":
            self._full = {"up", "down"}
        elif way != "cut" and found == known:
            self._full = {*self._full, way}

    def root(self, execution: Any) -> Any:
        """The outermost execution around one, which knows the plan that started it."""
        if execution.plan or execution.root_id == execution.id:
            return execution
        return self.session.execution(execution.root_id)

    def record(self, node: str) -> Any:
        """The version or execution behind a node."""
        for found in self.lineage.nodes:
            if found.id == node:
                return found.data
        return self.session.execution(node)

    def way(self) -> tuple[Any, ...]:
        """The nodes between the two ends; both are forgotten where one is not seen."""
        known = {node.id for node in self.lineage.nodes}
        if not known.issuperset(self.ends):
            self.ends = ()
        return tuple(self.lineage.path(*self.ends)) if self.ends else ()

    def ways(self) -> dict[str, bool]:
        """Which ways there may be more."""
        ways = {"up": self.up, "down": self.down}
        return {way: hops is not None and way not in self._full for way, hops in ways.items()}

    def told(self) -> list[str]:
        """What was left out, and from when one looks."""
        told = [f"{self.lineage.cut} more not loaded"] if self.lineage.cut else []
        if self.as_of is not None:
            later = ", before it was made" if self.centre.created_at > self.as_of else ""
            told.append(f"as of {time_text(self.as_of)}{later}")
        return told
