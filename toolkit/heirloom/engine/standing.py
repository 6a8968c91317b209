"""Which kernels a worker keeps ready: those of the notebooks that events may start."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from heirloom.catalog.protocol import View
from heirloom.engine.attempt import Workplace
from heirloom.engine.kernel import Kind
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.errors import HeirloomError
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Standing"]

_log = logging.getLogger("heirloom")


class Standing:
    """Has a kernel ready for each active plan whose notebook asks for a warm one."""

    def __init__(
        self,
        allows: Callable[[str], bool],
        workplace: Callable[[str], AbstractContextManager[Workplace]],
    ) -> None:
        """Look at nothing yet.

        Args:
            allows: Whether this user runs the code of that digest.
            workplace: What runs the executions of a project.
        """
        self._allows = allows
        self._workplace = workplace
        self._projects: set[str] = set()

    def look(self, view: View) -> None:
        """Hold the kernels against the plans as they stand now; starts are not waited for."""
        plans: dict[str, list[LaunchPlanRecord]] = {project: [] for project in self._projects}
        for switch in view.switches():
            plan = view.plan(switch.project, switch.plan, switch.version) if switch.active else None
            if plan is not None and plan.kind == "notebook" and self._allows(plan.code):
                plans.setdefault(plan.project, []).append(plan)
        for project, active in plans.items():
            with self._workplace(project) as at:
                kinds = [kind for plan in active if (kind := _kind(at, plan)) is not None]
                if kinds or project in self._projects:
                    self._projects.add(project)
                    at.runner.kernels().stand_by(kinds)


def _kind(at: Workplace, plan: LaunchPlanRecord) -> Kind | None:
    """The kernel of a plan's notebook, if it is to stand ready."""
    try:
        notebook = at.rebuild(plan.code, f"plan {plan.name!r}")
    except HeirloomError as error:  # its run will say so, too
        _log.warning("No kernel is kept ready for plan %r: %s", plan.name, error)
        return None
    if not isinstance(notebook, NotebookWorkflow) or not notebook.closure.warm:
        return None
    return notebook.kernel_in(at.runner)
