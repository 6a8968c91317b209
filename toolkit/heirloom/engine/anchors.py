"""Where the cell stands that made a version, and whether it has changed since."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from heirloom import render
from heirloom.catalog.protocol import View
from heirloom.declare.closure import CELL, Closure, Fragment
from heirloom.records.clock import now
from heirloom.records.executions import Execution

__all__ = ["Anchor", "anchor_of", "cell_of", "edited", "saw", "text_digest", "text_doc"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Anchor:
    """The cell that made a version, as far as the front end told it.

    Attributes:
        notebook: Its path; `None` where nobody told.
        cell: Its id; `None` where nobody told.
        execution_id: Of the cell's run.
        source: Its text as it ran; `None` where that is not recorded.
        now: Its text now, by what this kernel ran last of it or by the notebook's file, whichever
            is later; empty where it is gone from the file, `None` where nobody knows.
        known_by: ``kernel`` or ``file``, which tells `now`; empty where nobody knows.
        behind: The cells that what it read came from, if they have been edited and not run since.
    """

    notebook: str | None
    cell: str | None
    execution_id: str
    source: str | None = None
    now: str | None = None
    known_by: str = ""
    behind: tuple[str, ...] = ()

    @property
    def changed(self) -> bool | None:
        """Whether its text is another one now; `None` where nobody knows."""
        if self.source is None or self.now is None:
            return None
        return self.source.strip() != self.now.strip()

    @property
    def diff(self) -> str:
        """A unified diff from the text that ran to that of now; empty where nothing differs."""
        if not self.changed:
            return ""
        ran, is_now = ((text or "").strip().splitlines() for text in (self.source, self.now))
        return "\n".join(difflib.unified_diff(ran, is_now, "as it ran", "now", lineterm=""))

    @property
    def title(self) -> str:
        """Which cell it is, of the notebook by its bare name, and what has changed since."""
        where = f" of {PurePath(self.notebook).name}" if self.notebook else ""
        state = {None: "", False: ", not changed since", True: ", changed since"}[self.changed]
        gone = ", gone from the notebook" if self.now == "" and self.known_by == "file" else ""
        behind = f"; behind it {', '.join(self.behind)} edited and not run" if self.behind else ""
        return f"cell {self.cell or '?'}{where}{gone or state}{behind}"

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = "\n".join(filter(None, (self.title, self.diff)))
        source = [] if self.source is None else [render.details("Source", render.code(self.source))]
        diff = [render.details("Change", render.unified(self.diff))] if self.diff else []
        html = render.join([render.line_html([self.title]), *source, *diff])
        return {"text/plain": text, "text/html": html}


def anchor_of(view: View, producer: Execution | None) -> Anchor | None:
    """The cell that an execution is, or that called it; `None` where it was no cell's."""
    cell = cell_of(view, producer)
    if cell is None:
        return None
    notebook, id, digest = (cell.anchor.get(key) for key in ("notebook", "cell", "source"))
    found = None if id is None else _newest(notebook, id)
    doc = view.code(digest) if digest else None
    return Anchor(
        notebook=notebook,
        cell=id,
        execution_id=cell.id,
        source=None if doc is None else Closure.from_doc(doc).fragments[0].source,
        now=None if found is None else found[1],
        known_by="" if found is None else found[2],
    )


def cell_of(view: View, step: Execution | None) -> Execution | None:
    """The cell that an execution is, or that called it; `None` where it was no cell's."""
    while step is not None and not step.anchor:
        step = view.execution(step.parent_id) if step.parent_id else None
    return step


# ---------------------------------------------------------------------- texts, recorded


def text_digest(text: str) -> str:
    """What a cell's text is known by."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def text_doc(text: str) -> dict[str, Any]:
    """A cell's text as it is kept, by its `text_digest`, beside source closures."""
    return Closure("text", CELL, (Fragment(CELL, text, "cell"),), {}, {}).to_doc()


# ---------------------------------------------------------------------- texts, as they are now

_SEEN: dict[tuple[str | None, str], tuple[datetime, str]] = {}
"""What this kernel ran last of each cell."""


def saw(notebook: str | None, cell: str | None, text: str) -> None:
    """Know the text that a cell has now, in this process."""
    if cell is not None:
        _SEEN[notebook, cell] = now(), text


def edited(view: View, notebook: str, cell: str, *, recorded: bool) -> bool:
    """Whether a cell has another text in the notebook's file than it had when it last ran.

    By what this kernel ran of it; where it ran nothing of it, and the cell's runs are recorded,
    by whether a run of that text is.
    """
    for at, text, _ in _in_file(notebook, cell):
        seen = _SEEN.get((notebook, cell))
        if not text or (seen is None and not recorded):
            return False  # it is gone, or nobody knows what ran
        if seen is None:
            return view.code(text_digest(text)) is None
        return at > seen[0] and text.strip() != seen[1].strip()
    return False


def _newest(notebook: str | None, cell: str) -> tuple[datetime, str, str] | None:
    """When, what and by whom the newest text of a cell is known."""
    return max((*_in_kernel(notebook, cell), *_in_file(notebook, cell)), default=None)


def _in_kernel(notebook: str | None, cell: str) -> Iterator[tuple[datetime, str, str]]:
    if (seen := _SEEN.get((notebook, cell))) is not None:
        yield *seen, "kernel"


def _in_file(notebook: str | None, cell: str) -> Iterator[tuple[datetime, str, str]]:
    if notebook is None:
        return
    try:
        stat = Path(notebook).stat()
        texts = _texts(notebook, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError, KeyError, TypeError):
        return  # it is none that can be read now: what the kernel knows stands
    if texts:
        yield datetime.fromtimestamp(stat.st_mtime, UTC), texts.get(cell, ""), "file"


@lru_cache(maxsize=8)
def _texts(notebook: str, *_: int) -> dict[str, str]:
    """The texts in a notebook's file by their cells' ids, as it was at that time, of that size."""
    cells = json.loads(Path(notebook).read_bytes())["cells"]
    found = {each["id"]: each["source"] for each in cells if "id" in each}
    return {id: text if isinstance(text, str) else "".join(text) for id, text in found.items()}
