"""What can be run, from however the caller names it; and recorded code made into it again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heirloom.catalog.protocol import Catalog
from heirloom.declare.closure import Closure
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.mapping import MapTask
from heirloom.declare.rebuild import rebuild_entry
from heirloom.declare.task import Task
from heirloom.declare.workflow import Workflow
from heirloom.engine.firing import given_by
from heirloom.engine.frame import Frame, Place, by_person, current_frame
from heirloom.engine.notebook import NotebookWorkflow, notebook_workflow
from heirloom.engine.plan import Plan
from heirloom.errors import NotPortable, TargetNotFound, did_you_mean
from heirloom.records.plans import LaunchPlanRecord

__all__ = ["Named", "Targets"]


@dataclass(frozen=True, slots=True)
class Named:
    """A target with the inputs that the caller's plan gives it."""

    target: Any
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    plan: LaunchPlanRecord | None = None


@dataclass(slots=True)
class Targets:
    """Finds targets, and rebuilds recorded ones once a process."""

    catalog: Catalog
    project: str
    _built: dict[str, Any] = field(default_factory=dict)

    def find(self, wanted: Any) -> Named:
        """The target that `wanted` names: itself, a plan, a plan's name, a notebook's path.

        Raises:
            TargetNotFound: Nothing of that name can be run; the nearest names are given.
        """
        if isinstance(wanted, Task | MapTask | Workflow | NotebookWorkflow):
            return Named(wanted, wanted.defaults)
        if isinstance(wanted, LaunchPlan):
            defaults = {**wanted.workflow.defaults, **wanted.default_inputs}
            return Named(wanted.workflow, defaults, wanted.fixed_inputs)
        if isinstance(wanted, Plan):
            return self._planned(wanted.project, wanted.name, wanted.version)
        if isinstance(wanted, os.PathLike) or str(wanted).endswith(".ipynb"):
            notebook = notebook_workflow(wanted)
            return Named(notebook, notebook.defaults)
        return self._planned(self.project, str(wanted), None)

    def _planned(self, project: str, name: str, version: int | None) -> Named:
        view = self.catalog.view()
        switch = view.switch(project, name)
        version = version or (switch.version if switch else None)
        plan = view.plan(project, name, version)
        if plan is None:
            names = {known.name for known in view.plans(project)}
            msg = (
                f"Nothing named {name!r} to run.{did_you_mean(name, names)} "
                "A task, workflow, plan, a plan's name or the path of a notebook can be run."
            )
            raise TargetNotFound(msg, name=name)
        target = self.rebuild(plan.code, f"plan {name!r}")
        defaults = {**target.defaults, **{n: given_by(s) for n, s in plan.defaults.items()}}
        return Named(target, defaults, {n: given_by(s) for n, s in plan.fixed.items()}, plan)

    def rebuild(self, code: str, what: str) -> Any:
        """The target that `what` ran, or is to run, from the text that was recorded of it.

        Modules that it imports are imported anew; what they switch then is no person's word.

        Raises:
            NotPortable: The catalog has no source under that digest, or another's: what was
                approved is the digest, so nothing else may run under it. Or it is bound to its
                kernel.
        """
        if code not in self._built:
            doc = self.catalog.view().code(code)
            if doc is None:
                msg = f"The source of {what} ({code or 'none'}) is not in the catalog."
                raise NotPortable(msg, name=what)
            frame = None if by_person() else current_frame()
            with (frame or Frame(Place.root())).active():
                self._built[code] = _rebuilt(code, what, doc)
        return self._built[code]


def _rebuilt(code: str, what: str, doc: Mapping[str, Any]) -> Any:
    if doc["kind"] == "notebook":
        notebook = NotebookWorkflow.from_doc(doc)
        _check_digest(code, what, notebook.closure.digest)
        return notebook
    closure = Closure.from_doc({key: value for key, value in doc.items() if key != "digest"})
    _check_digest(code, what, closure.digest)
    target = rebuild_entry(closure)
    target.closure = closure  # what it was rebuilt from is what it is
    return target


def _check_digest(code: str, what: str, digest: str) -> None:
    if digest != code:
        msg = (
            f"The source that the catalog has for {what} is not the one of its digest "
            f"({code}): somebody changed it. Nothing of it was run; register it anew."
        )
        raise NotPortable(msg, name=what)
