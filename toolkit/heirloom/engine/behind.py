"""The cells behind a version that have been edited, and not run since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from heirloom.catalog.protocol import View
from heirloom.engine.anchors import cell_of, edited
from heirloom.records.executions import Execution

__all__ = ["edited_behind"]

_MOST = 100
"""Executions that are looked at, the nearest: every cell that emits asks this."""


def edited_behind(view: View, producer: Execution) -> tuple[str, ...]:
    """The edited cells that what an execution read came from, itself left out.

    By their ids, those of another notebook with its name. Of an ordinary cell nothing is known
    but by the kernel that ran it.
    """
    own = cell_of(view, producer)
    here = None if own is None else own.anchor.get("notebook")
    cells: dict[tuple[str, str], bool] = {}
    for notebook, id, recorded in _cells(view, producer):
        cells[notebook, id] = recorded or cells.get((notebook, id), False)
    if own is not None:
        cells.pop((here or "", own.anchor.get("cell", "")), None)
    found = [each for each, recorded in cells.items() if edited(view, *each, recorded=recorded)]
    return tuple(
        id if notebook == here else f"{id} of {PurePath(notebook).name}" for notebook, id in found
    )


def _cells(view: View, producer: Execution) -> Iterator[tuple[str, str, bool]]:
    """Notebook and id of every cell that made an ancestor or stood between; if it is recorded."""
    waiting, seen = [producer], {producer.id}
    while waiting:
        execution = waiting.pop(0)
        cell = cell_of(view, execution)
        notebook = None if cell is None else cell.anchor.get("notebook")
        if cell is not None and notebook and (id := cell.anchor.get("cell")):
            yield notebook, id, True
        for read in execution.all_reads():
            yield from ((notebook, id, False) for id in read.via if notebook)
            maker = view.producer(read.item)
            if maker is not None and maker.id not in seen and len(seen) < _MOST:
                seen.add(maker.id)
                waiting.append(maker)
