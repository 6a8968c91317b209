"""What every panel is: a widget to show, a twin without script, and an end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets as W

import heirloom as hl
from heirloom_widgets.beside import Beside
from heirloom_widgets.pulse import watch

__all__ = ["Panel", "column", "row"]


class Panel:
    """The base of the panels; it holds widgets and is none itself.

    Attributes:
        session: The session that it looks through.
        widget: What is displayed.
        beside: What it has done beside the kernel.
    """

    widget: Any
    view: Any

    def __init__(self, session: Any = None) -> None:
        self.session = session or hl.current()
        self.beside = Beside(self._works, self._wrong)
        self._ends: list[Callable[[], None]] = [self.beside.drop]

    def live(self) -> None:
        """From now on `refresh` is called when anyone has written to the catalog."""
        self._ends.append(watch(self.session, self.refresh))

    def holds(self, *parts: Panel) -> None:
        """These panels are shown within this one, and end with it."""
        self._ends += [part.close for part in parts]

    def refresh(self) -> None:
        """Show what the catalog says now."""

    def twin(self) -> str:
        """The same as HTML without script: for saved, shared and untrusted notebooks."""
        return ""

    def text(self) -> str:
        """The same as plain text: for a terminal on a kernel that has panels."""
        return repr(self)

    def subject(self) -> str:
        """What it is of, in a few words; empty where it is of the catalog."""
        return ""

    def close(self) -> None:
        """End the panel: its widgets leave the page, and nothing of it is kept."""
        for end in self._ends:
            end()
        self._ends.clear()
        for widget in list(_tree(self.widget)):
            widget.close()

    def _works(self, on: bool) -> None:
        """Say whether something goes on beside the kernel."""
        self.view.working = on

    def _wrong(self, trouble: str) -> None:
        """Say what went wrong beside the kernel."""
        self.view.tell(trouble)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle = dict(self.widget._repr_mimebundle_(**options) or {})
        # Of an output that is collapsed JupyterLab shows the first line of this, as it stands.
        html = f"{self._caption()}\n{self.twin()}"
        return {**bundle, "text/plain": self.text(), "text/html": html}

    def _caption(self) -> str:
        about = " · ".join(filter(None, (type(self).__name__, self.subject())))
        return f"<!-- {re.sub('[<>]|--+', '', about)} -->"

    def __repr__(self) -> str:
        return f"<heirloom_widgets.{type(self).__name__}>"


def column(*children: Any, name: str = "", **layout: Any) -> Any:
    """The widgets one below the other; `name` is a class for the style."""
    return _boxed(W.VBox, children, name, layout)


def row(*children: Any, name: str = "", **layout: Any) -> Any:
    """The widgets side by side, going on below where there is no room."""
    return _boxed(W.HBox, children, name, {"flex_flow": "row wrap", **layout})


def _boxed(kind: Any, children: Any, name: str, layout: dict[str, Any]) -> Any:
    box = kind(list(children), layout=layout)
    for word in ("hl", *name.split()):
        box.add_class(word)
    return box


def _tree(widget: Any) -> Iterator[Any]:
    """A widget's children, its layout and its style, which are widgets too, and itself."""
    for child in getattr(widget, "children", ()):
        yield from _tree(child)
    yield from (getattr(widget, part) for part in ("layout", "style") if hasattr(widget, part))
    yield widget
