"""Search the catalog, and see everything about what is selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W

from heirloom.render import Html, block, escape, join
from heirloom_widgets.card import Card
from heirloom_widgets.compare import Compare
from heirloom_widgets.facts import label
from heirloom_widgets.graph import Graph
from heirloom_widgets.launch import Launch
from heirloom_widgets.overview import Overview
from heirloom_widgets.panel import Panel, column, row
from heirloom_widgets.record import Record
from heirloom_widgets.runs import Runs
from heirloom_widgets.search import Search
from heirloom_widgets.snapshot import catalog_html, heading_html
from heirloom_widgets.triggers import Triggers
from heirloom_widgets.turns import Troubles, alone, attempt, called, renewed

__all__ = ["Explorer"]


class Explorer(Panel):
    """A search line over a table of versions; beside it tabs that follow the selection.

    Only the tab that is seen is filled; the others when they are turned to. What others
    write appears within about a second.

    Attributes:
        selected: The selected version, or `None`.
    """

    def __init__(self, text: str = "", session: Any = None) -> None:
        """Show what meets `text`, newest first, and select the first of them.

        Args:
            text: A search line in the one grammar; empty for all.
            session: What to look through; by default the current session.
        """
        super().__init__(session)
        self.selected: Any = None
        self._troubles = Troubles()
        self.search = Search(text, self.session, self._pick)
        self.overview = Overview(self.session, self.follow)
        self.runs = Runs(self.session)
        self.graph = Graph(
            session=self.session,
            on_open=lambda version: self._attempt(lambda: self._see(version)),
            on_run=lambda run: self.follow("execution", run),
        )
        self.triggers = Triggers(self.session, live=False, on_open=self._launched)
        self.launch = Launch(
            session=self.session, live=False, on_open=self._launched, on_select=self._look
        )
        self.panels: tuple[Any, ...] = (
            self.overview,
            Card(session=self.session),
            Record(self.session),
            self.runs,
            self.graph,
            Compare(self.session),
            self.triggers,
            self.launch,
        )
        self.holds(self.search, *self.panels)
        self._trouble = ""
        self._head = W.HTML()
        self.tabs = W.Tab(
            [panel.widget for panel in self.panels],
            titles=[panel.title for panel in self.panels],
            selected_index=0,
        )
        self.tabs.observe(lambda _change: called(self._turn), "selected_index")
        left = column(self.search.widget, name="hl-left")
        right = column(self._head, self.tabs, name="hl-right")
        self.widget = row(left, right, name="hl-explorer")
        self._entitle()
        if self.search.versions:
            self._pick(self.search.versions[0].ref)
        self.live()

    def select(self, ref: str) -> None:
        """Select the version of `ref` (a look: no edge is recorded)."""
        try:
            self._see(self.session.get(ref))
        finally:
            self._entitle()

    def follow(self, kind: str, id: str) -> None:
        """Turn to an execution."""
        self.tabs.selected_index = self.panels.index(self.runs)
        self.runs.open(id)

    def refresh(self) -> None:
        """Show what the catalog says now: the page, the selection, the tab that is seen."""
        self.search.view.renew(self.search.refresh)
        if self.selected is not None:
            renewed(lambda: self._pick(self.selected.ref))

    def twin(self) -> str:
        """The page of versions, and the selected one, as HTML without script."""
        text = self.search.view.text
        note = self.search.view.page.get("note", "")
        found = catalog_html(self.search.versions[:20], text or "Versions", note)
        return join((found, self.panels[self.tabs.selected_index or 0].twin()))

    def text(self) -> str:
        """The page of versions, a line each."""
        return "\n".join([repr(self), *(version.label for version in self.search.versions[:20])])

    def subject(self) -> str:
        """How many versions there are, and the selected one."""
        note = self.search.view.page.get("note", "").partition(",")[0]
        return " · ".join(filter(None, (note, self.selected and label(self.selected))))

    def _pick(self, ref: str) -> None:
        self._attempt(lambda: self._see(self.session.get(ref)))

    def _launched(self, kind: str, id: str) -> None:
        self.follow(kind, id)
        self.runs.begun(id)

    def _look(self, ref: str) -> None:
        self.tabs.selected_index = self.panels.index(self.overview)
        self._pick(ref)

    def _see(self, version: Any) -> None:
        self.selected = version
        self.search.mark(version.ref)
        self._fill()

    def _attempt(self, work: Callable[[], None]) -> None:
        """Do `work`; what goes wrong is said above the tabs, and the rest stays alive."""
        with alone:
            self._trouble = self._troubles.take(attempt(work))
            self._entitle()

    def _entitle(self) -> None:
        """Say what is selected, when the tab is filled: a reader who sees it copies its line."""
        if self.selected is None:
            heading = escape("Select a version to see it here.")
        else:
            heading = heading_html(self.selected)
        trouble = block("hl-trouble", self._trouble) if self._trouble else Html("")
        self._head.value = join((heading, trouble))

    def _turn(self) -> None:
        self._attempt(self._fill)

    def _fill(self) -> None:
        if self.selected is not None:
            self.panels[self.tabs.selected_index or 0].show(self.selected)
