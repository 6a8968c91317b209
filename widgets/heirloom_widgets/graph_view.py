"""The graph on the page, and pyvis's own vis-network, sent once for all graphs of a kernel."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ipywidgets as W
import traitlets

from heirloom.errors import MissingExtra
from heirloom_widgets.assets import script, style
from heirloom_widgets.view import View

__all__ = ["GraphView", "vis_source"]

PARTS = ("paint", "bands", "save", "tools", "list")
EMPTY: dict[str, Any] = {
    **{name: [] for name in ("nodes", "edges", "trail", "legend")},
    **{name: "" for name in ("where", "note", "at", "colour")},
    "path": {"nodes": [], "edges": [], "ends": [], "told": ""},
}


@cache
def vis_source() -> str:
    """The text of the newest vis-network that pyvis brings along.

    Raises:
        MissingExtra: This pyvis brings none.
    """
    spec = find_spec("pyvis")  # its files are read; to import it takes a second
    places = (spec and spec.submodule_search_locations) or ()
    found = [part for place in places for part in Path(place, "templates/lib").glob("vis-*")]
    if not found:
        msg = "There is no pyvis with a vis-network in it; the graph is known to work with 0.3.2."
        raise MissingExtra(msg, extra="widgets")
    newest = max(found, key=lambda part: tuple(map(int, part.name[4:].split("."))))
    return (newest / "vis-network.min.js").read_text("utf-8").rpartition("//# sourceMapping")[0]


class VisLibrary(W.Widget):  # type: ignore[misc]  # ipywidgets is not typed
    """A model without a view that carries the library's text."""

    _model_name = traitlets.Unicode("WidgetModel").tag(sync=True)
    _model_module = traitlets.Unicode("@jupyter-widgets/base").tag(sync=True)
    _model_module_version = traitlets.Unicode("2.0.0").tag(sync=True)
    src = traitlets.Unicode("").tag(sync=True)


@cache
def _library() -> VisLibrary:
    return VisLibrary(src=vis_source())


class GraphView(View):
    """Canvas, list of nodes and tool bar; see ``graph.js`` and those beside it."""

    _esm = script(*(f"graph_{part}.js" for part in PARTS), "graph.js")
    _css = style("graph.css")
    asset = traitlets.Instance(W.Widget).tag(sync=True, **W.widget_serialization)
    picture = traitlets.Dict(EMPTY).tag(sync=True)
    options = traitlets.Dict({}).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Unicode("400px").tag(sync=True)

    @traitlets.default("asset")
    def _asset(self) -> Any:
        return _library()
