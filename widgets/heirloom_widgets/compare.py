"""Two versions side by side: what differs of their records, schemas, inputs, cards and code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W
import traitlets

from heirloom.render import Html, block, escape, join
from heirloom_widgets.assets import script, style
from heirloom_widgets.background import Newest
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import View

__all__ = ["Compare"]

_OFFERED = 30
_Shown = tuple[str, Html]
"""The other version, and what differs from it."""


class CompareView(View):
    """The other version: chosen from a list, or written as a ref; see ``compare.js``."""

    _esm = script("compare.js")
    _css = style("panel.css")
    this = traitlets.Unicode("").tag(sync=True)
    other = traitlets.Unicode("").tag(sync=True)
    offered: traitlets.List[str] = traitlets.List([]).tag(sync=True)


class Compare(Panel):
    """What differs from another version to the one that is selected.

    The other is by itself the newest live one before it of the same partition values, which is
    what `hl.why` holds it against; any version of any artifact may be put in its place.
    """

    title = "Compare"

    def __init__(self, session: Any = None) -> None:
        super().__init__(session)
        self.version: Any = None
        self._worker = Newest("heirloom-compare")
        self._ends.append(self._worker.drop)
        self.view = CompareView()
        self.view.answers("with", lambda message: self.compare(message["ref"]))
        self._diff = W.HTML()
        self.widget = column(self.view, self._diff, name="hl-panel hl-compare")

    def show(self, version: Any) -> None:
        """Compare `version` with the one before it; asked again of the same, leave it as it is."""
        if self.version is not None and self.version.ref == version.ref:
            return
        self.version = version
        self.view.this = version.label
        found = self.session.search(f'name="{version.name}"', limit=_OFFERED)
        self.view.offered = [each.label for each in found if each.ref != version.ref]
        self.view.other = ""
        self._ask(lambda: self._why(version))

    def compare(self, ref: str) -> None:
        """Compare with the version that `ref` means."""
        self.view.other = ref
        version = self.version
        self._ask(lambda: (ref, join(self.session.diff(ref, version).sections())))

    def twin(self) -> str:
        """The difference as HTML without script."""
        return str(self._diff.value)

    def _ask(self, work: Callable[[], _Shown]) -> None:
        self._diff.value = escape("Comparing …")
        self._worker.ask(lambda: _told(work), self._put)

    def _why(self, version: Any) -> _Shown:
        found = self.session.why(version)
        if found.before is None or found.diff is None:
            none = "The first of its partition values: choose a version to compare with."
            return "", escape(none)
        return found.before.label, join(found.diff.sections())

    def _put(self, shown: _Shown) -> None:
        other, self._diff.value = shown
        self.view.other = other or self.view.other


def _told(work: Callable[[], _Shown]) -> _Shown:
    try:
        return work()
    except Exception as error:  # a ref that is none is said where the difference would be
        return "", block("hl-trouble", complaint(error))
