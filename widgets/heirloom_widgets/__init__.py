"""Panels for JupyterLab: look at the catalog, pull, draw lineage, switch triggers, launch.

>>> from heirloom_widgets import Explorer
>>> Explorer("kind=model")                                      # doctest: +SKIP

Importing this package costs nothing: what draws is loaded when the first panel is made.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from heirloom.errors import MissingExtra

if TYPE_CHECKING:
    from heirloom_widgets.card import Card
    from heirloom_widgets.explorer import Explorer
    from heirloom_widgets.graph import Graph
    from heirloom_widgets.launch import Launch
    from heirloom_widgets.triggers import Triggers

__all__ = ["Card", "Explorer", "Graph", "Launch", "Triggers"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        return getattr(import_module(f"{__name__}.{name.lower()}"), name)
    except ModuleNotFoundError as error:
        msg = f'Panels need {error.name}. Next: pip install "jupyter-heirloom[widgets]"'
        raise MissingExtra(msg, extra="widgets") from error
