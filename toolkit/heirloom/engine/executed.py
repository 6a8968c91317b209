"""A notebook as one execution left it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heirloom.engine.ipynb import INJECTED, nbformat, tags
from heirloom.errors import InputError, NotFound, StoreError
from heirloom.records.executions import Execution
from heirloom.render.listing import Listing

if TYPE_CHECKING:
    from heirloom.catalog.protocol import View
    from heirloom.engine.payloads import Payloads

__all__ = ["CellRun", "Executed", "executed", "run_before"]

_FROM, _TO = "iopub.execute_input", "iopub.status.idle"
_WIDE = 60


@dataclass(frozen=True, slots=True)
class CellRun:
    """One code cell of it.

    Attributes:
        number: Where it stands in the notebook's file, among all cells, from 1; ``inputs`` for
            the one that gave the inputs.
        state: ``ran``, ``failed``, ``stopped`` (interrupted, or its kernel died), ``skipped``
            (by its tag, or empty) or ``not run``.
        seconds: How long it ran; `None` where that is not known.
        cell: The cell, with its outputs.
    """

    number: str
    state: str
    seconds: float | None
    cell: Any

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Number, state, seconds, and the first line of its text."""
        took = "" if self.seconds is None else f"{self.seconds:.2f}"
        first, _, more = self.cell.source.strip().partition("\n")
        cut = first[: _WIDE - 1] + "…" if len(first) >= _WIDE or more else first
        return self.number, self.state, took, cut


@dataclass(frozen=True, slots=True, repr=False)
class Executed:
    """A notebook with the outputs and the injected inputs of one execution.

    Attributes:
        notebook: An nbformat node; its ``metadata.heirloom`` names the execution, its inputs,
            and the versions that queries gave.
    """

    execution: Execution
    notebook: Any

    @property
    def cells(self) -> tuple[CellRun, ...]:
        """Its code cells, in their order."""
        return tuple(_cells(self.notebook))

    def save(self, to: str | os.PathLike[str] | None = None) -> Path:
        """Write it as a file.

        Args:
            to: `None` for the notebook's name and the execution's, in this directory.

        Raises:
            InputError: There is a file of that name; nothing was written.
            StoreError: It cannot be written there.
        """
        path = Path(to or f"{self.execution.name}-{self.execution.id}.ipynb").expanduser()
        text: str = nbformat().v4.writes(self.notebook)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            msg = f"{str(path)!r} is there already; nothing was written. Give another name."
            raise InputError(msg, name="to") from error
        except OSError as error:
            msg = f"{str(path)!r} cannot be written: {error.strerror}."
            raise StoreError(msg, uri=str(path)) from error
        return path

    @property
    def listing(self) -> Listing:
        """Its cells as a table."""
        run = self.execution
        rows = tuple(cell.row for cell in self.cells)
        return Listing(f"{run.name} {run.id} {run.state}", ("cell", "state", "s", ""), rows)

    def __repr__(self) -> str:
        return repr(self.listing)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.listing.bundle()


def executed(payloads: Payloads, execution: Execution) -> Executed:
    """The notebook as an execution left it: how far it came, if that was not to the end.

    Raises:
        NotFound: It is no notebook's, has not ended, or was killed with its process.
    """
    if execution.kind != "notebook" or execution.log is None:
        msg = f"Execution {execution.id} ({execution.kind}, {execution.state}) kept no notebook."
        raise NotFound(msg, name=execution.id)
    with payloads.stores.with_digest(execution.log).open(execution.log) as stream:
        return Executed(execution, nbformat().v4.reads(stream.read().decode()))


def run_before(view: View, execution: Execution) -> Execution:
    """The last execution of the same notebook that ended before this one began.

    Raises:
        NotFound: There is none.
    """
    for each in view.executions(project=execution.project, name=execution.name, newest=True):
        if each.kind == "notebook" and each.log and each.started_at < execution.started_at:
            return each
    msg = f"{execution!r} is the first of its notebook: there is none before it."
    raise NotFound(msg, name=execution.id)


def _cells(notebook: Any) -> Iterator[CellRun]:
    number = 0
    for cell in notebook.cells:
        injected = INJECTED in tags(cell)
        number += not injected
        if cell.cell_type == "code":
            shown = "inputs" if injected else str(number)
            yield CellRun(shown, _state(cell), _seconds(cell.metadata), cell)


def _state(cell: Any) -> str:
    if "execution" not in cell.metadata:
        idle = "skip-execution" in tags(cell) or not cell.source.strip()
        return "skipped" if idle else "not run"
    errors = [output.ename for output in cell.outputs if output.output_type == "error"]
    if "KeyboardInterrupt" in errors or _TO not in cell.metadata.execution:
        return "stopped"
    return "failed" if errors else "ran"


def _seconds(metadata: Mapping[str, Any]) -> float | None:
    times = metadata.get("execution", {})
    if _FROM not in times or _TO not in times:
        return None
    began, ended = (datetime.fromisoformat(times[each]) for each in (_FROM, _TO))
    return (ended - began).total_seconds()
