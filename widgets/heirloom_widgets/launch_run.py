"""What a launch form has started: on a thread beside the kernel, step by step, to its outputs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as W

from heirloom.errors import InputError
from heirloom.render import Html, version_html
from heirloom_widgets.background import Newest
from heirloom_widgets.facts import label, version_words
from heirloom_widgets.launch_view import LaunchView
from heirloom_widgets.runs import STEPS, run_html, run_row, run_tree
from heirloom_widgets.trouble import complaint

__all__ = ["Launched"]

Open = Callable[[str, str], None]
Select = Callable[[str], None]


class Launched:
    """The run that a form has started last: one at a time.

    Attributes:
        details: Where an execution or a version is shown that nobody shows elsewhere.
    """

    def __init__(
        self, session: Any, view: LaunchView, on_open: Open | None, on_select: Select | None
    ) -> None:
        self._session, self._view = session, view
        self._on_open, self._on_select = on_open, on_select
        self._root = ""
        self._reader = Newest("heirloom-launched")
        self.details = W.HTML()
        view.answers("cancel", lambda _message: self.cancel())
        view.answers("open", lambda message: self.open(message["id"]))
        view.answers("see", lambda message: self.see(message["ref"]))

    def forget(self) -> None:
        """Show nothing of a run."""
        self._reader.drop()
        self._root = ""
        self._view.steps, self._view.made = [], []
        self._view.said = self._view.selected = self.details.value = ""
        self._view.failed = False

    def start(
        self, target: Any, form: Any, inputs: Mapping[str, Any], ended: Callable[[], None]
    ) -> threading.Thread:
        """Run it; `ended` is called on its thread when it has."""
        self.forget()
        self._view.busy = f"Running {form.kind} {form.name}"
        args = (target, form, inputs, ended)
        work = threading.Thread(target=self._run, args=args, name="heirloom-launch", daemon=True)
        work.start()
        return work

    def refresh(self) -> None:
        """Show how far it is."""
        if not self._root:
            return
        runs = self._session.executions(root=self._root, limit=STEPS)
        self._view.steps = [run_row(run, depth) for run, depth in run_tree(runs)]
        made = [value for run in runs[::-1] for value in run.outputs.values()]
        versions = {each.ref: label(each) for each in made if hasattr(each, "version")}
        self._view.made = [[ref, text] for ref, text in versions.items()]
        if self._on_open is None and self._view.selected:
            self.open(self._view.selected)

    def open(self, execution_id: str) -> None:
        """Show an execution."""
        self._view.selected = execution_id
        if self._on_open is not None:
            self._on_open("execution", execution_id)
            return
        run = self._session.execution(execution_id)
        self._reader.ask(lambda: run_html(self._session, run), self._put)

    def see(self, ref: str) -> None:
        """Show a version."""
        if self._on_select is not None:
            self._on_select(ref)
            return
        self._reader.drop()
        self._view.selected = ""
        self._put(version_html(version_words(self._session.get(ref))))

    def cancel(self) -> None:
        """End it, where it is recorded: a task alone is when it has ended."""
        if self._view.steps:
            self._session.cancel(self._root)

    def close(self) -> None:
        """Nothing more is shown; what runs goes on."""
        self._reader.drop()
        self.details.close()

    def _run(
        self, target: Any, form: Any, inputs: Mapping[str, Any], ended: Callable[[], None]
    ) -> None:
        began = time.monotonic()
        try:
            with self._session.here():
                run = self._session.launching.run(target, inputs, {}, False, begun=self._begun)
        except Exception as error:  # whatever a run meets is said beside its button
            self._refused(error, {field.name for field in form.fields})
        else:
            took = time.monotonic() - began
            self._view.selected = run.id
            self._view.failed = run.state != "succeeded"
            self._view.said = f"{form.kind} {form.name} {run.state} in {took:.2f} s: {run.id}."
        finally:
            self._view.busy = ""
            ended()

    def _begun(self, execution_id: str) -> None:
        """By its id, for others may run what has the same name."""
        self._root = execution_id

    def _refused(self, error: Exception, names: set[str]) -> None:
        """What is wrong with one input is said there."""
        name = getattr(error, "name", "")
        self._view.failed = True
        if isinstance(error, InputError) and name in names:
            self._view.faults = {name: complaint(error)}
            self._view.said = f"Nothing was started: see {name}."
        else:
            self._view.said = complaint(error)

    def _put(self, shown: Html) -> None:
        self.details.value = shown
