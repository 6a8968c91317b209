"""A version's card, and every revision of it."""

from __future__ import annotations

from typing import Any

import ipywidgets as W

from heirloom.render import Html, block, card_html, escape, section, time_text
from heirloom_widgets.facts import label
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.turns import attempt, called

__all__ = ["Card"]


class Card(Panel):
    """The Markdown beside a version, rendered; nothing in it runs and nothing is fetched."""

    title = "Card"

    def __init__(self, ref: Any = None, session: Any = None) -> None:
        """Show the card of `ref`: a ref's text, or a version.

        Raises:
            NotFound: There is no such version.
        """
        super().__init__(session)
        self.version: Any = None
        self._revisions: list[Any] = []
        self._html = W.HTML()
        self.revision = W.Dropdown(description="Revision", layout={"width": "auto"})
        self.revision.add_class("hl-revision")
        self.revision.observe(lambda _change: called(self._draw), "value")
        self.widget = column(self.revision, self._html, name="hl-panel hl-card")
        if ref is not None:
            self.show(self.session.get(ref) if isinstance(ref, str) else ref)
            self.live()

    def show(self, version: Any) -> None:
        """Show the newest card of `version`."""
        marks = [mark for mark in self.session.history(version.ref) if mark.kind == "card"]
        known = self.version is not None and self.version.ref == version.ref
        self.version = version
        if not known:
            self._html.value = escape("Reading the card …")
        if not known or len(marks) != len(self._revisions):
            self._offer(marks)
        self._draw()

    def refresh(self) -> None:
        """Show the card's newest revision where there is a new one."""
        trouble = attempt(lambda: self.show(self.session.get(self.version.ref)))
        if trouble:
            self._wrong(trouble)

    def twin(self) -> str:
        """The card as HTML without script."""
        if self.version is None:
            return ""
        return _shown(self.version, self._text())

    def subject(self) -> str:
        """The version that it is the card of."""
        return label(self.version) if self.version is not None else ""

    def _offer(self, marks: list[Any]) -> None:
        """Offer the revisions, the newest first and chosen; one alone is no choice."""
        self._revisions = marks
        named = [
            (f"{at} of {len(marks)}: {time_text(mark.at)} by {mark.by}", at)
            for at, mark in enumerate(marks, 1)
        ]
        self.revision.options = named[::-1]
        self.revision.value = len(marks) or None
        self.revision.layout.display = None if len(marks) > 1 else "none"

    def _draw(self) -> None:
        """Render it: a long card takes a while, beside the kernel."""
        version, text = self.version, self._text()
        self.beside.do("card", lambda: _shown(version, text), self._put)

    def _put(self, shown: Html) -> None:
        self._html.value = shown

    def _works(self, on: bool) -> None:
        """What is selected says so itself."""

    def _wrong(self, trouble: str) -> None:
        self._html.value = block("hl-trouble", trouble)

    def _text(self) -> str | None:
        at = self.revision.value
        if at is not None:
            return str(self._revisions[at - 1].data["text"])
        return self.version.card.text if self.version.card else None


def _shown(version: Any, text: str | None) -> Html:
    if text is None:
        return escape(f"{label(version)} has no card.")
    return section(label(version), Html(card_html(text)))
