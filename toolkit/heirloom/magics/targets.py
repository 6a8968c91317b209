"""What ``%run_workflow`` can be told to run, by the names of the notebook and of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heirloom.declare.launch import LaunchPlan
from heirloom.declare.mapping import MapTask
from heirloom.declare.task import Task
from heirloom.declare.workflow import Workflow
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.engine.plan import Plan
from heirloom.errors import HeirloomError
from heirloom.session import Session

__all__ = ["inputs_like", "named", "names_like"]

_Target = Task | MapTask | Workflow | NotebookWorkflow | LaunchPlan | Plan


def named(name: str, namespace: Mapping[str, Any]) -> Any:
    """What the notebook has under a name, where that can be run; else the name itself."""
    found = namespace.get(name)
    return found if isinstance(found, _Target) else name


def names_like(start: str, session: Session, namespace: Mapping[str, Any]) -> list[str]:
    """The targets whose names begin so."""
    here = [name for name, value in list(namespace.items()) if isinstance(value, _Target)]
    known = {*here, *(plan.name for plan in session.plans())}
    return sorted(name for name in known if name.startswith(start) and not name.startswith("_"))


def inputs_like(start: str, name: str, session: Session, namespace: Mapping[str, Any]) -> list[str]:
    """The inputs of a target that begin so; none where there is no such target."""
    try:
        interface = session.targets.find(named(name, namespace)).target.interface
    except HeirloomError:
        return []
    return sorted(f"{each}=" for each in interface.inputs if each.startswith(start))
