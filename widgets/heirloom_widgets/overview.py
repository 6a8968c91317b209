"""What a version is, the line that pulls it, and the button that does."""

from __future__ import annotations

from typing import Any

import ipywidgets as W
import traitlets

from heirloom.render import facts, section, version_html
from heirloom_widgets.assets import script, style
from heirloom_widgets.facts import version_words
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.pull import Pull
from heirloom_widgets.view import View

__all__ = ["CopyCode", "Overview"]


class CopyCode(View):
    """Code with a button that copies it; see ``copy.js``."""

    _esm = script("copy.js")
    _css = style("panel.css")
    code = traitlets.Unicode("").tag(sync=True)


class Overview(Panel):
    """Facts, snippet and Pull of one version."""

    title = "Overview"

    def __init__(self, session: Any = None) -> None:
        super().__init__(session)
        self.version: Any = None
        self.snippet = CopyCode()
        self.puller = Pull(self.session)
        self._facts = W.HTML()
        self._consumers = W.HTML()
        self.widget = column(
            self.snippet, self.puller.widget, self._facts, self._consumers, name="hl-panel"
        )

    def show(self, version: Any) -> None:
        """Show `version`."""
        self.version = version
        self.snippet.code = version.snippet
        self.puller.show(version)
        self._facts.value = facts(version_words(version, self._producer())["facts"])
        used = [f"{run.name} · {run.state} · {run.id}" for run in self.session.consumers(version)]
        more = f"and {len(used) - 20} more" if len(used) > 20 else ""
        shown = {str(i + 1): text for i, text in enumerate(used[:20])} | {"": more}
        self._consumers.value = section("Read by", facts(shown)) if used else ""

    def twin(self) -> str:
        """The same as HTML without script."""
        return version_html(version_words(self.version, self._producer())) if self.version else ""

    def _producer(self) -> str:
        made = self.session.execution(self.version.execution_id)
        around = self.session.execution(self.version.root_id)
        inside = "" if around.id == made.id else f" in {around.kind} {around.name}"
        return f"{made.kind} {made.name}{inside} · {made.id}"
