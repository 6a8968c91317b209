"""The board of a run under its cell: one display, brought up to date in its place."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from heirloom import render
from heirloom.engine.progress import STATES
from heirloom.watching import Board

__all__ = ["Under"]

_COLUMNS = (*STATES, "retries")
_META = {"heirloom": {"progress": True}}
"""By this it can be told from what a cell said: how much of it there is depends on the time."""


class Under:
    """What `watching` shows in a kernel."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, board: Board) -> None:
        """Show it; scripts have no part in it."""
        rows = board.rows()
        columns = [word for word in _COLUMNS if any(row[word] for row in rows.values())]
        cells: list[list[object]] = [
            [name, *(row[word] or "" for word in columns)] for name, row in rows.items()
        ]
        lines: list[list[object]] = [["task", *columns], *cells]
        bundle = {
            "text/plain": "\n".join("  ".join(map(str, line)) for line in lines),
            "text/html": render.frame(board.name, render.table(cells, ["task", *columns])),
        }
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True, metadata=_META)  # type: ignore[no-untyped-call]  # IPython's
        else:
            self._handle.update(bundle, raw=True, metadata=_META)

    def close(self) -> None:
        """The last state stays."""
