"""One shell: the frame of each cell that runs in it, and what was registered with it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from heirloom.declare.port import open_port
from heirloom.engine.anchors import saw
from heirloom.engine.cells import CellFrame, anchor, place_in
from heirloom.engine.derivations import Derivations, Sources
from heirloom.engine.frame import enter
from heirloom.magics.bodies import transformer
from heirloom.magics.cell import CellMagics
from heirloom.magics.complete import Completions
from heirloom.magics.line import LineMagics
from heirloom.magics.own import Own
from heirloom.session import Session

__all__ = ["Shell"]


class Shell:
    """Hooks around every cell, and the magics.

    A cell that touches nothing of ours is read once, and opens no session. Sessions of a
    process with a shell are a person's: there, activating a plan starts a reactor.
    """

    def __init__(self, shell: Any) -> None:
        """Register everything; the cell that runs now has its frame from here on."""
        self.shell = shell
        self.derivations = Derivations(Own(shell))
        # The end of a cell that awaits does not see the cell's context, a cell may run another
        # one, and a kernel may run cells in several threads: so the open frames stand here.
        self._threads = threading.local()
        shell.events.register("pre_run_cell", self.before)
        shell.events.register("post_run_cell", self.after)
        self.magics = CellMagics(shell), LineMagics(shell)
        shell.register_magics(*self.magics)
        self.bodies = transformer(shell)
        shell.input_transformers_post.append(self.bodies)
        self.completions = Completions(shell)
        Session.interactive = True
        self.loading: CellFrame | None = self._begin("", None, str)

    def remove(self) -> None:
        """Take everything away."""
        self.shell.events.unregister("pre_run_cell", self.before)
        self.shell.events.unregister("post_run_cell", self.after)
        for magics in self.magics:
            for kind, named in magics.magics.items():
                for name in named:
                    self.shell.magics_manager.magics[kind].pop(name, None)
        self.shell.input_transformers_post.remove(self.bodies)
        self.completions.remove()
        Session.interactive = False
        enter(None)

    def before(self, info: Any) -> None:
        """Make the frame of the cell that begins: in a notebook's run, or by hand."""
        if self._frames and self._frames[-1] is self.loading:
            self._frames.pop()  # a silent cell has loaded us: its end was not told
        source = info.raw_cell or ""
        self._begin(source, getattr(info, "cell_id", None), self._text(source, info))

    def after(self, result: Any) -> None:
        """Learn what its names came from; record what it read and called beside its emissions."""
        if not self._frames:
            return
        frame = self._frames.pop()
        frame.ended = True
        enter(self._frames[-1] if self._frames else None)
        session = open_port()
        if isinstance(session, Session):
            session.cells.in_home(frame)
        # There is no result where a cell that awaited was interrupted.
        error = result.error_in_exec if result is not None else KeyboardInterrupt()
        if result is not None:
            ran = result.error_before_exec is None
            frame.text = self._text(result.info.raw_cell, result.info) if ran else str
        sources = frame.learn(failed=error is not None)
        if result is not None and result.result is not None:
            self._displayed(result.result, sources)
        if isinstance(session, Session) and not session.read_only:
            count = self.shell.execution_count - 1
            session.cells.ended(frame, name=_name(frame.anchor, count), error=error)

    def _displayed(self, value: Any, sources: Sources) -> None:
        """Learn what IPython keeps of a value that it has shown, if it did that."""
        names, count = self.shell.user_ns, self.shell.execution_count - 1
        if names.get("_") is value:
            once = self.shell.ast_node_interactivity == "last_expr"
            self.derivations.displayed(count, sources, names, once=once)

    def _text(self, source: str, info: Any) -> Callable[[], str]:
        """The Python of a cell; an older IPython does not hand it on, and is asked for it again."""
        known = getattr(info, "transformed_cell", None)
        if known is not None:
            return lambda: str(known)
        return cache(lambda: str(self.shell.transform_cell(source)))

    @property
    def _frames(self) -> list[CellFrame]:
        """The cells that run in this thread, the innermost last."""
        frames: list[CellFrame] = self._threads.__dict__.setdefault("frames", [])
        return frames

    def _begin(self, source: str, cell: str | None, text: Callable[[], str]) -> CellFrame:
        note = self._note()
        notebook = os.environ.get("JPY_SESSION_NAME") or self.shell.user_ns.get(
            "__vsc_ipynb_file__"
        )
        if note is not None:
            notebook, cell = note["notebook"], note["cell"]
        saw(notebook, cell, source)
        where = anchor(source, notebook, cell)
        frame = CellFrame(
            place_in(note),
            interactive=note is None,
            anchor=where,
            raw=source,
            derivations=self.derivations,
            namespace=self.shell.user_ns,
            present=frozenset(self.shell.user_ns),
            text=text,
        )
        self._frames.append(frame)
        enter(frame)
        return frame

    def _note(self) -> dict[str, Any] | None:
        """What a notebook's run says of the cell; `None` by hand."""
        parent: dict[str, Any] = getattr(self.shell, "get_parent", dict)() or {}
        note: dict[str, Any] | None = (parent.get("metadata") or {}).get("heirloom")
        return note


def _name(anchor: Mapping[str, str], count: int) -> str:
    """A cell as its person finds it: its notebook, and the number that stands beside it."""
    notebook = os.path.basename(anchor.get("notebook", "")).removesuffix(".ipynb")
    return f"{notebook} [{count}]".strip()
