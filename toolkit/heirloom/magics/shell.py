"""One shell: the frame of each cell that runs in it, and what was registered with it."""

from __future__ import annotations

from typing import Any

from heirloom.declare.port import open_port
from heirloom.engine.cells import CellFrame, anchor, place_in
from heirloom.engine.frame import enter
from heirloom.magics.cell import CellMagics
from heirloom.magics.complete import Completions
from heirloom.magics.line import LineMagics
from heirloom.session import Session

__all__ = ["Shell"]


class Shell:
    """Hooks around every cell, and the magics.

    A cell that touches nothing of ours costs two calls and opens no session.
    """

    def __init__(self, shell: Any) -> None:
        """Register everything; the cell that runs now has its frame from here on."""
        self.shell = shell
        self.frame: CellFrame | None = None
        shell.events.register("pre_run_cell", self.before)
        shell.events.register("post_run_cell", self.after)
        for magics in (CellMagics, LineMagics):
            shell.register_magics(magics(shell))
        self.completions = Completions(shell)
        self.before(None)

    def remove(self) -> None:
        """Take the hooks away; magics of a shell cannot be unregistered."""
        self.shell.events.unregister("pre_run_cell", self.before)
        self.shell.events.unregister("post_run_cell", self.after)
        self.completions.remove()
        enter(None)

    def before(self, info: Any) -> None:
        """Make the frame of the cell that begins: in a notebook's run, or by hand."""
        note = self._note()
        cell = (note or {}).get("cell") or getattr(info, "cell_id", None)
        source = getattr(info, "raw_cell", "") or ""
        where = anchor(source, (note or {}).get("notebook"), cell)
        self.frame = CellFrame(place_in(note), interactive=note is None, anchor=where)
        enter(self.frame)

    def after(self, result: Any) -> None:
        """Record what the cell read and called beside its emissions, if it did."""
        frame, self.frame = self.frame, None
        enter(None)
        if frame is not None:
            frame.ended = True
        session = open_port()
        if frame is None or not isinstance(session, Session) or session.read_only:
            return
        raw = getattr(getattr(result, "info", None), "raw_cell", "") or ""
        error = getattr(result, "error_in_exec", None)
        name = str(frame.anchor.get("cell") or f"cell {self.shell.execution_count}")
        source = self.shell.transform_cell(raw)
        session.cells.ended(frame, source, self.shell.user_ns, name=name, error=error)

    def _note(self) -> dict[str, Any] | None:
        """What a notebook's run says of the cell; `None` by hand."""
        parent: dict[str, Any] = getattr(self.shell, "get_parent", dict)() or {}
        note: dict[str, Any] | None = (parent.get("metadata") or {}).get("heirloom")
        return note
