"""The calls of a workflow, made on promises while it is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heirloom.declare.compatible import why_not
from heirloom.declare.interface import Interface
from heirloom.declare.promise import (
    Promise,
    check_reachable,
    fields_promised,
    promises_in,
    type_of,
)
from heirloom.declare.specs import MISSING, InputSpec, OutputSpec, as_query, is_of_versions
from heirloom.declare.types import spell
from heirloom.errors import DeclarationError, InputError
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.render import counted

if TYPE_CHECKING:
    from heirloom.declare.port import Target

__all__ = [
    "Graph",
    "Node",
    "check_untraced",
    "current_trace",
    "emitted_by",
    "results_of",
    "traced",
]

_TRACE: ContextVar[Graph | None] = ContextVar("heirloom_trace", default=None)


def current_trace() -> Graph | None:
    """The graph that is being traced, or `None`."""
    return _TRACE.get()


def check_untraced(what: str, *, reads: bool = False) -> None:
    """Refuse to do in the body of a workflow what is no call of its graph.

    Args:
        what: What it is.
        reads: Whether it only reads: a body that is traced in runs may, for it is read by these.

    Raises:
        DeclarationError: A body is being traced.
    """
    graph = current_trace()
    if graph is None or (reads and graph.in_run):
        return
    when = "each time it is traced" if graph.in_run else "now, while it is declared"
    msg = (
        f"{what} in the body of workflow {graph.owner!r} would be done {when}, and be no part of "
        f"its runs. Do it inside a task{', or in a @dynamic workflow' if reads else ''}."
    )
    raise DeclarationError(msg)


@contextmanager
def traced(graph: Graph) -> Iterator[None]:
    """Let the calls that are made inside be nodes of `graph`."""
    token = _TRACE.set(graph)
    try:
        yield
    finally:
        _TRACE.reset(token)


@dataclass(frozen=True, slots=True)
class Node:
    """One call in a workflow; `inputs` hold constants and promises, nested in containers."""

    id: str
    target: Target
    inputs: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<call {self.id}({', '.join(self.inputs)})>"


@dataclass(slots=True)
class Graph:
    """The calls of a workflow in the order they were made, and what it returns."""

    owner: str
    nodes: list[Node] = field(default_factory=list)
    result: Any = None
    in_run: bool = False

    def __repr__(self) -> str:
        return f"<graph of {self.owner}: {len(self.nodes)} calls>"

    def call(self, target: Target, given: Mapping[str, Any]) -> Any:
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
            self._check(target, spec, given[spec.name])
        self.nodes.append(Node(name, target, dict(given)))
        outputs = target.interface.outputs
        return target.interface.pack(Promise(name, out.name, out.type) for out in outputs)

    def _check(self, target: Target, spec: InputSpec, value: Any) -> None:
        """Hold what is passed on against the input; a value that is there is tried itself.

        What is of versions is held against it before a run begins, as what a query finds.
        """
        if is_of_versions(value) or isinstance(as_query(value, spec.type), Query):
            return
        if not any(True for _ in promises_in(value)):
            check_reachable(value)
            spec.check(value, target.name)
            return
        self.check_promised(value, f"{target.name}.{spec.name}", spec)

    def check_promised(self, value: Any, end: str, spec: InputSpec | OutputSpec) -> None:
        """Hold the types of what a run will have against what stands at the other `end`.

        Raises:
            InputError: They cannot fit; both ends and the reason are named.
            DeclarationError: A promise stands where no run can put its value.
        """
        check_reachable(value)
        for inner, hint, part in (*fields_promised(value), (end, spec.type, value)):
            source = type_of(part)
            if (why := why_not(source, hint)) is None:
                continue
            has, wants = spell(source), spell(hint)
            ends = {f"{each.node or self.owner}.{each.output}": 0 for each in promises_in(part)}
            msg = (
                f"In workflow {self.owner!r}, {', '.join(ends)} ({has}) -> {inner} ({wants}) "
                f"does not fit: {why}."
            )
            raise InputError(msg, name=spec.name, expected=wants, given=has)

    @property
    def after(self) -> dict[str, set[str]]:
        """By node, in the order of the calls, the nodes whose outputs it takes."""
        return {
            node.id: {promise.node for promise in promises_in(node.inputs)} - {""}
            for node in self.nodes
        }


def results_of(interface: Interface, graph: Graph) -> list[tuple[OutputSpec, Any]]:
    """What a body returned, output by output: promises, constants, containers of both.

    Raises:
        DeclarationError: They are more or fewer than promised.
    """
    outputs, result = interface.outputs, graph.result
    several = interface.packed is not None and isinstance(result, tuple | list)
    nothing = result is None and not outputs
    values = tuple(result) if several else () if nothing else (result,)
    if len(values) != len(outputs):
        promised = counted(len(outputs), "output")
        msg = f"{graph.owner!r} promises {promised}; its body returns {len(values)}."
        raise DeclarationError(msg)
    return list(zip(outputs, values, strict=True))


def emitted_by(target: Any) -> Iterator[Ref]:
    """The artifacts that a target emits, itself or in the calls that it makes.

    A dynamic one's calls are not known; a notebook's are as far as its cells tell.
    """
    inner = getattr(target, "task", target)
    artifacts = [output.emitted.artifact for output in inner.interface.outputs if output.emitted]
    yield from (Ref(artifact.name, artifact.project) for artifact in artifacts)
    yield from getattr(target, "emits", ())
    for node in getattr(target, "graph", Graph("")).nodes:
        yield from emitted_by(node.target)
