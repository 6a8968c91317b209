"""Heirloom under Flyte's names: existing code changes its import lines and nothing else.

The objects are Heirloom's own. What Flyte has and Heirloom has not (containers, schedules)
raises `NotSupported` where it is imported or asked for; docs/flyte.md lists every difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NoReturn, overload

from heirloom.declare import launch
from heirloom.declare import task as tasks
from heirloom.declare import workflow as workflows
from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import DataCard, Inputs, ModelCard
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
    """Make a function a task; it runs in a process of this machine.

    Raises:
        NotSupported: An option asks for what is not here, a container for one.
        DeclarationError: The signature cannot be an interface.
    """
    _refuse("task", options)
    return tasks.task if function is None else tasks.task(function)


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


class LaunchPlan:
    """Launch plans by Flyte's signatures; what they return is Heirloom's own."""

    @staticmethod
    def get_or_create(
        workflow: launch.Target,
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
    def create(name: str, workflow: launch.Target, **options: Any) -> launch.LaunchPlan:
        """Register the plan, or its next version: as `get_or_create`."""
        return LaunchPlan.get_or_create(workflow, name, **options)


_CONTAINERS = "tasks run in processes of this machine, not in containers"
_SCHEDULES = "there are no schedules: let cron call `heirloom run`"
_LATER = "it is not there yet"
_WHY = {
    **dict.fromkeys(("container_image", "image", "requests", "limits", "resources"), _CONTAINERS),
    **dict.fromkeys(("environment", "pod_template", "secret_requests", "task_config"), _CONTAINERS),
    **dict.fromkeys(("ContainerTask", "ImageSpec", "PodTemplate", "Resources"), _CONTAINERS),
    **dict.fromkeys(("Secret", "current_context", "reference_task"), _CONTAINERS),
    **dict.fromkeys(("schedule", "CronSchedule", "FixedRate"), _SCHEDULES),
    **dict.fromkeys(("cache", "cache_version", "retries", "timeout"), _LATER),
    **dict.fromkeys(("dynamic", "eager", "map_task", "conditional", "Cache"), _LATER),
    **dict.fromkeys(("concurrency", "ConcurrencyPolicy"), "heirloom.LaunchPlan has max_concurrent"),
    **dict.fromkeys(("notifications", "Email", "Slack"), "nothing is sent to anybody"),
    **dict.fromkeys(("FlyteRemote", "UnionRemote"), "hl.search, hl.get, hl.pull and hl.run do it"),
    "StructuredDataset": "annotate with pandas.DataFrame",
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
