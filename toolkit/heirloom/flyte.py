"""Heirloom under Flyte's names: existing code changes its import lines and nothing else.

The objects are Heirloom's own. What Flyte has and Heirloom has not (containers, schedules)
raises `NotSupported` where it is imported or asked for; docs/flyte.md lists every difference.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NoReturn, overload

from heirloom.declare import dynamic as dynamics
from heirloom.declare import launch
from heirloom.declare import mapping as maps
from heirloom.declare import task as tasks
from heirloom.declare import workflow as workflows
from heirloom.declare.artifact import Artifact
from heirloom.declare.cards import DataCard, ModelCard
from heirloom.declare.columns import Columns
from heirloom.declare.emits import Inputs
from heirloom.declare.port import Target
from heirloom.declare.trigger import OnArtifact
from heirloom.errors import NotSupported
from heirloom.records.files import Directory as FlyteDirectory
from heirloom.records.files import File as FlyteFile
from heirloom.records.queries import Query as ArtifactQuery

__all__ = [
    "Artifact",
    "ArtifactQuery",
    "DataCard",
    "FlyteDirectory",
    "FlyteFile",
    "Granularity",
    "Inputs",
    "LaunchPlan",
    "ModelCard",
    "OnArtifact",
    "dynamic",
    "kwtypes",
    "map_task",
    "task",
    "workflow",
]


class Granularity(Enum):
    """What times of a time-partitioned artifact are truncated to."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@overload
def task(function: Callable[..., Any], /) -> tasks.Task: ...
@overload
def task(**options: Any) -> Callable[[Callable[..., Any]], tasks.Task]: ...


