"""A function whose every call is an execution with recorded inputs and outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

from heirloom.declare.closure import Closure, capture
from heirloom.declare.graph import current_trace
from heirloom.declare.interface import MISSING, Interface
from heirloom.declare.port import port
from heirloom.errors import DeclarationError
from heirloom.records.names import check_name
from heirloom.records.queries import Query

__all__ = ["Task", "TaskOptions", "task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOptions:
    """How a task's body is run."""

    kind: str = "task"
    allow_pickle: bool = False


class Task:
    """What ``@task`` makes of a function; calling it runs and records the function."""

    def __init__(self, function: Callable[..., Any], options: TaskOptions, name: str) -> None:
        self.function = function
        self.options = options
        self.name = check_name(name)
        self.interface = Interface.of(function, self.name)
        for spec in self.interface.inputs.values():
            if isinstance(spec.default, Query):
                msg = (
                    f"Input {spec.name!r} of task {self.name!r} has a query as its default; "
                    "only a workflow's or plan's inputs resolve queries."
                )
                raise DeclarationError(msg)
        functools.update_wrapper(self, function)

    @property
    def kind(self) -> str:
        """``task``, or ``cell`` for what a reactive cell runs."""
        return self.options.kind

    @property
    def __heirloom_function__(self) -> Callable[..., Any]:
        return self.function

    @functools.cached_property
    def closure(self) -> Closure:
        """The source closure, captured at first use; its digest is the code's version."""
        return capture(self, kind="task", name=self.function.__name__)

    @property
    def defaults(self) -> dict[str, Any]:
        """Constant defaults by input."""
        inputs = self.interface.inputs.values()
        return {spec.name: spec.default for spec in inputs if spec.default is not MISSING}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the body and return its value; in a workflow's body, a promise of it."""
        given = self.interface.bind(args, kwargs)
        trace = current_trace()
        if trace is not None:
            return trace.call(self, given)
        return port().call(self, given)

    def __repr__(self) -> str:
        return f"<task {self.name}({', '.join(self.interface.inputs)})>"


@overload
def task(function: Callable[..., Any], /) -> Task: ...
@overload
def task(
    *, name: str | None = None, kind: str = "task", allow_pickle: bool = False
) -> Callable[[Callable[..., Any]], Task]: ...


def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    kind: str = "task",
    allow_pickle: bool = False,
) -> Any:
    """Make a function a task.

    Args:
        function: Its signature is the interface; ``Annotated[type, artifact]`` emits.
        name: `None` for the function's own.
        kind: ``cell`` for what a reactive cell runs.
        allow_pickle: Whether pickled inputs are loaded for it, which runs their code.

    Raises:
        DeclarationError: The signature cannot be an interface.
    """
    options = TaskOptions(kind=kind, allow_pickle=allow_pickle)

    def make(wrapped: Callable[..., Any]) -> Task:
        return Task(wrapped, options, name or wrapped.__name__)

    return make if function is None else make(function)
