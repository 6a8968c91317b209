"""What runs under a name: a task, a map, a workflow."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from heirloom.declare.coded import Coded
from heirloom.declare.drawing import Drawing, drawing_of
from heirloom.declare.graph import current_trace
from heirloom.declare.interface import Interface
from heirloom.declare.port import port
from heirloom.declare.specs import MISSING
from heirloom.tracebacks import users_own

__all__ = ["Runnable"]


class Runnable(Coded):
    """Code with an interface, that is called and drawn by it.

    Attributes:
        name: What it runs under.
        interface: Its inputs and outputs.
    """

    name: str
    interface: Interface

    @property
    @abstractmethod
    def kind(self) -> str:
        """What its executions are called: ``task``, ``cell``, ``map``, ``workflow``."""

    @property
    def defaults(self) -> dict[str, Any]:
        """Defaults by input: constants, and a workflow's queries."""
        inputs = self.interface.inputs.values()
        return {spec.name: spec.default for spec in inputs if spec.default is not MISSING}

    @users_own
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; in a workflow's body, a promise of it."""
        given = self._given(self.interface.bind(args, kwargs))
        trace = current_trace()
        return trace.call(self, given) if trace is not None else port().call(self, given)

    def _given(self, bound: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a call, of those that its caller gave."""
        return dict(bound)

    @property
    def drawing(self) -> Drawing:
        """Its inputs, calls and outputs, to be drawn."""
        return drawing_of(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.drawing.bundle()
