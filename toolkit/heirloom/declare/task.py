"""A function whose every call is an execution with recorded inputs and outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, overload

from heirloom.declare.closure import Closure, looked_at
from heirloom.declare.code.seen import Seen
from heirloom.declare.interface import Interface
from heirloom.declare.port import open_port
from heirloom.declare.runnable import Runnable
from heirloom.errors import DeclarationError, did_you_mean
from heirloom.records.binds import Input
from heirloom.records.names import check_name
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.tracebacks import users_own

__all__ = ["Task", "TaskOptions", "seconds_of", "task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOptions:
    """How a task's body is run.

    Attributes:
        asks: What a cell's ``--from`` names, by input, where that is no one version.
        cache: Whether what an equal call made is reused.
        cache_version: Told apart by the cache, beside the code.
        cache_ignore_input_vars: Inputs in which equal calls may differ.
        retries: How often more, where it fails.
        timeout: Seconds; `None` for as long as it takes.
    """

    kind: str = "task"
    asks: Mapping[str, str] = field(default_factory=dict)
    allow_pickle: bool = False
    cache: bool = False
    cache_version: str = ""
    cache_ignore_input_vars: tuple[str, ...] = ()
    retries: int = 0
    timeout: float | None = None


class Task(Runnable):
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
        self._check_cache()
        functools.update_wrapper(self, function)
        if (opened := open_port()) is not None:
            opened.declared(self)

    def _check_cache(self) -> None:
        """Refuse to ignore what is no input, or what says which version is made."""
        for name in self.options.cache_ignore_input_vars:
            if name not in self.interface.inputs:
                near = did_you_mean(name, self.interface.inputs)
                msg = f"cache_ignore_input_vars of {self.name!r} names {name!r}, no input.{near}"
                raise DeclarationError(msg)
            for output in self.interface.outputs:
                bindings = output.emits.bindings.items() if output.emits is not None else ()
                key = next((k for k, bound in bindings if bound == Input(name)), None)
                if key is not None:
                    msg = (
                        f"cache_ignore_input_vars of {self.name!r} names {name!r}, which gives "
                        f"its versions their partition {key!r}: they would be of another value."
                    )
                    raise DeclarationError(msg)

    @property
    def kind(self) -> str:
        """``task``, or ``cell`` for what was a cell."""
        return self.options.kind

    @property
    def __heirloom_function__(self) -> Callable[..., Any]:
        return self.function

    def _look(self) -> tuple[Closure, Seen]:
        return looked_at(self, kind="task", name=self.function.__name__)

    @property
    def queries(self) -> dict[str, Query]:
        """What ``rerun(latest=True)`` asks for anew: of a cell, what its ``--from`` names."""
        return {name: Query.of(Ref.parse(text)) for name, text in self.options.asks.items()}

    def __repr__(self) -> str:
        return f"<task {self.name}({', '.join(self.interface.inputs)})>"


@overload
def task(function: Callable[..., Any], /) -> Task: ...
@overload
def task(
    *,
    name: str | None = None,
    kind: str = "task",
    asks: Mapping[str, str] | None = None,
    allow_pickle: bool = False,
    cache: bool = False,
    cache_version: str = "",
    cache_ignore_input_vars: Iterable[str] = (),
    retries: int = 0,
    timeout: float | timedelta | None = None,
) -> Callable[[Callable[..., Any]], Task]: ...


@users_own
def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    kind: str = "task",
    asks: Mapping[str, str] | None = None,
    allow_pickle: bool = False,
    cache: bool = False,
    cache_version: str = "",
    cache_ignore_input_vars: Iterable[str] = (),
    retries: int = 0,
    timeout: float | timedelta | None = None,
) -> Any:
    """Make a function a task.

    Args:
        function: Its signature is the interface; ``Annotated[type, artifact]`` emits.
        name: `None` for the function's own.
        kind: ``cell`` for what was a cell.
        asks: Of such a one, what its ``--from`` names, by input.
        allow_pickle: Whether pickled inputs are loaded for it, which runs their code.
        cache: Reuse what an equal call made, as long as it is there: the same code, the same
            content of the inputs. A reused version is linked; none is made and nothing fires.
            What the body reads beside its inputs is not compared.
        cache_version: A text; another one makes all calls others.
        cache_ignore_input_vars: Inputs that are not compared.
        retries: How often more the body is run where it raises, or where the process that ran
            it dies; after pauses that double from a quarter of a second to half a minute. One
            execution is recorded, with all that was printed.
        timeout: Seconds, or a `timedelta`, after which one try is stopped with `TaskTimeout`:
            at once in a process's main thread, else at the next line of Python.

    Raises:
        DeclarationError: The signature cannot be an interface, or an option is none.
    """
    options = TaskOptions(
        kind=kind,
        asks=asks or {},
        allow_pickle=allow_pickle,
        cache=_flag(cache),
        cache_version=str(cache_version),
        cache_ignore_input_vars=_names(cache_ignore_input_vars),
        retries=_retries(retries),
        timeout=seconds_of(timeout),
    )

    @users_own
    def make(wrapped: Callable[..., Any]) -> Task:
        return Task(wrapped, options, name or wrapped.__name__)

    return make if function is None else make(function)


def _flag(given: Any) -> bool:
    if not isinstance(given, bool):
        msg = f"cache= takes True or False; got {given!r}. A version goes into cache_version=."
        raise DeclarationError(msg)
    return given


def _names(given: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    if not all(isinstance(name, str) for name in names):
        msg = f"cache_ignore_input_vars= takes names of inputs; got {given!r}."
        raise DeclarationError(msg)
    return names


def _retries(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        msg = f"retries= takes a whole number from 0; got {given!r}."
        raise DeclarationError(msg)
    return given


def seconds_of(given: Any) -> float | None:
    """What ``timeout=`` takes, in seconds.

    Raises:
        DeclarationError: It is no time, or none at all.
    """
    seconds = given.total_seconds() if isinstance(given, timedelta) else given
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        msg = f"timeout= takes seconds or a timedelta, more than none; got {given!r}."
        raise DeclarationError(msg)
    return float(seconds)