def task(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function a task, with those of Flyte's options that Heirloom has.

    Raises:
        NotSupported: An option asks for what is not here, a container for one.
        DeclarationError: The signature cannot be an interface, or an option's value is none.
    """
    taken = {name: options.pop(name) for name in _TAKEN & options.keys()}
    _refuse("task", options)
    if not taken.get("timeout", True):
        del taken["timeout"]  # Flyte's 0 is none
    make = tasks.task(**taken)
    return make if function is None else make(function)


@overload
def workflow(function: Callable[..., Any], /) -> workflows.Workflow: ...
@overload
def workflow(**options: Any) -> Callable[[Callable[..., Any]], workflows.Workflow]: ...


def workflow(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function a workflow.

    Raises:
        NotSupported: An option asks for what is not here.
        DeclarationError: The body looks at a run's value, or an artifact is emitted twice.
    """
    _refuse("workflow", options)
    return workflows.workflow if function is None else workflows.workflow(function)


@overload
def dynamic(function: Callable[..., Any], /) -> dynamics.Dynamic: ...
@overload
def dynamic(**options: Any) -> Callable[[Callable[..., Any]], dynamics.Dynamic]: ...


def dynamic(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function a workflow whose body sees its inputs.

    Raises:
        NotSupported: An option asks for what is not here: retries are the tasks' own.
        DeclarationError: The signature cannot be an interface.
    """
    _refuse("dynamic", options)
    return dynamics.dynamic if function is None else dynamics.dynamic(function)


def map_task(
    target: tasks.Task | functools.partial[Any],
    concurrency: int | None = None,
    min_successes: int | None = None,
    min_success_ratio: float | None = 1.0,
) -> Callable[..., Any]:
    """Make of a task one that goes over lists; ``functools.partial`` binds what stays the same.

    Args:
        target: A task, or ``functools.partial`` of one.
        concurrency: Calls under way at once at most; `None` or 0 for what the executor takes.
        min_successes: Refused.
        min_success_ratio: Refused, unless all must succeed.

    Raises:
        NotSupported: Fewer successes than calls would do.
        DeclarationError: It is no task, or nothing is left to go over.
    """
    enough = None if min_success_ratio in (None, 1) else min_success_ratio
    _refuse("map_task", {"min_successes": min_successes, "min_success_ratio": enough})
    return maps.map_task(target, concurrency=concurrency or None)


def kwtypes(**columns: Any) -> Columns:
    """Name columns and their types, for the annotation of a frame: ``kwtypes(a=int, b=str)``."""
    return Columns(tuple(columns.items()))


class LaunchPlan:
    """Launch plans by Flyte's signatures; what they return is Heirloom's own."""

    @staticmethod
    def get_or_create(
        workflow: Target,
        name: str | None = None,
        default_inputs: Mapping[str, Any] | None = None,
        fixed_inputs: Mapping[str, Any] | None = None,
        *,
        trigger: OnArtifact | None = None,
        auto_activate: bool = False,
        **options: Any,
    ) -> launch.LaunchPlan:
        """Register the plan; one without a name has the workflow's.

        Raises:
            NotSupported: ``schedule=`` or another option that is not here.
            InputError: An input that the workflow lacks, or that cannot fit.
        """
        _refuse("LaunchPlan", options)
        return launch.LaunchPlan.get_or_create(
            name or workflow.name,
            workflow,
            trigger=trigger,
            default_inputs=default_inputs,
            fixed_inputs=fixed_inputs,
            auto_activate=auto_activate,
        )

    @staticmethod
    def create(name: str, workflow: Target, **options: Any) -> launch.LaunchPlan:
        """Register the plan, or its next version: as `get_or_create`."""
        return LaunchPlan.get_or_create(workflow, name, **options)


_TAKEN = frozenset(inspect.signature(tasks.task).parameters) - {"function", "name", "kind"}
_CONTAINERS = "tasks run in processes of this machine, not in containers"
_SCHEDULES = "there are no schedules: let cron call `heirloom run`"
_TASKS = "it is a task's: give it to the tasks that are called"
_CACHED = "write @task(cache=True, cache_version=…)"
_PERSON = "a person says `heirloom approve PLAN`, and runs do not wait for one"
_REMOTE = "hl.search, hl.get, hl.pull and hl.run do it"
_SENT = "hl.on calls a function with what becomes of executions"
_DOCSTRING = "the docstring says it"
_RIGHTS = "what runs has its user's own rights"
_EVERY = "a map succeeds when every call does; what succeeded is kept, and hl.resume goes on"
_FIRST = "the first failure ends a run; what succeeded is kept, and hl.resume goes on"
_SHOWN = "a card shows it: A.create_from(value, ModelCard(...))"
_WHY = {
    **dict.fromkeys(("container_image", "image", "requests", "limits", "resources"), _CONTAINERS),
    **dict.fromkeys(("environment", "pod_template", "secret_requests", "task_config"), _CONTAINERS),
    **dict.fromkeys(("pod_template_name", "accelerator", "shared_memory"), _CONTAINERS),
    **dict.fromkeys(("ContainerTask", "ImageSpec", "PodTemplate", "Resources"), _CONTAINERS),
    **dict.fromkeys(("ActorEnvironment", "Environment", "interruptible"), _CONTAINERS),
    **dict.fromkeys(("Secret", "current_context", "reference_task"), _CONTAINERS),
    **dict.fromkeys(("schedule", "CronSchedule", "FixedRate"), _SCHEDULES),
    **dict.fromkeys(("cache", "cache_version", "cache_ignore_input_vars"), _TASKS),
    **dict.fromkeys(("retries", "timeout", "allow_pickle"), _TASKS),
    "Cache": _CACHED,
    **dict.fromkeys(("cache_serialize", "overwrite_cache"), "one run at a time fills the cache"),
    **dict.fromkeys(("conditional", "eager"), "write an `if` in a @dynamic workflow"),
    **dict.fromkeys(("concurrency", "ConcurrencyPolicy"), "heirloom.LaunchPlan has max_concurrent"),
    **dict.fromkeys(("notifications", "Notification", "Email", "Slack"), _SENT),
    **dict.fromkeys(("FlyteRemote", "UnionRemote"), _REMOTE),
    **dict.fromkeys(("min_successes", "min_success_ratio"), _EVERY),
    **dict.fromkeys(("failure_policy", "WorkflowFailurePolicy", "on_failure"), _FIRST),
    **dict.fromkeys(("enable_deck", "Deck"), _SHOWN),
    **dict.fromkeys(("labels", "annotations"), "hl.annotate says more of a version"),
    **dict.fromkeys(("approve", "wait_for_input", "sleep"), _PERSON),
    **dict.fromkeys(("docs", "deprecated"), _DOCSTRING),
    **dict.fromkeys(("security_context", "auth_role"), _RIGHTS),
    **dict.fromkeys(("execution_mode", "node_dependency_hints", "task_resolver"), _CONTAINERS),
    **dict.fromkeys(("deck_fields", "disable_deck"), _SHOWN),
    "max_parallelism": "the executor says how many: hl.run(plan, executor=…)",
    "raw_output_data_config": "payloads are in the store: hl.connect(store=…)",
    "pickle_untyped": 'create_from(value, format="pickle") and @task(allow_pickle=True) say it',
    "default_options": "give a plan's options to LaunchPlan.get_or_create",
    "StructuredDataset": "annotate with pandas.DataFrame, polars.DataFrame or pyarrow.Table",
    "FlyteSchema": "annotate with pandas.DataFrame",
    "HashMethod": "every payload has its digest",
}


def _refuse(what: str, options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name not in _WHY or value:
            why = _WHY.get(name, "Heirloom does not know it")
            msg = f"{what}({name}=…) is not supported: {why}. Leave {name} out."
            raise NotSupported(msg)


def __getattr__(name: str) -> NoReturn:
    if name in _WHY:
        msg = f"heirloom.flyte has no {name}: {_WHY[name]}."
        raise NotSupported(msg)
    msg = f"module 'heirloom.flyte' has no attribute {name!r}"
    raise AttributeError(msg)
