"""The edges of the lineage, as an execution's record gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from heirloom.records.executions import Execution, Item

__all__ = ["Edge", "edges_of", "items_of"]


class Edge(NamedTuple):
    """An execution read `item` as `input`, or made it as the output of that name.

    `how` is one of `records.executions.HOWS`.
    """

    item: str
    execution: str
    made: bool
    input: str
    how: str


def edges_of(execution: Execution) -> Iterator[Edge]:
    """What it read, its inputs first, then what it made, in the order of its outputs."""
    for read in execution.all_reads():
        yield Edge(read.item, execution.id, False, read.input, read.how)
    values = {value.output: value.item for value in execution.values()}
    for name, output in execution.outputs.items():
        if isinstance(output, Item):
            yield Edge(output.id, execution.id, True, name, output.how)
        else:
            yield Edge(values[name], execution.id, True, name, "declared")


def items_of(execution: Execution) -> Iterator[str]:
    """What it names: what it read, what it made beside its own values, what fired it."""
    yield from (read.item for read in execution.all_reads())
    yield from (output.id for output in execution.outputs.values() if isinstance(output, Item))
    yield from execution.triggered_by
