"""A task called once for each item of its lists."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import GenericAlias
from typing import Any

from heirloom.declare.closure import Closure, home_of, looked_at
from heirloom.declare.code.seen import Seen
from heirloom.declare.interface import Interface
from heirloom.declare.runnable import Runnable
from heirloom.declare.specs import InputSpec, OutputSpec
from heirloom.declare.task import Task
from heirloom.errors import DeclarationError, InputError
from heirloom.records.queries import Query
from heirloom.tracebacks import users_own

__all__ = ["LONGEST", "MapTask", "map_task"]

LONGEST = 10_000
"""Items that one map goes over at most: its record names each."""
_ENTRY = "__map__"
"""What it is called in its closure: one map is one code, whatever name it bears."""


class MapTask(Runnable):
    """What `map_task` makes of a task: lists in, lists out, each item a call of its own.

    Several outputs come as several lists.

    Attributes:
        task: What is called.
        bound: Inputs that are the same in every call.
        concurrency: How many calls are under way at once at most; `None` for what the
            executor takes.
    """

    kind = "map"

    def __init__(self, task: Task, bound: Mapping[str, Any], concurrency: int | None) -> None:
        self.task = task
        self.name = task.name
        self.bound = task.interface.bind((), bound)
        self.concurrency = concurrency
        self.interface = self._interface()

    def _interface(self) -> Interface:
        inner = self.task.interface
        free = [spec for name, spec in inner.inputs.items() if name not in self.bound]
        if not free:
            msg = f"map_task({self.name}) has nothing to go over: every input is bound."
            raise DeclarationError(msg)
        lists = {spec.name: _list_of(spec, spec.name in self.task.defaults) for spec in free}
        same = {name: inner.inputs[name] for name in self.bound}
        outputs = tuple(OutputSpec(each.name, _list(each.type)) for each in inner.outputs)
        return replace(inner, inputs={**lists, **same}, outputs=outputs)

    def _look(self) -> tuple[Closure, Seen]:
        return looked_at(self, kind="map", name=_ENTRY, namespace=home_of(self.task))

    @property
    def queries(self) -> dict[str, Query]:
        """None: only a workflow's inputs resolve queries."""
        return {}

    @property
    def defaults(self) -> dict[str, Any]:
        """What is bound; and for an input that the task has a default for, `None`: that."""
        return {name: None for name in self.interface.inputs if name in self.task.defaults} | (
            self.bound
        )

    def calls(self, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The inputs of each call, from lists and what is bound.

        Raises:
            InputError: The lists are of different lengths, or too long.
        """
        lists = {
            name: value
            for name, value in inputs.items()
            if name not in self.bound and value is not None
        }
        lengths = {name: len(value) for name, value in lists.items()}
        if len(set(lengths.values())) > 1:
            msg = f"map_task({self.name}) takes lists of one length; got {lengths}."
            raise InputError(msg)
        count = next(iter(lengths.values()), 0)
        if count > LONGEST:
            msg = f"map_task({self.name}) takes {LONGEST:,} items at most; got {count:,}."
            raise InputError(msg)
        same = {name: value for name, value in inputs.items() if name in self.bound}
        return [{**same, **{n: each[i] for n, each in lists.items()}} for i in range(count)]

    def _given(self, bound: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.bound, **bound}

    def __repr__(self) -> str:
        return f"<map of {self.task!r}>"


def _list_of(spec: InputSpec, optional: bool) -> InputSpec:
    kind = _list(spec.type)
    return InputSpec(spec.name, kind | None, None) if optional else InputSpec(spec.name, kind)


def _list(kind: Any) -> Any:
    return GenericAlias(list, (kind,))


@users_own
def map_task(
    task: Task | functools.partial[Any], /, *, concurrency: int | None = None
) -> Callable[..., Any]:
    """Make of a task one that goes over lists: each item is a call, recorded on its own.

    Args:
        task: A task, or ``functools.partial`` of one: what is bound is the same in every call.
        concurrency: How many calls are under way at once at most; `None` for what the
            executor takes, which is one where there is none.

    Raises:
        DeclarationError: It is no task, or nothing is left to go over.
    """
    inner = task.func if isinstance(task, functools.partial) else task
    bound = task.keywords if isinstance(task, functools.partial) else {}
    if not isinstance(inner, Task) or (isinstance(task, functools.partial) and task.args):
        msg = f"map_task takes a task, or functools.partial(task, name=value); got {task!r:.60}."
        raise DeclarationError(msg)
    return MapTask(inner, bound, _width(concurrency))


def _width(given: Any) -> int | None:
    if given is None or (isinstance(given, int) and given >= 1):
        return given
    msg = f"concurrency= takes a whole number from 1; got {given!r}."
    raise DeclarationError(msg)
