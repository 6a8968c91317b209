"""Heirloom: the outputs of notebooks and workflows as named, versioned, traced, reactive artifacts.

>>> import heirloom as hl
>>> hl.publish({"a": 1}, "settings")  # doctest: +SKIP
<settings@1 dict>
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from heirloom import errors
from heirloom.ancestry import Lineage
from heirloom.declare.artifact import Artifact
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
from heirloom.declare.emits import DataCard, Inputs, ModelCard
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.task import task
from heirloom.declare.trigger import OnArtifact
from heirloom.declare.workflow import workflow
from heirloom.engine.frame import FrameInputs
from heirloom.engine.looks import Page
from heirloom.engine.notebook import notebook_workflow
from heirloom.engine.plans import Plan
from heirloom.front import (
    alias,
    annotate,
    execution,
    executions,
    get,
    ledger,
    lineage,
    plan,
    plans,
    publish,
    pull,
    pull_frame,
    ref,
    release,
    run,
    search,
    settle,
    yank,
)
from heirloom.records.executions import Execution
from heirloom.records.files import Directory, File
from heirloom.records.ledger import LedgerRow
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card
from heirloom.session import Session, connect, current

__version__ = "0.1.0"

inputs = FrameInputs()

__all__ = [
    "Artifact",
    "ArtifactVersion",
    "Card",
    "Condition",
    "DataCard",
    "Directory",
    "Execution",
    "File",
    "Inputs",
    "LaunchPlan",
    "LedgerRow",
    "Lineage",
    "ModelCard",
    "OnArtifact",
    "Page",
    "Plan",
    "Query",
    "Ref",
    "Session",
    "__version__",
    "alias",
    "annotate",
    "at_least",
    "at_most",
    "before",
    "between",
    "connect",
    "current",
    "errors",
    "execution",
    "executions",
    "get",
    "inputs",
    "ledger",
    "lineage",
    "load_ipython_extension",
    "more_than",
    "not_",
    "notebook_workflow",
    "one_of",
    "plan",
    "plans",
    "publish",
    "pull",
    "pull_frame",
    "ref",
    "release",
    "run",
    "search",
    "settle",
    "task",
    "unload_ipython_extension",
    "workflow",
    "yank",
]


def load_ipython_extension(shell: Any) -> None:
    """Register the magics: ``%load_ext heirloom``."""
    import_module("heirloom.magics").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics' hooks away."""
    import_module("heirloom.magics").unload(shell)
