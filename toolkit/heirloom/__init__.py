"""Heirloom: the outputs of notebooks and workflows as named, versioned, traced, reactive artifacts.

>>> import heirloom as hl
>>> hl.publish({"a": 1}, "settings")  # doctest: +SKIP
<settings@1 dict>
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from heirloom import errors
from heirloom.ancestry import Diff, Lineage, Why
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
from heirloom.declare.task import task
from heirloom.declare.trigger import OnArtifact
from heirloom.declare.workflow import workflow
from heirloom.engine.frame import FrameInputs
from heirloom.engine.looks import Page
from heirloom.engine.notebook import notebook_workflow
from heirloom.engine.plan import Plan
from heirloom.engine.preview import Preview
from heirloom.engine.shown import Execution
from heirloom.front import (
    alias,
    anchor,
    annotate,
    cancel,
    diff,
    executed,
    execution,
    executions,
    get,
    history,
    latest_per,
    launch_form,
    ledger,
    lineage,
    log,
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
    update_lock,
    why,
    yank,
)
from heirloom.records.files import Directory, File
from heirloom.records.ledger import LedgerRow
from heirloom.records.news import News
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card
from heirloom.session import Session, connect, current

__version__ = "0.1.0"

inputs = FrameInputs()

import_module("heirloom.watching")  # shows runs that last
import_module("heirloom.away")  # opens sessions for bodies that other processes send

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
    "task",
    "unload_ipython_extension",
    "update_lock",
    "why",
    "workflow",
    "yank",
]


def load_ipython_extension(shell: Any) -> None:
    """Register the magics: ``%load_ext heirloom``."""
    import_module("heirloom.magics").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics' hooks away."""
    import_module("heirloom.magics").unload(shell)
