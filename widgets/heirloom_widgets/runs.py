"""Executions: what made a version and what read it, with logs, errors and buttons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ipywidgets as W
import traitlets

from heirloom.render import Html, block, code, execution_html, join, section, tone_of
from heirloom_widgets.assets import script, style
from heirloom_widgets.background import Newest
from heirloom_widgets.facts import execution_words
from heirloom_widgets.panel import Panel, column, row
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import Message, View

__all__ = ["STEPS", "Runs", "RunsView", "run_html", "run_row", "run_tree"]

STEPS, READERS, RECENT = 60, 20, 50
_LOG = 20_000
_DOING = {"rerun": "Running again", "latest": "Running with the latest", "resume": "Going on"}
_SAYS = {
    "cancel": "is cancelled",
    "hold": "is held until somebody starts it",
    "start": "starts when its turn comes",
}


class RunsView(View):
    """A list of executions, and what can be done with the one that is selected; see ``runs.js``."""

    _esm = script("steps.js", "runs.js")
    _css = style("panel.css", "runs.css")
    runs: traitlets.List[dict[str, Any]] = traitlets.List([]).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    actions: traitlets.List[list[str]] = traitlets.List([]).tag(sync=True)
    every = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)


class Runs(Panel):
    """The run that made a version, step by step, and what read it; or all recent executions.

    The one that is selected shows its inputs, outputs, log and traceback, and can be run again
    on the same inputs or on the latest, resumed, or cancelled, on a thread beside the kernel.
    """

    title = "Executions"

    def __init__(self, session: Any = None) -> None:
        super().__init__(session)
        self.version: Any = None
        self._started: list[str] = []
        self._reader = Newest("heirloom-log")
        self._ends.append(self._reader.drop)
        self.view = RunsView()
        self.details = W.HTML()
        self.view.answers("open", lambda message: self.open(message["id"]))
        self.view.answers("every", lambda message: self.every(message["on"]))
        self.view.answers("act", self._asked)
        self.widget = row(
            column(self.view, name="hl-half"),
            column(self.details, name="hl-half hl-run"),
            name="hl-below hl-panel hl-runs",
        )

    def show(self, version: Any) -> None:
        """Show what made and read `version`; the selection stays where it is of it."""
        changed = self.version is None or self.version.ref != version.ref
        self.version = version
        if changed and not self.view.every:
            self.view.selected = version.execution_id
        self.refresh()

    def refresh(self) -> None:
        """Show the executions as they stand now."""
        self.view.renew(self._fill)

    def every(self, on: bool) -> None:
        """Show the project's recent executions instead, or the version's again."""
        self.view.every = on
        if not on and self.version is not None:
            self.view.selected = self.version.execution_id
        self._fill()

    def open(self, execution_id: str) -> None:
        """Select an execution."""
        self.view.selected = execution_id
        self.view.said = ""
        self._fill()

    def begun(self, execution_id: str) -> None:
        """List an execution that was started from another panel, and select it."""
        if execution_id not in self._started:
            self._started.insert(0, execution_id)
        self.open(execution_id)

    def act(self, act: str) -> threading.Thread | None:
        """Run the selected execution again, go on with it; cancel, hold or start a queued one.

        Returns:
            The thread that runs it; `None` where there is nothing to wait for.
        """
        selected = self.view.selected
        if act in _SAYS:
            run = getattr(self.session, act)(selected)
            self.view.said = f"{run.kind} {run.name} {_SAYS[act]}."
            self._fill()
            return None
        does: dict[str, Callable[[], Any]] = {
            "rerun": lambda: self.session.rerun(selected, check=False),
            "latest": lambda: self.session.rerun(selected, latest=True, check=False),
            "resume": lambda: self.session.resume(selected, check=False),
        }
        self.view.said = ""
        self.view.busy = _DOING[act]
        args = (does[act],)
        work = threading.Thread(target=self._run, args=args, name="heirloom-run", daemon=True)
        work.start()
        return work

    def _asked(self, message: Message) -> None:
        self.act(message["act"])

    def twin(self) -> str:
        """The selected execution as HTML without script."""
        if not self.view.selected:
            return ""
        return execution_html(execution_words(self.session.execution(self.view.selected)))

    def _run(self, does: Callable[[], Any]) -> None:
        try:
            ended = does()
        except Exception as error:  # whatever a rerun meets is said beside its button
            self.view.said = complaint(error)
        else:
            if ended.id not in self._started:
                self._started.insert(0, ended.id)
            self.view.selected = ended.id
            self.view.said = f"{ended.kind} {ended.name} {ended.state}: {ended.id}."
        finally:
            self.view.busy = ""
            self.refresh()

    # ------------------------------------------------------------------ what is shown

    def _fill(self) -> None:
        rows = list(self._rows())
        self.view.runs = rows
        ids = [each["id"] for each in rows if "id" in each]
        if ids and self.view.selected not in ids:
            self.view.selected = ids[0]
        self._detail()

    def _rows(self) -> Iterator[dict[str, Any]]:
        if self.view.every:
            found = self.session.executions(limit=RECENT)
            yield from _group("Recent", ((run, 0) for run in found if not run.parent_id))
            return
        if self._started:
            started = map(self.session.execution, self._started[:READERS])
            yield from _group("Run from here", ((run, 0) for run in started))
        if self.version is None:
            return
        run = self.session.executions(root=self.version.root_id, limit=STEPS)
        yield from _group("Made by", run_tree(run))
        readers = self.session.consumers(self.version, limit=READERS)
        yield from _group("Read by", ((reader, 0) for reader in readers))

    def _detail(self) -> None:
        selected = self.view.selected
        if not selected:
            self.view.actions = []
            self.details.value = "Nothing has run yet."
            return
        run = self.session.execution(selected)
        self.view.actions = _actions(run)
        self._reader.ask(lambda: run_html(self.session, run), self._put)

    def _put(self, shown: Html) -> None:
        self.details.value = shown


def _actions(run: Any) -> list[list[str]]:
    if run.kind in {"publish", "session"}:
        return []
    if run.state == "queued":
        hold = [] if run.held_by else [["hold", "Hold"]]
        start = [["start", "Start now"]] if run.held_by or run.not_before else []
        return [*start, *hold, ["cancel", "Cancel"]]
    if not run.is_final:
        return [["cancel", "Cancel"]]
    again = [["rerun", "Rerun"], ["latest", "Rerun with the latest inputs"]]
    return again if run.state == "succeeded" else [*again, ["resume", "Resume"]]


def _group(title: str, runs: Iterable[tuple[Any, int]]) -> Iterator[dict[str, Any]]:
    """The rows under a title; none where there are none."""
    rows = [run_row(run, depth) for run, depth in runs]
    if rows:
        yield {"head": title}
        yield from rows


def run_html(session: Any, run: Any) -> Html:
    """An execution with its log, as HTML without script."""
    shown = execution_html(execution_words(run))
    try:
        printed = session.log(run.id).printed
    except Exception as error:  # a log that is gone costs nothing else
        return join((shown, block("hl-trouble", complaint(error))))
    cut = "[…]\n" if len(printed) > _LOG else ""
    log = section("Log", code(cut + printed[-_LOG:])) if printed else ""
    return join((shown, log))


def run_row(run: Any, depth: int) -> dict[str, Any]:
    """An execution as ``steps.js`` draws it."""
    state = "cached" if run.cached_from else run.state
    return {
        "id": run.id,
        "depth": depth,
        "kind": run.kind,
        "name": run.name if run.name != run.kind else "",
        "state": state,
        "tone": tone_of(run.state),
        "started": run.started_at.isoformat(),
        "ended": run.ended_at.isoformat() if run.ended_at else "",
        "error": (run.error or "").strip().rpartition("\n")[2][:200],
    }


def run_tree(runs: list[Any]) -> Iterator[tuple[Any, int]]:
    """The executions of one run, oldest first, each below what called it."""
    known = {run.id for run in runs}
    below: dict[str | None, list[Any]] = {}
    for run in reversed(runs):
        below.setdefault(run.parent_id if run.parent_id in known else None, []).append(run)

    def walk(parent: str | None, depth: int) -> Iterator[tuple[Any, int]]:
        for run in below.get(parent, ()):
            yield run, depth
            yield from walk(run.id, depth + 1)

    return walk(None, 0)
