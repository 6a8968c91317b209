"""One run of a notebook: its cells executed, its copy kept, its end recorded."""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from heirloom.engine.ipynb import INJECTED, nbformat, tags
from heirloom.engine.items import version_of
from heirloom.engine.kernel import KernelDied
from heirloom.engine.kernel_run import KernelRun, Stopped, runs
from heirloom.engine.leaf import Outcome
from heirloom.engine.progress import tell
from heirloom.engine.query_lock import entries_of
from heirloom.engine.slots import Slot
from heirloom.errors import NotebookFailed, StoreError
from heirloom.records.executions import Execution, Item, bound_doc
from heirloom.records.refs import SCHEME
from heirloom.records.secrets import Redactor

if TYPE_CHECKING:
    from heirloom.engine.frame import Place
    from heirloom.engine.notebook import NotebookWorkflow
    from heirloom.engine.runner import Runner

__all__ = ["NotebookRun"]

_log = logging.getLogger("heirloom.notebook")
_log.addHandler(logging.NullHandler())  # what the client logs also comes as an error
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST = 20_000
_NOTED = ("execution_id", "root_id", "path", "attempt", "depth", "chain", "fenced", "again")


@dataclass(slots=True)
class NotebookRun:
    """From a started envelope to its end.

    Attributes:
        nbclient: The library that talks to the kernel.
        book: The copy that is executed, as an nbformat node; empty until `prepare`.
    """

    workflow: NotebookWorkflow
    runner: Runner
    place: Place
    started: Execution
    nbclient: Any
    book: Any = field(default_factory=dict)
    kernel: KernelRun = field(init=False)

    def __post_init__(self) -> None:
        note = {name: getattr(self.place, name) for name in _NOTED}
        note["notebook"] = self.workflow.path
        note["home"] = str(self.runner.recorder.catalog.home)
        here = copy_context()  # who watches is known here, not where the cells are told of
        self.kernel = KernelRun(
            note,
            lambda cell, state: here.run(self._tell, cell, state),
            self.workflow.closure.timeout,
        )

    def prepare(self, slots: Mapping[str, Slot]) -> None:
        """Make the copy, its inputs in it.

        Raises:
            UnsafeRead: A version is pickled, and the notebook does not say that it may be read.
        """
        notebook = self.workflow.closure
        injection = self.workflow.injection(self.runner.payloads, self.started.id)
        doc = {**notebook.doc, "cells": injection.cells(notebook.cells, slots)}
        self.book = nbformat().from_dict(json.loads(json.dumps(doc)))
        self.book.metadata["heirloom"] = {
            "execution_id": self.started.id,
            "notebook": notebook.path,
            "code": notebook.digest,
            "inputs": {name: bound_doc(slot.bound) for name, slot in slots.items()},
            "lock": entries_of(self.workflow, slots),
        }

    def cells(self) -> None:
        """Run them all in a kernel of their own.

        Raises:
            Exception: What the notebook client raises, or starting the kernel.
            KeyboardInterrupt: The caller was interrupted.
        """
        for cell in filter(runs, self.book.cells):
            self._tell(cell, "queued")
        client = partial(
            self.nbclient.NotebookClient,
            self.book,
            timeout=None,
            store_widget_state=False,
            coalesce_streams=True,
            log=_log,
        )
        kind, warm = self.workflow.kernel_in(self.runner), self.workflow.closure.warm
        self.kernel.execute(client, self.runner.kernels(), kind, warm=warm)
        if self.kernel.interrupted:
            raise self.kernel.halted or KeyboardInterrupt

    def _tell(self, cell: Mapping[str, Any], state: str) -> None:
        """Tell who watches what a cell is now; each is a step of the notebook."""
        place = replace(self.place, path=f"{self.place.path}/{cell['id']}")
        tell(place, self.workflow.name, state)

    # ------------------------------------------------------------------ ends

    def end(self) -> Outcome:
        """Record the good end, with the versions that the cells emitted."""
        outputs = self._outputs()
        items = {name: slot.bound for name, slot in outputs.items()}
        done = replace(self.started, log=self._keep())
        execution, _ = self.runner.recorder.record(done, self.place, {}, items)
        versions = tuple(slot.version for slot in outputs.values() if slot.version)
        return Outcome(execution, outputs, versions=versions)

    def _outputs(self) -> dict[str, Slot]:
        """Every version made below this envelope, by its artifact's name; again: ``name-2``."""
        view = self.runner.recorder.catalog.view()
        inside = f"{self.place.path}/"
        made = [
            bound.id
            for execution in reversed(view.executions(root=self.place.root_id))
            if execution.path.startswith(inside)
            for bound in execution.outputs.values()
            if isinstance(bound, Item) and bound.id.startswith(SCHEME)
        ]
        outputs: dict[str, Slot] = {}
        counts: Counter[str] = Counter()
        for ref in dict.fromkeys(made):
            version = version_of(view, ref)
            counts[version.name] += 1
            count = counts[version.name]
            name = version.name if count == 1 else f"{version.name}-{count}"
            outputs[name] = self.runner.resolver.slot_of_version(version, "declared")
        return outputs

    def end_badly(self, error: BaseException) -> BaseException:
        """Record the bad end, and give the error that says it."""
        ending, text = self._told(error)
        if self.kernel.runs_one:
            state = "cancelled" if self.kernel.interrupted else "failed"
            self._tell(self.book.cells[self.kernel.at], state)
        try:
            log = self._keep() if self.book else None
        except StoreError as refused:
            _log.warning("The executed copy of %s was not kept: %s", self.started.id, refused)
            log = None
        ended = self.runner.recorder.failed(
            replace(self.started, log=log), self.place, ending, text
        )
        if isinstance(ending, NotebookFailed):
            ending.execution = ended
        return ending

    def _told(self, error: BaseException) -> tuple[BaseException, str | None]:
        """The error that the caller gets, and what the record says, if that is not the same.

        The record's last line names the cell: it is the one that is told of a bad end.
        """
        exceptions = self.nbclient.exceptions
        if self.kernel.halted is not None:
            return self.kernel.halted, None
        if self.kernel.interrupted:
            ending = error if isinstance(error, KeyboardInterrupt) else KeyboardInterrupt()
            return ending, f"KeyboardInterrupt in {self._cell()}"
        if self.kernel.late:
            msg = f"{self._cell()} ran into the timeout of {self.kernel.timeout:g} s"
            return self._failed(msg, "TaskTimeout", str(error)), msg
        if isinstance(error, exceptions.CellExecutionError):
            said = error.evalue.strip().partition("\n")[0]
            how = f"raised {error.ename}" if error.ename else "failed"  # a shell has no names
            msg = f"{self._cell()} {how}{': ' if said else ''}{said}"
            text = self._traceback() or str(error)
            return self._failed(msg, error.ename, error.evalue), f"{text}\n\n{msg}"
        if isinstance(error, exceptions.DeadKernelError | KernelDied):
            msg = f"{self._cell()} lost its kernel: the process died"
            text = f"{self.kernel.last_words or error}\n{msg}".strip()
            return self._failed(msg, "DeadKernelError", str(error)), text
        if isinstance(error, Stopped):
            msg = f"{self._cell()} left its kernel before the notebook was done"
            return self._failed(msg, "SystemExit", ""), msg
        return error, None

    def _failed(self, message: str, ename: str, evalue: str) -> NotebookFailed:
        return NotebookFailed(
            message,
            path=self.workflow.path,
            cell_index=self._index(),
            ename=ename,
            evalue=evalue,
        )

    def _cell(self) -> str:
        """The cell that ran last, as a person finds it in the file."""
        name = os.path.basename(self.workflow.path)
        if self.kernel.at is None:
            return f"the start of {name!r}"
        if INJECTED in tags(self.book.cells[self.kernel.at]):
            return f"the cell with the inputs of {name!r}"
        return f"cell {self._index() + 1} of {name!r}"

    def _index(self) -> int:
        """Where that cell stands in the file, from 0; of the injected one, its parameters'."""
        at = self.kernel.at or 0
        return at - any(INJECTED in tags(cell) for cell in self.book.cells[: at + 1])

    def _traceback(self) -> str:
        """What the cell that ran last shows as its error, without colours."""
        outputs = self.book.cells[self.kernel.at or 0].get("outputs", ())
        lines = [line for out in outputs for line in out.get("traceback", ())]
        return _COLOURS.sub("", "\n".join(lines))[-_LONGEST:]

    def _keep(self) -> str:
        """Put the executed copy, as it is now but for secrets, into the store; its digest."""
        text: str = nbformat().v4.writes(_without_secrets(self.book, self.runner.payloads.secrets))
        return self.runner.payloads.keep(text.encode())


def _without_secrets(part: Any, secrets: Redactor) -> Any:
    """A part of a notebook with none of the secrets that were given to it."""
    if isinstance(part, str):
        return secrets.hide(part)
    if isinstance(part, dict):
        return type(part)({key: _without_secrets(each, secrets) for key, each in part.items()})
    if isinstance(part, list):
        return [_without_secrets(each, secrets) for each in part]
    return part
