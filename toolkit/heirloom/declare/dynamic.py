"""A workflow whose graph is known only when it runs: its body sees the inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from heirloom.declare.graph import Graph
from heirloom.declare.sameness import check_sameness
from heirloom.declare.workflow import Workflow
from heirloom.tracebacks import users_own

__all__ = ["Dynamic", "dynamic"]


class Dynamic(Workflow):
    """What ``@dynamic`` makes of a function: each run traces a graph of its own."""

    traced_in_runs = True

    def _declared(self) -> Graph:
        return Graph(self.name)

    def graph_of(self, values: Callable[[], Mapping[str, Any]]) -> Graph:
        """The calls that the body makes on the inputs of one run.

        Raises:
            DeclarationError: It looks at what a call will give, or returns what it did not
                promise.
        """
        check_sameness(self.function, (), self.name)
        graph = self._traced(values())
        if graph.result is not None or not self.interface.unpromised:
            self._check(graph)
        return graph

    def __repr__(self) -> str:
        return f"<dynamic workflow {self.name}({', '.join(self.interface.inputs)})>"


@overload
def dynamic(function: Callable[..., Any], /) -> Dynamic: ...
@overload
def dynamic(*, name: str | None = None) -> Callable[[Callable[..., Any]], Dynamic]: ...


@users_own
def dynamic(function: Callable[..., Any] | None = None, /, *, name: str | None = None) -> Any:
    """Make a function a workflow whose body runs in each run, on the values of its inputs.

    The body may loop over them and branch on them; what its calls give are promises, as in any
    workflow, and the calls are made when it has returned, at once where the executor allows.

    Raises:
        DeclarationError: The signature cannot be an interface.
    """

    @users_own
    def make(wrapped: Callable[..., Any]) -> Dynamic:
        return Dynamic(wrapped, name or wrapped.__name__)

    return make if function is None else make(function)
