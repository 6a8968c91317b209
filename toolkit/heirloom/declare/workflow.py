"""A function traced once, when it is declared, into a graph of tasks."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any, overload

from heirloom.declare.closure import Closure, looked_at
from heirloom.declare.code.seen import Seen, called
from heirloom.declare.graph import (
    Graph,
    emitted_by,
    results_of,
    traced,
)
from heirloom.declare.interface import Interface
from heirloom.declare.port import open_port
from heirloom.declare.promise import Promise, check_reachable, promises_in
from heirloom.declare.runnable import Runnable
from heirloom.declare.sameness import check_sameness
from heirloom.errors import DeclarationError, HeirloomError
from heirloom.records.names import check_name
from heirloom.records.queries import Query
from heirloom.tracebacks import users_own

__all__ = ["Workflow", "workflow"]


class Workflow(Runnable):
    """What ``@workflow`` makes of a function: a graph that runs as one envelope."""

    kind = "workflow"
    traced_in_runs = False

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function = function
        self.name = check_name(name)
        self.interface = Interface.of(function, self.name)
        self._seen = self._called()
        self.graph = self._declared()
        self._check_bindings()
        functools.update_wrapper(self, function)
        if (opened := open_port()) is not None:
            opened.declared(self)

    def _declared(self) -> Graph:
        """The graph of every run."""
        specs = self.interface.inputs.values()
        check_sameness(self.function, self.interface.inputs, self.name)
        graph = self._traced({spec.name: Promise("", spec.name, spec.type) for spec in specs})
        if graph.result is None and self.interface.unpromised:
            self.interface = replace(self.interface, outputs=())
        self._check(graph)
        return graph

    def graph_of(self, values: Callable[[], Mapping[str, Any]]) -> Graph:
        """The graph of one run; `values` gives its inputs, where that needs them.

        Where a name in the body has come to stand for something else, an edited task for one,
        it is traced anew: what runs is what is recorded.

        Raises:
            DeclarationError: As when it was declared.
        """
        if not self._seen.holds():
            self._seen = self._called()
            self.graph = self._declared()
        return self.graph

    def _called(self) -> Seen:
        function = inspect.unwrap(self.function)
        return Seen.of(called(function) if isinstance(function, FunctionType) else ())

    @property
    def __heirloom_function__(self) -> Callable[..., Any]:
        return self.function

    def _traced(self, inputs: Mapping[str, Any]) -> Graph:
        graph = Graph(self.name, in_run=self.traced_in_runs)
        try:
            with traced(graph):
                graph.result = self.function(**inputs)
        except HeirloomError:
            raise
        except Exception as error:
            if (said := _of_a_promise(error)) is None:
                raise
            msg = (
                f"The body of {self.name!r} ends in {said}: it looks at what only a run knows. Do "
                "that inside a task; of an object give the fields, as a dict."
            )
            raise DeclarationError(msg) from error
        return graph

    def _check(self, graph: Graph) -> None:
        """Hold what the body returns against what is promised, and refuse to emit it twice."""
        for output, value in results_of(self.interface, graph):
            if any(True for _ in promises_in(value)):
                graph.check_promised(value, f"{self.name}.{output.name}", output)
            else:
                check_reachable(value)
                output.conformed(value, self.name)
        own = {out.emitted.artifact.name for out in self.interface.outputs if out.emitted}
        for node in graph.nodes:
            twice = own.intersection(each.name for each in emitted_by(node.target))
            if twice:
                msg = (
                    f"Artifact {min(twice)!r} is emitted by {node.id!r} and again by workflow "
                    f"{self.name!r}. Annotate one of the two."
                )
                raise DeclarationError(msg)

    def _check_bindings(self) -> None:
        for output in self.interface.outputs:
            if output.emitted is not None and output.emitted.unbound:
                key = output.emitted.unbound[0]
                msg = (
                    f"Partition {key!r} of {output.emitted.artifact.name!r} is not bound: a "
                    f"workflow's output has no create_from. Write {key}=Inputs.… or a constant."
                )
                raise DeclarationError(msg)

    def _look(self) -> tuple[Closure, Seen]:
        return looked_at(self, kind="workflow", name=self.function.__name__)

    @property
    def queries(self) -> dict[str, Query]:
        """The smart defaults by input."""
        return {name: value for name, value in self.defaults.items() if isinstance(value, Query)}

    def __repr__(self) -> str:
        return f"<workflow {self.name}({', '.join(self.interface.inputs)})>"


def _of_a_promise(error: Exception) -> str | None:
    """What an error says, where it is somebody's that was given a promise for a value."""
    text = " ".join(str(error).split())
    told = any(sign in text for sign in ("<promise ", "<input ", "Promise"))
    return f"{type(error).__name__}: {text:.160}" if told else None


@overload
def workflow(function: Callable[..., Any], /) -> Workflow: ...
@overload
def workflow(*, name: str | None = None) -> Callable[[Callable[..., Any]], Workflow]: ...


@users_own
def workflow(function: Callable[..., Any] | None = None, /, *, name: str | None = None) -> Any:
    """Make a function a workflow; its body runs once, now, on promises.

    Raises:
        DeclarationError: The body looks at a run's value, or an artifact is emitted twice.
        InputError: A call lacks an input, or types cannot fit.
    """

    @users_own
    def make(wrapped: Callable[..., Any]) -> Workflow:
        return Workflow(wrapped, name or wrapped.__name__)

    return make if function is None else make(function)
