"""What a task, map or workflow does, drawn: inputs, calls, outputs, and what flows between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heirloom.declare.graph import Graph, results_of
from heirloom.declare.interface import Interface
from heirloom.declare.promise import promises_in
from heirloom.declare.specs import MISSING, InputSpec, OutputSpec
from heirloom.declare.types import spell
from heirloom.records.queries import Query
from heirloom.render import Html
from heirloom.render.flow import Box, flow_mermaid, flow_svg

__all__ = ["Drawing", "drawing_of"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes in an order in which no arrow leads back, and the arrows by their ids."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]

    def to_mermaid(self) -> str:
        """The drawing as Mermaid text."""
        return flow_mermaid(self.boxes, self.arrows)

    def to_svg(self) -> Html:
        """The drawing as SVG, which any page shows without a library."""
        return flow_svg(self.boxes, self.arrows, self.title)

    def bundle(self) -> dict[str, str]:
        """The drawing in the forms that a notebook shows."""
        return {
            "text/plain": self.title,
            "text/vnd.mermaid": self.to_mermaid(),
            "text/html": self.to_svg(),
        }


def drawing_of(target: Any) -> Drawing:
    """The drawing of a task, a map, a workflow; of a dynamic one, what is known before a run."""
    interface, graph = target.interface, getattr(target, "graph", None)
    inside = graph if graph is not None and (graph.nodes or not _is_dynamic(target)) else None
    inputs = [_input(spec) for spec in interface.inputs.values()]
    outputs = [_output(spec) for spec in interface.outputs]
    if inside is None:
        calls = [_call("call:", target)]
        arrows = [(box.id, "call:") for box in inputs] + [("call:", box.id) for box in outputs]
    else:
        calls = [_call(f"call:{node.id}", node.target, node.id) for node in inside.nodes]
        arrows = _flow(interface, inside)
    return Drawing(repr(target), (*inputs, *calls, *outputs), tuple(dict.fromkeys(arrows)))


def _is_dynamic(target: Any) -> bool:
    return bool(getattr(target, "traced_in_runs", False))


def _flow(interface: Interface, graph: Graph) -> list[tuple[str, str]]:
    arrows = []
    for node in graph.nodes:
        arrows += [(_from(each), f"call:{node.id}") for each in promises_in(node.inputs)]
    if graph.result is not None or interface.outputs:
        for output, value in results_of(interface, graph):
            arrows += [(_from(each), f"output:{output.name}") for each in promises_in(value)]
    return arrows


def _from(promise: Any) -> str:
    return f"call:{promise.node}" if promise.node else f"input:{promise.output}"


def _input(spec: InputSpec) -> Box:
    default = "" if spec.default is MISSING else f"= {_short(spec.default)}"
    title = spec.name if spec.type is Any else f"{spec.name}: {spell(spec.type)}"
    return Box(f"input:{spec.name}", title, default, "busy", round=True)


def _output(spec: OutputSpec) -> Box:
    kind = "" if spec.type is Any else spell(spec.type)
    if spec.emitted is None:
        return Box(f"output:{spec.name}", kind or spec.name, "", "value", round=True)
    each = "each " if spec.members else ""
    return Box(
        f"output:{spec.name}", f"{each}{spec.emitted.artifact.name}", kind, "good", round=True
    )


def _call(id: str, target: Any, name: str = "") -> Box:
    emitted = [output.emitted for output in target.interface.outputs if output.emitted]
    made = ", ".join(emits.artifact.name for emits in emitted)
    kind = "dynamic workflow" if _is_dynamic(target) else target.kind
    words = [kind if kind != "task" else "", f"→ {made}" if made else ""]
    tone = {"task": "data", "map": "file"}.get(target.kind, "model")
    return Box(id, name or target.name, " ".join(filter(None, words)), tone)


def _short(default: Any) -> str:
    text = str(default.ref) if isinstance(default, Query) else repr(default)
    return text if len(text) <= 40 else f"{text[:39]}…"
