"""How two executions of a notebook differ: cells whose text or outputs are others."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.engine.executed import CellRun, Executed
from heirloom.records.executions import Execution

__all__ = ["CellChange", "NotebookDiff", "notebook_diff"]

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TEXTS = ("text/markdown", "text/latex", "text/plain", "text/html", "application/json")


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that is not the same in both.

    Attributes:
        number: Of the cell in the later one, or in the earlier where it is gone; see `CellRun`.
        state: What became of it there, or ``gone``, or ``new``, or ``ran → failed``.
        source: A unified diff of its text; empty where that is the same.
        outputs: A unified diff of what it showed; empty where that is the same.
    """

    number: str
    state: str
    source: str
    outputs: str

    @property
    def title(self) -> str:
        """Which cell, and what became of it."""
        return f"cell {self.number} ({self.state})"

    @property
    def shown(self) -> list[render.Html]:
        """Its diffs in HTML."""
        return [render.unified(each) for each in (self.source, self.outputs) if each]


@dataclass(frozen=True, slots=True, repr=False)
class NotebookDiff:
    """What differs from execution `a` of a notebook to `b`.

    Counts, timings, addresses of objects and pictures inside of HTML are not compared.
    """

    a: Execution
    b: Execution
    cells: tuple[CellChange, ...]

    @property
    def title(self) -> str:
        """Which two executions, in words."""
        return f"{self.a.name} {self.a.id} → {self.b.name} {self.b.id}"

    def __repr__(self) -> str:
        differ = "differs" if len(self.cells) == 1 else "differ"
        many = (
            f"{render.counted(len(self.cells), 'cell')} {differ}" if self.cells else "no difference"
        )
        return f"<diff {self.title}: {many}>"

    def to_text(self) -> str:
        """All of it, cell by cell, as unified diffs."""
        lines = [self.title]
        for cell in self.cells:
            lines.append(cell.title)
            diffs = [*cell.source.splitlines(), *cell.outputs.splitlines()]
            lines += [f"  {line}" for line in diffs]
        return "\n".join(lines if self.cells else [*lines, "no difference"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        parts = [render.section(cell.title, *cell.shown) for cell in self.cells]
        html = render.frame(self.title, *(parts or [render.escape("no difference")]))
        return {"text/plain": self.to_text(), "text/html": html}


def notebook_diff(a: Executed, b: Executed) -> NotebookDiff:
    """What differs from `a` to `b`; cells are matched by their ids."""
    before, after = ({run.cell.id: run for run in each.cells} for each in (a, b))
    changes = (
        _change(before.get(id), after.get(id), a.execution, b.execution)
        for id in _ordered(list(before), list(after))
    )
    found = tuple(change for change in changes if change is not None)
    return NotebookDiff(a.execution, b.execution, found)


def _ordered(before: list[str], after: list[str]) -> Iterator[str]:
    """All ids in the order of the later one, what is gone where it was."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for _, begin, end, new_begin, new_end in matcher.get_opcodes():
        yield from (id for id in before[begin:end] if id not in after)
        yield from after[new_begin:new_end]


def _change(
    before: CellRun | None, after: CellRun | None, a: Execution, b: Execution
) -> CellChange | None:
    present = after or before
    assert present is not None
    states = [run.state for run in (before, after) if run is not None]
    state = " → ".join(dict.fromkeys(states))
    state = "gone" if after is None else "new" if before is None else state
    source = _unified(_source(before, a), _source(after, b), "source")
    outputs = _unified(_outputs(before), _outputs(after), "outputs")
    same = len(states) == 2 and states[0] == states[1] and not (source or outputs)
    return None if same else CellChange(present.number, state, source, outputs)


def _source(run: CellRun | None, execution: Execution) -> list[str]:
    """A cell's text; what names its own execution is the same in each."""
    text = "" if run is None else str(run.cell.source)
    return text.replace(execution.id, "<this run>").splitlines()


def _outputs(run: CellRun | None) -> list[str]:
    if run is None:
        return []
    return [line for output in run.cell.outputs for line in _shown(output)]


def _shown(output: Mapping[str, Any]) -> list[str]:
    """An output as lines."""
    kind = output["output_type"]
    if kind == "stream":
        text = str(output["text"])
    elif kind == "error":
        text = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
    else:
        text = _of_bundle(output["data"])
    return _ADDRESS.sub("0x…", _COLOURS.sub("", text)).splitlines()


def _of_bundle(data: Mapping[str, Any]) -> str:
    """A text of what is shown, and the digest of each picture."""
    texts = [str(data[mime]) for mime in _TEXTS[:3] if mime in data]
    texts = texts or [str(data[mime]) for mime in _TEXTS[3:] if mime in data]
    for mime in sorted(data):
        if mime.startswith("image/"):
            digest = hashlib.sha256(str(data[mime]).encode()).hexdigest()
            texts.append(f"<{mime} {digest[:12]}>")
    return "\n".join(texts)


def _unified(before: list[str], after: list[str], what: str) -> str:
    names = (f"{what} before", f"{what} after")
    return "\n".join(difflib.unified_diff(before, after, *names, lineterm=""))
