"""Notebooks as workflows: read from a file, run in a kernel of their own, kept as they ran."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heirloom.declare.port import open_port, port
from heirloom.declare.task import seconds_of
from heirloom.engine.emitted import emitted
from heirloom.engine.envelope import begin
from heirloom.engine.halting import halting
from heirloom.engine.injection import Injection, check_slots
from heirloom.engine.ipynb import Notebook, missing
from heirloom.engine.kernel import Kind
from heirloom.engine.leaf import Outcome
from heirloom.engine.other_language import OtherInjection, plain_parameters
from heirloom.engine.parameters import Parameters
from heirloom.errors import DeclarationError, NotFound, did_you_mean
from heirloom.records.given import given_choice
from heirloom.records.queries import Query
from heirloom.tracebacks import users_own

if TYPE_CHECKING:
    from heirloom.engine.frame import Place
    from heirloom.engine.payloads import Payloads
    from heirloom.engine.resolve import Wanted
    from heirloom.engine.runner import Runner

__all__ = ["NotebookWorkflow", "notebook_workflow"]

_KERNELS = ("fresh", "warm")


def notebook_workflow(
    path: str | os.PathLike[str],
    name: str | None = None,
    kernel: str = "fresh",
    timeout: float | timedelta | None = None,
) -> NotebookWorkflow:
    """Make an ``.ipynb`` something that can be run, planned and triggered.

    Its inputs are the names that its first cell tagged ``parameters`` assigns; its outputs are
    the versions that its cells emit. The text is read now: an edited file is another workflow.
    One in another language gives names numbers, texts and truths there, and reads and emits
    through the command line.

    Args:
        path: The file; its directory is where it runs.
        name: `None` for the file's stem.
        kernel: ``fresh``: a new one for each run. ``warm``: a new one, too, but started before
            it is needed: the session keeps one ready from now on, if it is open, else from the
            first run on, and its end is not waited for.
        timeout: Seconds, or a `timedelta`, that the cells of one run may take together; then
            the kernel is interrupted, and the run has failed.

    Raises:
        TargetNotFound: There is no such file.
        DeclarationError: It is no notebook, its parameters cannot stand, or the timeout is none.
        InputError: A default does not fit its annotation, or there is no such `kernel`.
        MissingExtra: What runs notebooks is not installed.
    """
    try:
        file = Path(path).expanduser()
    except TypeError as error:
        msg = f"A notebook is given by its path; got {path!r:.100}."
        raise DeclarationError(msg) from error
    options = {
        "warm": given_choice(kernel, "kernel", _KERNELS) == "warm",
        "timeout": seconds_of(timeout),
    }
    made = NotebookWorkflow(Notebook.read(file, name, **options))
    if (opened := open_port()) is not None:
        target: Any = made
        opened.declared(target)
    return made


class NotebookWorkflow:
    """A notebook that runs as one envelope around the cells that read or emit.

    Attributes:
        closure: Its recorded text.
        interface: Inputs only: what it emits is known when it has run.
        emits: The artifacts that its cells are known to emit.
    """

    kind = "notebook"

    def __init__(self, notebook: Notebook) -> None:
        self.closure = notebook
        self.name = notebook.name
        self.path = notebook.path
        if notebook.in_python:
            self.parameters = Parameters.read(notebook.cells, notebook.name)
        else:
            self.parameters = plain_parameters(notebook)
        self.interface = self.parameters.interface(notebook.name)
        self.emits = emitted(notebook.cells) if notebook.in_python else ()

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

    @users_own
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, and return the values of the versions that it emitted, in their order."""
        target: Any = self
        return port().call(target, self.interface.bind(args, kwargs))

    def __repr__(self) -> str:
        emits = f" -> {', '.join(map(str, self.emits))}" if self.emits else ""
        return f"<notebook {self.name}({', '.join(self.interface.inputs)}){emits}>"

    def run_in(self, runner: Runner, wanted: Wanted, place: Place) -> Outcome:
        """Run the cells in a kernel of their own, recorded as an envelope at `place`.

        The executed copy, up to where it came, is kept however it ends: see `executed`.

        Raises:
            InputError: A value cannot reach the kernel; nothing is recorded.
            NotSupported: Nobody knows how its language writes inputs; nothing is recorded.
            MissingExtra: What does know is not installed; nothing is recorded.
            NotFound: Its kernel is not installed; nothing is recorded.
            NotebookFailed: A cell raised, or the kernel died; recorded as failed.
            KeyboardInterrupt: The caller was interrupted; recorded as cancelled.
        """
        from heirloom.engine.notebook_run import NotebookRun

        nbclient = _nbclient()
        _check_kernel(self.closure.kernel)
        check_slots(wanted.slots, self.name)
        if not self.closure.in_python:
            self.injection(runner.payloads, "").cells(self.closure.cells, wanted.slots)
        started, slots = begin(runner, self, "notebook", wanted, place)
        run = NotebookRun(self, runner, place.below_record(), started, nbclient)
        try:
            run.prepare(slots)
            with halting(place.root_id):  # `cancel` reaches the cell that runs
                run.cells()
            return run.end()
        except BaseException as error:
            ending = run.end_badly(error)
            if ending is error:
                raise
            raise ending from error

    def injection(self, payloads: Payloads, execution_id: str) -> Injection | OtherInjection:
        """What gives a run its inputs."""
        if self.closure.in_python:
            return Injection(self.parameters, payloads, execution_id)
        return OtherInjection(self.closure, self.parameters, payloads)

    def kernel_in(self, runner: Runner) -> Kind:
        """What kernel it runs in: its kernelspec, its directory, this process's environment."""
        ours = {"HEIRLOOM_REACTOR": "off", "HEIRLOOM_PROGRESS": "off"}
        environment = {**os.environ, **runner.environment, **ours}
        environment.pop("JPY_SESSION_NAME", None)  # it is told whose it is when it is taken
        directory = os.path.dirname(self.path)
        directory = directory if os.path.isdir(directory) else os.getcwd()
        return Kind(self.closure.kernel, directory, tuple(sorted(environment.items())))


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
