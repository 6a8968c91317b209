"""A function traced once, when it is declared, into a graph of tasks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from heirloom.declare.closure import Closure, capture
from heirloom.declare.graph import Graph, Promise, current_trace, promises_in, traced
from heirloom.declare.interface import MISSING, Interface
from heirloom.declare.port import port
from heirloom.declare.types import compatible, fits, spell
from heirloom.errors import DeclarationError
from heirloom.records.names import check_name
from heirloom.records.queries import Query

if TYPE_CHECKING:
    pass

__all__ = ["Workflow", "workflow"]


class Workflow:
    """What ``@workflow`` makes of a function: a graph that runs as one envelope."""

    kind = "workflow"

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function = function
        self.name = check_name(name)
        self.interface = Interface.of(function, self.name)
        self.graph = self._traced()
        if self.graph.result is None and self.interface.unpromised:
            self.interface = replace(self.interface, outputs=())
        self._check_result()
        self._check_artifacts()
        functools.update_wrapper(self, function)

    @property
    def __heirloom_function__(self) -> Callable[..., Any]:
        return self.function

    def _traced(self) -> Graph:
        graph = Graph(self.name)
        inputs = {
            spec.name: Promise("", spec.name, spec.type) for spec in self.interface.inputs.values()
        }
        with traced(graph):
            graph.result = self.function(**inputs)
        return graph

    def _check_result(self) -> None:
        outputs = self.interface.outputs
        for output, value in zip(outputs, self.results, strict=True):
            fit = not isinstance(value, Promise) or compatible(value.type, output.type)
            if not fit or not (list(promises_in(value)) or fits(value, output.type)):
                got = spell(value.type) if isinstance(value, Promise) else repr(value)
                msg = (
                    f"Output {output.name!r} of workflow {self.name!r} is {spell(output.type)}; "
                    f"its body returns {got}."
                )
                raise DeclarationError(msg)

    @property
    def results(self) -> tuple[Any, ...]:
        """What it returns, output by output: promises, constants, containers of both.

        Raises:
            DeclarationError: They are more or fewer than promised.
        """
        outputs, result = self.interface.outputs, self.graph.result
        several = self.interface.packed is not None and isinstance(result, tuple | list)
        nothing = result is None and not outputs
        values = tuple(result) if several else () if nothing else (result,)
        if len(values) != len(outputs):
            msg = f"{self.name!r} promises {len(outputs)} outputs; its body returns {len(values)}."
            raise DeclarationError(msg)
        return values

    def _check_artifacts(self) -> None:
        own = {out.emits.artifact.name for out in self.interface.outputs if out.emits}
        for promise in promises_in(self.graph.result):
            node = next((n for n in self.graph.nodes if n.id == promise.node), None)
            emits = node.target.interface.spec(promise.output).emits if node else None
            if emits is not None and emits.artifact.name in own:
                msg = (
                    f"Artifact {emits.artifact.name!r} is emitted by {promise.node!r} and again by "
                    f"workflow {self.name!r}. Annotate one of the two."
                )
                raise DeclarationError(msg)
        for output in self.interface.outputs:
            keys = (output.emits.artifact.partition_keys or ()) if output.emits else ()
            for key in keys:
                if output.emits is not None and key not in output.emits.bindings:
                    msg = (
                        f"Partition {key!r} of {output.emits.artifact.name!r} is not bound: a "
                        f"workflow's output has no create_from. Write {key}=Inputs.… or a constant."
                    )
                    raise DeclarationError(msg)

    @functools.cached_property
    def closure(self) -> Closure:
        """The source closure, captured at first use; its digest is the code's version."""
        return capture(self, kind="workflow", name=self.function.__name__)

    @property
    def defaults(self) -> dict[str, Any]:
        """Defaults by input: constants and queries."""
        inputs = self.interface.inputs.values()
        return {spec.name: spec.default for spec in inputs if spec.default is not MISSING}

    @property
    def queries(self) -> dict[str, Query]:
        """The smart defaults by input."""
        return {name: value for name, value in self.defaults.items() if isinstance(value, Query)}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; in another workflow's body, a promise of it."""
        given = self.interface.bind(args, kwargs)
        trace = current_trace()
        if trace is not None:
            return trace.call(self, given)
        return port().call(self, given)

    def __repr__(self) -> str:
        return f"<workflow {self.name}({', '.join(self.interface.inputs)})>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/vnd.mermaid": self.graph.to_mermaid()}


@overload
def workflow(function: Callable[..., Any], /) -> Workflow: ...
@overload
def workflow(*, name: str | None = None) -> Callable[[Callable[..., Any]], Workflow]: ...


def workflow(function: Callable[..., Any] | None = None, /, *, name: str | None = None) -> Any:
    """Make a function a workflow; its body runs once, now, on promises.

    Raises:
        DeclarationError: The body looks at a run's value, or an artifact is emitted twice.
        InputError: A call lacks an input, or types cannot fit.
    """

    def make(wrapped: Callable[..., Any]) -> Workflow:
        return Workflow(wrapped, name or wrapped.__name__)

    return make if function is None else make(function)
