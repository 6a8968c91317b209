"""A cell as what runs again: its task, and the plan of a reactive one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heirloom.declare.cell import define, reactive
from heirloom.declare.cell_output import CellOutput
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.task import Task
from heirloom.declare.trigger import OnArtifact
from heirloom.errors import DeclarationError
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["module_in", "reactive_plan", "reactive_task"]


def module_in(names: dict[str, Any]) -> str:
    """The name under which a notebook has the module `heirloom`, bound if it has none."""
    heirloom = sys.modules["heirloom"]
    for name, value in names.items():
        if value is heirloom:
            return name
    names["heirloom"] = heirloom
    return "heirloom"


def reactive_task(
    output: CellOutput,
    body: str,
    namespace: Mapping[str, Any],
    *,
    inputs: Mapping[str, Ref],
    cache: bool = False,
) -> Task:
    """A cell as a task that emits, its names those that the notebook has now.

    Raises:
        DeclarationError: It cannot be a function: it awaits, or reads what it assigns later.
    """
    names = dict(namespace)
    written = reactive(output, body, inputs=inputs, cache=cache, module=module_in(names))
    task: Task = define(written, names, f"cell {output.artifact.name}")
    return task


def reactive_plan(
    name: str,
    cell: Any,
    inputs: Mapping[str, Ref],
    on: Ref | None = None,
    when: str = "change",
) -> LaunchPlan:
    """The plan that runs a cell again; nothing is registered.

    Args:
        name: The ref of what the cell emits.
        cell: The task that the cell was made into.
        inputs: What ``--from`` names; one that is pinned to a version is given as it is.
        on: What to listen to; `None` for every input that is not pinned.
        when: ``change``, or ``version`` for every version, of equal content too.

    Raises:
        DeclarationError: There is nothing to listen to.
        NotPortable: The cell needs what lives only in this kernel.
    """
    queries = {key: _query(ref) for key, ref in inputs.items()}
    open_ones = {key: query for key, query in queries.items() if query.at is None}
    listened = [_query(on)] if on is not None else list(open_ones.values())
    if not listened:
        msg = (
            "--on has nothing to listen to: give --from an artifact without a version, "
            "or name one with --on REF."
        )
        raise DeclarationError(msg)
    cell.closure.require_portable(f"The reactive cell {name!r}")
    return LaunchPlan(
        name,
        cell,
        trigger=OnArtifact(trigger_on=listened, inputs=open_ones, when=when),
        default_inputs={key: query for key, query in queries.items() if query.at is not None},
        auto_activate=True,
    )


def _query(ref: Ref) -> Query:
    return Query.of(ref if ref.at != "latest" else replace(ref, at=None))
