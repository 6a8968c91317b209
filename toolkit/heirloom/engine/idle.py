"""What a script is told that switched a plan on where nothing runs events."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from heirloom.catalog.protocol import Catalog
from heirloom.engine.frame import by_person

__all__ = ["Idle"]

_log = logging.getLogger("heirloom")
_MANY = 100


@dataclass(slots=True)
class Idle:
    """The plans that a session switched on while no reactor lived."""

    catalog: Catalog
    project: str
    _plans: list[str] = field(default_factory=list)

    def add(self, plan: str) -> None:
        """Note a plan; what an execution switches on is its own reactor's matter."""
        if by_person() and plan not in self._plans:
            self._plans.append(plan)

    def settled(self) -> None:
        """What there was has been run here: there is nothing to tell."""
        self._plans.clear()

    def tell(self) -> None:
        """Say once, in one line of the log, that nothing runs the events of these plans."""
        if not self._plans:
            return
        view = self.catalog.view()
        waiting = sum(
            len(view.executions(state="queued", plan=plan, project=self.project, limit=_MANY))
            for plan in self._plans
        )
        plans = ", ".join(map(repr, self._plans))
        if waiting:
            _log.warning(
                "Nothing runs the events of %s (waiting: %s): hl.settle() runs those, "
                "`heirloom reactor` also all that come.",
                *(plans, waiting),
            )
        else:
            _log.warning(
                "Nothing runs the events of %s when they come: `heirloom reactor` does.", plans
            )
        self._plans.clear()
