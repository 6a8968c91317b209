"""What became of a run: its tasks as a tree, and what they printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from heirloom import render
from heirloom.errors import PayloadMissing
from heirloom.records.executions import Execution

if TYPE_CHECKING:
    from heirloom.catalog.protocol import View
    from heirloom.engine.payloads import Payloads

__all__ = ["RunLog", "Step", "run_log"]

_SHOWN = 200
_CUT = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """One execution of a run; `depth` is how deep it stands below the one that was asked for."""

    execution: Execution
    depth: int

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """What it is, its state, the seconds it took, its tries, its id."""
        run = self.execution
        took = f"{(run.ended_at - run.started_at).total_seconds():.2f}" if run.ended_at else ""
        state = "cached" if run.cached_from else run.state
        tries = str(run.tries) if run.tries > 1 else ""
        return f"{'  ' * self.depth}{run.kind} {run.name}", state, took, tries, run.id


@dataclass(frozen=True, slots=True)
class RunLog:
    """What an execution and those inside of it did.

    Attributes:
        steps: The execution itself and what ran inside of it, in the order of their beginning,
            each below what called it.
        printed: What they printed and logged, in that order; of several, each under its name.
    """

    steps: tuple[Step, ...]
    printed: str

    def table(self) -> list[tuple[str, str, str, str, str]]:
        """A row for each step; of many, the first, and how many more there are."""
        rows = [step.row for step in self.steps[:_SHOWN]]
        if len(self.steps) > _SHOWN:
            rows.append((f"… {len(self.steps) - _SHOWN} more", "", "", "", ""))
        return rows

    def __str__(self) -> str:
        lines = ["  ".join(filter(None, row)) for row in self.table()]
        return "\n".join([*lines, "", self.printed] if self.printed else lines)

    def __repr__(self) -> str:
        return f"<log of {self.steps[0].execution!r}: {len(self.steps)} steps>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        cells = [(row[0].replace("  ", "\u2003"), *row[1:]) for row in self.table()]
        parts = [render.table(cells, ("step", "state", "seconds", "tries", "id"))]
        if self.printed:
            parts.append(render.section("Printed", render.code(cut(self.printed))))
        title = self.steps[0].row[0]
        return {"text/plain": cut(str(self)), "text/html": render.frame(title, *parts)}


def cut(text: str) -> str:
    """The end of a text that is too long to be shown whole."""
    return text if len(text) <= _CUT else f"[…]\n{text[-_CUT:]}"


def run_log(view: View, payloads: Payloads, execution: Execution) -> RunLog:
    """The log of an execution, and of all inside of it."""
    whole = view.executions(root=execution.root_id, newest=False)
    if execution.kind == "cell":  # what a person's cell called are runs of their own
        for each in view.executions(parent=execution.id, newest=False):
            whole += view.executions(root=each.id, newest=False)
    below: dict[str | None, list[Execution]] = {}
    for each in whole:
        below.setdefault(each.parent_id, []).append(each)
    steps = tuple(_tree(execution, below, 0))
    said = [(step.execution, _printed(step.execution, payloads)) for step in steps]
    told = [(run, text) for run, text in said if text]
    if len(steps) == 1:
        return RunLog(steps, "".join(text for _, text in told))
    return RunLog(steps, "\n".join(f"--- {run.name} {run.id}\n{text}" for run, text in told))


def _tree(
    execution: Execution, below: Mapping[str | None, Sequence[Execution]], depth: int
) -> Iterator[Step]:
    yield Step(execution, depth)
    for each in below.get(execution.id, ()):
        yield from _tree(each, below, depth + 1)


def _printed(execution: Execution, payloads: Payloads) -> str:
    if execution.log is None or execution.kind == "notebook":
        return execution.printed
    try:
        kept = payloads.stores.with_digest(execution.log).get_bytes(execution.log)
    except PayloadMissing:
        return "(what it printed is not in the store any more)\n"
    return kept.decode("utf-8", "replace")
