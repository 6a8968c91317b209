"""The calls of a workflow, made on promises while it is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from heirloom.declare.interface import MISSING
from heirloom.declare.types import compatible, spell
from heirloom.errors import DeclarationError, InputError

if TYPE_CHECKING:
    from heirloom.declare.task import Task
    from heirloom.declare.workflow import Workflow

__all__ = ["Graph", "Node", "Promise", "current_trace", "promises_in", "traced"]

_TRACE: ContextVar[Graph | None] = ContextVar("heirloom_trace", default=None)


def current_trace() -> Graph | None:
    """The graph that is being traced, or `None`."""
    return _TRACE.get()


@contextmanager
def traced(graph: Graph) -> Iterator[None]:
    """Let the calls that are made inside be nodes of `graph`."""
    token = _TRACE.set(graph)
    try:
        yield
    finally:
        _TRACE.reset(token)


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """A value that a run will have: an input of the workflow, or an output of a node.

    It can be passed on, not looked at: what a body did with it now would be wrong in the run.
    """

    node: str
    output: str
    type: Any

    def _looked_at(self, *_: object) -> NoReturn:
        msg = (
            f"{self!r} is looked at while the workflow is declared: its value is known only in a "
            "run. Do that inside a task."
        )
        raise DeclarationError(msg)

    __bool__ = __iter__ = __len__ = __contains__ = __getitem__ = _looked_at
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _looked_at
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _looked_at
    __truediv__ = __rtruediv__ = __mod__ = __neg__ = __int__ = __float__ = _looked_at
    __str__ = __format__ = _looked_at
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<promise {self.node}.{self.output}>" if self.node else f"<input {self.output}>"


@dataclass(frozen=True, slots=True)
class Node:
    """One call in a workflow; `inputs` hold constants and promises, nested in containers."""

    id: str
    target: Task | Workflow
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class Graph:
    """The calls of a workflow in the order they were made, and what it returns."""

    owner: str
    nodes: list[Node] = field(default_factory=list)
    result: Any = None

    def call(self, target: Task | Workflow, given: Mapping[str, Any]) -> Any:
        """Add a node and return the promise (or tuple of promises) of its outputs.

        Raises:
            InputError: An input is missing or cannot fit; both ends are named.
        """
        same = sum(node.target.name == target.name for node in self.nodes)
        name = target.name if not same else f"{target.name}#{same + 1}"
        for spec in target.interface.inputs.values():
            if spec.name not in given:
                if spec.default is MISSING:
                    raise target.interface.missing(spec.name)
                continue
            self._check(target, spec.name, given[spec.name])
        self.nodes.append(Node(name, target, dict(given)))
        outputs = target.interface.outputs
        return target.interface.pack(Promise(name, out.name, out.type) for out in outputs)

    def _check(self, target: Task | Workflow, name: str, value: Any) -> None:
        spec = target.interface.inputs[name]
        if not isinstance(value, Promise):
            if not any(True for _ in promises_in(value)):
                spec.check(value, target.name)
            return
        if not compatible(value.type, spec.type):
            source = value.node or self.owner
            msg = (
                f"In workflow {self.owner!r}, input {name!r} of {target.name!r} takes "
                f"{spell(spec.type)}; {value.output!r} of {source!r} is {spell(value.type)}."
            )
            raise InputError(msg, name=name, expected=spell(spec.type), given=spell(value.type))

    def to_mermaid(self) -> str:
        """The graph as Mermaid text."""
        lines = ["flowchart LR"]
        number = {node.id: f"n{i}" for i, node in enumerate(self.nodes)}
        lines += [f'    {number[node.id]}["{node.id}"]' for node in self.nodes]
        for node in self.nodes:
            for promise in promises_in(node.inputs):
                source = number.get(promise.node, f"in_{promise.output}")
                lines.append(f"    {source} --> {number[node.id]}")
        return "\n".join(lines)


def promises_in(value: Any) -> Iterator[Promise]:
    """Every promise inside a value, in order."""
    if isinstance(value, Promise):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from promises_in(item)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from promises_in(item)
