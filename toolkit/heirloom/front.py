"""The front's functions: each is the current session's method of the same name.

With what they give, it is all of the front that acts; the package imports it when it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import FunctionType
from typing import Any, BinaryIO, overload

from heirloom.ancestry import Diff, Lineage, Why
from heirloom.engine.anchors import Anchor
from heirloom.engine.executed import Executed
from heirloom.engine.fields import LaunchForm
from heirloom.engine.frame import FrameInputs
from heirloom.engine.history import History
from heirloom.engine.launching import Settled
from heirloom.engine.looks import Page
from heirloom.engine.notebook import notebook_workflow
from heirloom.engine.notebook_diff import NotebookDiff
from heirloom.engine.plan import Plan
from heirloom.engine.preview import Preview
from heirloom.engine.query_lock import LockMoved
from heirloom.engine.run_log import RunLog
from heirloom.engine.shown import Execution
from heirloom.engine.telling import Listener
from heirloom.opening import connect, current
from heirloom.records.ledger import LedgerRow
from heirloom.records.news import NEWS, News
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card
from heirloom.session import Session
from heirloom.tracebacks import users_own

__all__ = [
    "Diff",
    "Execution",
    "Lineage",
    "Page",
    "Plan",
    "Preview",
    "Session",
    "Why",
    "alias",
    "anchor",
    "annotate",
    "cancel",
    "connect",
    "current",
    "diff",
    "executed",
    "execution",
    "executions",
    "get",
    "history",
    "hold",
    "inputs",
    "latest_per",
    "launch_form",
    "ledger",
    "lineage",
    "log",
    "notebook_workflow",
    "on",
    "open",
    "plan",
    "plans",
    "preview",
    "publish",
    "pull",
    "pull_frame",
    "ref",
    "release",
    "rerun",
    "restore",
    "resume",
    "run",
    "search",
    "settle",
    "start",
    "update_lock",
    "why",
    "yank",
]

inputs = FrameInputs()


def ref(text: str) -> Ref:
    """The ref that `text` spells; ``str`` gives the text back.

    Raises:
        RefError: It is no ref; the message points at the spot.
    """
    return Ref.parse(text)


def get(ref: Any, **partitions: Any) -> ArtifactVersion:
    """The record of the version that `ref` means; a look, no edge.

    See `Session.get`.
    """
    return current().get(ref, **partitions)


def pull(
    ref: Any,
    *,
    as_: Any = None,
    to: str | os.PathLike[str] | None = None,
    allow_pickle: bool = False,
    **partitions: Any,
) -> Any:
    """The payload of the version that `ref` means, verified; a read, so an edge.

    See `Session.pull`.
    """
    return current().pull(ref, as_=as_, to=to, allow_pickle=allow_pickle, **partitions)


def pull_frame(ref: Any, **partitions: Any) -> Any:
    """The payload as a pandas DataFrame; a read, so an edge.

    See `Session.pull_frame`.
    """
    return current().pull_frame(ref, **partitions)


def open(ref: Any, **partitions: Any) -> BinaryIO:
    """The payload as a binary file that can seek, verified; a read, so an edge.

    See `Session.open`.
    """
    return current().open(ref, **partitions)


def latest_per(ref: Any, *keys: str, **partitions: Any) -> Page:
    """The version that `ref` means under each value of partition keys, the newest first.

    See `Session.latest_per`.
    """
    return current().latest_per(ref, *keys, **partitions)


def history(ref: Any) -> History:
    """What was said of a name, or of one version: aliases, cards, notes, yanks; oldest first.

    See `Session.history`.
    """
    return current().history(ref)


def search(
    text: str = "", *, limit: int = 100, cursor: str | None = None, order: str = "newest"
) -> Page:
    """A page of the versions that a search line finds, newest first unless `order` says else.

    See `Session.search`.
    """
    return current().search(text, limit=limit, cursor=cursor, order=order)


def publish(
    value: Any,
    ref: str,
    card: Card | str | None = None,
    *,
    time_partition: datetime | date | None = None,
    format: str | None = None,
    kind: str | None = None,
    draft: bool = False,
    allow_shared: bool = False,
) -> ArtifactVersion:
    """Emit `value` as the next version of ``name[key=value]``, from anywhere.

    See `Session.publish`.
    """
    return current().publish(
        value,
        ref,
        card,
        time_partition=time_partition,
        format=format,
        kind=kind,
        draft=draft,
        allow_shared=allow_shared,
    )


def lineage(
    ref: Any,
    up: int | None = 1,
    down: int | None = 1,
    as_of: datetime | None = None,
    *,
    limit: int = 1000,
) -> Lineage:
    """The lineage around a version; a hop is version, execution, version; `None` is all.

    See `Session.lineage`.
    """
    return current().lineage(ref, up, down, as_of, limit=limit)


def why(ref: Any) -> Why:
    """What made a version, beside the newest live one before it of the same partition values.

    See `Session.why`.
    """
    return current().why(ref)


@overload
def diff(a: Execution, b: Execution | None = None) -> NotebookDiff: ...
@overload
def diff(a: Any, b: Any = None) -> Diff: ...
def diff(a: Any, b: Any = None) -> Diff | NotebookDiff:
    """How version `b` differs from `a`; of executions of notebooks, which cells do.

    See `Session.diff`.
    """
    found: Diff | NotebookDiff = current().diff(a, b)
    return found


def executed(execution: Any, to: str | os.PathLike[str] | None = None) -> Executed:
    """The notebook as one execution left it, outputs and injected inputs included.

    See `Session.executed`.
    """
    return current().executed(execution, to)


def anchor(ref: Any) -> Anchor | None:
    """The cell that made a version, and whether it has changed since; `None` for no cell.

    See `Session.anchor`.
    """
    return current().anchor(ref)


def run(
    target: Any,
    inputs: Mapping[str, Any] | None = None,
    /,
    *,
    executor: Any = None,
    check: bool = True,
    locked: bool = False,
    **named: Any,
) -> Execution:
    """Run a task, workflow, plan or notebook, and return its execution.

    See `Session.run`.
    """
    return current().run(target, inputs, executor=executor, check=check, locked=locked, **named)


def update_lock(notebook: Any, run: Any = None, *, dry_run: bool = False) -> LockMoved:
    """Let the lock of a notebook have what its smart defaults mean now; what that changes.

    See `Session.update_lock`.
    """
    return current().update_lock(notebook, run, dry_run=dry_run)


def rerun(
    execution: Any,
    inputs: Mapping[str, Any] | None = None,
    /,
    *,
    latest: bool = False,
    check: bool = True,
    **named: Any,
) -> Execution:
    """Run what was recorded again: its code, its input versions, in a clean process.

    See `Session.rerun`.
    """
    return current().rerun(execution, inputs, latest=latest, check=check, **named)


def resume(execution: Any, *, check: bool = True) -> Execution:
    """Run the next attempt of a run that failed, died or was cancelled.

    See `Session.resume`.
    """
    return current().resume(execution, check=check)


def cancel(execution: Any) -> Execution:
    """End the run that an execution belongs to.

    See `Session.cancel`.
    """
    return current().cancel(execution)


def hold(execution: Any) -> Execution:
    """Keep a queued execution from starting, until `start` lets it or `cancel` ends it.

    See `Session.hold`.
    """
    return current().hold(execution)


def start(execution: Any) -> Execution:
    """Let a queued execution start now, that is held or counted down.

    See `Session.start`.
    """
    return current().start(execution)


def settle(timeout: float | None = None) -> Settled:
    """Run here what is queued, wait for what others run, until nothing moves.

    See `Session.settle`.
    """
    return current().settle(timeout)


@overload
def on(
    states: str | Iterable[str] = ..., call: None = None, *, plan: Any = None
) -> Callable[[Callable[[News], object]], Listener]: ...
@overload
def on(
    states: str | Iterable[str] = ..., *, call: Callable[[News], object], plan: Any = None
) -> Listener: ...
@overload
def on(
    states: str | Iterable[str], call: Callable[[News], object], *, plan: Any = None
) -> Listener: ...
def on(states: str | Iterable[str] = NEWS, call: Any = None, *, plan: Any = None) -> Any:
    """Have a function called with what becomes of triggered executions, wherever they run.

    See `Session.on`.
    """
    return current().on(states, call, plan=plan)


def alias(ref: Any, alias: str, reason: str = "") -> ArtifactVersion:
    """Let `alias` point at this version from now on.

    See `Session.alias`.
    """
    return current().alias(ref, alias, reason)


def annotate(ref: Any, card: Card | str | None = None, note: str | None = None) -> ArtifactVersion:
    """Revise the card of a version, or add a note to it.

    See `Session.annotate`.
    """
    return current().annotate(ref, card, note)


def yank(ref: Any, reason: str = "") -> ArtifactVersion:
    """Take a version out of ``latest`` and of queries; its number still reaches it.

    See `Session.yank`.
    """
    return current().yank(ref, reason)


def restore(ref: Any, reason: str = "") -> ArtifactVersion:
    """Take a yank back: the version is what it was; nothing fires, nothing is new.

    See `Session.restore`.
    """
    return current().restore(ref, reason)


def release(draft: Any) -> ArtifactVersion:
    """Emit a draft's payload as a new version, which fires as any other.

    See `Session.release`.
    """
    return current().release(draft)


def log(execution: Any) -> RunLog:
    """What an execution and those inside of it did: each one's state, and what they printed.

    See `Session.log`.
    """
    return current().log(execution)


def plans() -> list[Plan]:
    """The launch plans of the project, by name.

    See `Session.plans`.
    """
    return current().plans()


def plan(name: str) -> Plan:
    """The launch plan of that name.

    See `Session.plan`.
    """
    return current().plan(name)


def preview(ref: Any) -> Preview:
    """What one more version would start, and what that would start in turn.

    See `Session.preview`.
    """
    return current().preview(ref)


def launch_form(target: Any) -> LaunchForm:
    """What a target takes: types, defaults, what queries give now, which versions would fit.

    See `Session.launch_form`.
    """
    return current().launch_form(target)


def ledger(
    plan: str | None = None,
    *,
    state: str | None = None,
    ref: Any = None,
    execution: str | None = None,
    limit: int = 100,
) -> list[LedgerRow]:
    """What became of each event at each plan, newest first.

    See `Session.ledger`.
    """
    return current().ledger(plan, state=state, ref=ref, execution=execution, limit=limit)


def execution(execution_id: str) -> Execution:
    """An execution by its id, or by six signs or more that begin it.

    See `Session.execution`.
    """
    return current().execution(execution_id)


def executions(
    *,
    name: str | None = None,
    state: str | None = None,
    plan: str | None = None,
    root: str | None = None,
    parent: str | None = None,
    limit: int = 100,
) -> list[Execution]:
    """Executions, newest first.

    See `Session.executions`.
    """
    return current().executions(
        name=name, state=state, plan=plan, root=root, parent=parent, limit=limit
    )


for _name, _verb in list(globals().items()):
    if isinstance(_verb, FunctionType) and _name in __all__:
        globals()[_name] = users_own(_verb)
