"""The plan of a reactive cell: what it listens to, and what it gives the cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heirloom.declare.launch import LaunchPlan
from heirloom.declare.trigger import OnArtifact
from heirloom.errors import DeclarationError
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["reactive_plan"]


def reactive_plan(
    name: str, cell: Any, inputs: Mapping[str, Ref], on: Ref | None = None
) -> LaunchPlan:
    """The plan that runs a cell again; nothing is registered.

    Args:
        name: The ref of what the cell emits.
        cell: The task that the cell was made into.
        inputs: What ``--from`` names; one that is pinned to a version is given as it is.
        on: What to listen to; `None` for every input that is not pinned.

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
        trigger=OnArtifact(trigger_on=listened, inputs=open_ones, when="change"),
        default_inputs={key: query for key, query in queries.items() if query.at is not None},
    )


def _query(ref: Ref) -> Query:
    return Query.of(ref if ref.at != "latest" else replace(ref, at=None))
