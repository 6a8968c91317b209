"""Notebooks as workflows: read from a file, run in a kernel of their own, kept as they ran."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from heirloom.declare.port import port
from heirloom.engine.envelope import begin
from heirloom.engine.injection import check_slots
from heirloom.engine.ipynb import Notebook, missing, nbformat
from heirloom.engine.kernel import watched
from heirloom.engine.leaf import Outcome
from heirloom.engine.notebook_run import NotebookRun
from heirloom.engine.parameters import Parameters
from heirloom.errors import NotFound, NotSupported, did_you_mean
from heirloom.records.queries import Query

if TYPE_CHECKING:
    from heirloom.engine.frame import Place
    from heirloom.engine.payloads import Payloads
    from heirloom.engine.resolve import Wanted
    from heirloom.engine.runner import Runner
    from heirloom.records.executions import Execution

__all__ = ["NotebookWorkflow", "executed", "notebook_workflow", "watched"]


def notebook_workflow(
    path: str | os.PathLike[str], name: str | None = None, kernel: str = "fresh"
) -> NotebookWorkflow:
    """Make an ``.ipynb`` something that can be run, planned and triggered.

    Its inputs are the names that its first cell tagged ``parameters`` assigns; its outputs are
    the versions that its cells emit. The text is read now: an edited file is another workflow.

    Args:
        path: The file; its directory is where it runs.
        name: `None` for the file's stem.
        kernel: ``fresh``: a new one for each run.

    Raises:
        TargetNotFound: There is no such file.
        DeclarationError: It is no notebook, or its parameters cannot stand.
        InputError: A default does not fit its annotation.
        MissingExtra: What runs notebooks is not installed.
    """
    if kernel != "fresh":
        msg = f"kernel={kernel!r} is not there yet: a notebook runs in a fresh kernel."
        raise NotSupported(msg)
    return NotebookWorkflow.read(path, name)


class NotebookWorkflow:
    """A notebook that runs as one envelope around the cells that read or emit.

    Attributes:
        closure: Its recorded text.
        interface: Inputs only: what it emits is known when it has run.
    """

    kind = "notebook"

    def __init__(self, notebook: Notebook) -> None:
        self.closure = notebook
        self.name = notebook.name
        self.path = notebook.path
        self.parameters = Parameters.read(notebook.cells, notebook.name)
        self.interface = self.parameters.interface(notebook.name)

    @classmethod
    def read(cls, path: str | os.PathLike[str], name: str | None = None) -> NotebookWorkflow:
        """The notebook in a file; see `notebook_workflow`."""
        return cls(Notebook.read(Path(path).expanduser(), name))

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> NotebookWorkflow:
        """The notebook as it was recorded."""
        return cls(Notebook.from_doc(doc))

    @property
    def defaults(self) -> dict[str, Any]:
        """Defaults by input: constants and queries."""
        return self.parameters.defaults

    @property
    def queries(self) -> dict[str, Query]:
        """The smart defaults by input."""
        return {name: value for name, value in self.defaults.items() if isinstance(value, Query)}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, and return the values of the versions that it emitted, in their order."""
        target: Any = self
        return port().call(target, self.interface.bind(args, kwargs))

    def __repr__(self) -> str:
        return f"<notebook {self.name}({', '.join(self.interface.inputs)})>"

    def run_in(
        self, runner: Runner, wanted: Wanted, place: Place, firing: Mapping[str, str]
    ) -> Outcome:
        """Run the cells in a fresh kernel, recorded as an envelope at `place`.

        The executed copy, up to where it came, is kept however it ends: see `executed`.

        Raises:
            InputError: A value cannot reach the kernel; nothing is recorded.
            NotFound: Its kernel is not installed; nothing is recorded.
            NotebookFailed: A cell raised, or the kernel died; recorded as failed.
            KeyboardInterrupt: The caller was interrupted; recorded as cancelled.
        """
        nbclient = _nbclient()
        _check_kernel(self.closure.kernel)
        check_slots(wanted.slots, self.name)
        started, slots = begin(runner, self, "notebook", wanted, place, firing)
        run = NotebookRun(self, runner, place, started, nbclient)
        try:
            run.prepare(slots)
            run.cells()
            return run.end()
        except BaseException as error:
            ending = run.end_badly(error)
            if ending is error:
                raise
            raise ending from error


class _Opened(Protocol):
    """What `executed` asks of a session."""

    payloads: Payloads

    def execution(self, execution_id: str) -> Execution:
        """The execution of that id."""
        ...


def executed(session: _Opened, execution_id: str) -> Any:
    """The notebook as one execution left it, with its outputs and the injected cell.

    Args:
        session: Where the execution is recorded.
        execution_id: Its id, or six signs or more that begin it.

    Returns:
        An nbformat node; its ``metadata.heirloom`` names the execution and its inputs.

    Raises:
        ExecutionNotFound: There is none.
        NotFound: It is no notebook's, or has not ended.
    """
    execution = session.execution(execution_id)
    if execution.kind != "notebook" or execution.log is None:
        msg = f"Execution {execution.id} ({execution.kind}, {execution.state}) kept no notebook."
        raise NotFound(msg, name=execution.id)
    with session.payloads.store.open(execution.log) as stream:
        return nbformat().v4.reads(stream.read().decode())


def _nbclient() -> Any:
    try:
        import nbclient
    except ImportError as error:
        raise missing(error) from error
    return nbclient


def _check_kernel(name: str) -> None:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager()
    try:
        manager.get_kernel_spec(name)
    except NoSuchKernel as error:
        known = sorted(manager.find_kernel_specs())
        near = did_you_mean(name, known)
        msg = f"No kernel named {name!r} is installed.{near} There are {known}."
        raise NotFound(msg, name=name) from error
