"""A cell as what runs again: its task, and the plan of a reactive one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from heirloom.declare.cell import define, reactive
from heirloom.declare.cell_output import CellOutput
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.task import Task
from heirloom.declare.trigger import OnArtifact
from heirloom.errors import DeclarationError
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["Listening", "listening", "module_in", "reactive_plan", "reactive_task"]


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


@dataclass(frozen=True, slots=True)
class Listening:
    """What runs a cell again.

    Attributes:
        on: What it listens to.
        asked: The inputs that are asked for anew, by name.
        pinned: Those that are given as they are.
        when: ``change``, or ``version`` for every version, of equal content too.
    """

    on: tuple[Ref, ...]
    asked: Mapping[str, Ref]
    pinned: Mapping[str, Ref]
    when: str


def listening(inputs: Mapping[str, Ref], on: str | None, when: str | None) -> Listening | None:
    """What ``--on`` and ``--when`` say; `None` where nothing runs the cell again.

    Args:
        inputs: What ``--from`` binds, by name.
        on: A ref; empty for every input that is not pinned to a version.
        when: `None` where it is not said.

    Raises:
        DeclarationError: There is nothing to listen to, or ``--when`` stands alone.
    """
    if on is None:
        if when is not None:
            msg = f"--when {when} goes with --on: it says what starts the cell again."
            raise DeclarationError(msg)
        return None
    refs = {key: _newest(ref) for key, ref in inputs.items()}
    asked = {key: ref for key, ref in refs.items() if ref.at is None}
    pinned = {key: ref for key, ref in refs.items() if ref.at is not None}
    listened = (_newest(Ref.parse(on)),) if on else tuple(asked.values())
    if not listened:
        msg = (
            "--on has nothing to listen to: give --from an artifact without a version, "
            "or name one with --on REF."
        )
        raise DeclarationError(msg)
    return Listening(listened, asked, pinned, when or "change")


def _newest(ref: Ref) -> Ref:
    return ref if ref.at != "latest" else replace(ref, at=None)


def reactive_plan(name: str, cell: Any, heard: Listening) -> LaunchPlan:
    """The plan that runs a cell again; nothing is registered.

    Args:
        name: The ref of what the cell emits.
        cell: The task that the cell was made into.
        heard: What starts it.

    Raises:
        NotPortable: The cell needs what lives only in this kernel.
    """
    cell.closure.require_portable(f"The reactive cell {name!r}")
    return LaunchPlan(
        name,
        cell,
        trigger=OnArtifact(
            trigger_on=[Query.of(ref) for ref in heard.on],
            inputs=_queries(heard.asked),
            when=heard.when,
        ),
        default_inputs=_queries(heard.pinned),
        auto_activate=True,
    )


def _queries(refs: Mapping[str, Ref]) -> dict[str, Query]:
    return {key: Query.of(ref) for key, ref in refs.items()}
