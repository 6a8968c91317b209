"""Heirloom: the outputs of notebooks and workflows as named, versioned, traced, reactive artifacts.

>>> import heirloom as hl
>>> hl.publish({"a": 1}, "settings")  # doctest: +SKIP
<settings@1 dict>
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from heirloom import errors
from heirloom.declare.artifact import Artifact
from heirloom.declare.cards import DataCard, ModelCard
from heirloom.declare.conditions import (
    Condition,
    at_least,
    at_most,
    before,
    between,
    more_than,
    not_,
    one_of,
)
from heirloom.declare.dynamic import dynamic
from heirloom.declare.emits import Inputs
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.mapping import map_task
from heirloom.declare.port import provide
from heirloom.declare.task import task
from heirloom.declare.trigger import OnArtifact
from heirloom.declare.workflow import workflow
from heirloom.engine.hooks import show_with, work_with
from heirloom.records.files import Directory, File
from heirloom.records.ledger import LedgerRow
from heirloom.records.news import News
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card

if TYPE_CHECKING:  # what acts is imported when it is first asked for: `__getattr__`
    from heirloom.front import (
        Diff,
        Execution,
        Lineage,
        Page,
        Plan,
        Preview,
        Session,
        Why,
        alias,
        anchor,
        annotate,
        cancel,
        connect,
        current,
        diff,
        executed,
        execution,
        executions,
        get,
        history,
        hold,
        inputs,
        latest_per,
        launch_form,
        ledger,
        lineage,
        log,
        notebook_workflow,
        on,
        open,
        plan,
        plans,
        preview,
        publish,
        pull,
        pull_frame,
        ref,
        release,
        rerun,
        restore,
        resume,
        run,
        search,
        settle,
        start,
        update_lock,
        why,
        yank,
    )

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "ArtifactVersion",
    "Card",
    "Condition",
    "DataCard",
    "Diff",
    "Directory",
    "Execution",
    "File",
    "Inputs",
    "LaunchPlan",
    "LedgerRow",
    "Lineage",
    "ModelCard",
    "News",
    "OnArtifact",
    "Page",
    "Plan",
    "Preview",
    "Query",
    "Ref",
    "Session",
    "Why",
    "__version__",
    "alias",
    "anchor",
    "annotate",
    "at_least",
    "at_most",
    "before",
    "between",
    "cancel",
    "connect",
    "current",
    "diff",
    "dynamic",
    "errors",
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
    "load_ipython_extension",
    "log",
    "map_task",
    "more_than",
    "not_",
    "notebook_workflow",
    "on",
    "one_of",
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
    "task",
    "unload_ipython_extension",
    "update_lock",
    "why",
    "workflow",
    "yank",
]


def __getattr__(name: str) -> Any:
    """What acts on a home, imported now; a module that only declares never needs it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=_SELF)
    found = globals()[name] = getattr(import_module("heirloom.front"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _session(open_one: bool) -> Any:
    """What declarations act on: where nothing was asked for yet, no session can be open."""
    if not open_one and "heirloom.session" not in sys.modules:
        return None
    return import_module("heirloom.opening").provided(open_one)


_SELF = sys.modules[__name__]
provide(_session)
show_with(lambda name: import_module("heirloom.watching").watch(name))
work_with(lambda job: import_module("heirloom.away").away(job))


def load_ipython_extension(shell: Any) -> None:
    """Register the magics: ``%load_ext heirloom``."""
    import_module("heirloom.magics").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics' hooks away."""
    import_module("heirloom.magics").unload(shell)
