"""A version's card."""

from __future__ import annotations

from typing import Any

import ipywidgets as W

from heirloom.render import Html, block, card_html, escape, section
from heirloom_widgets.facts import label
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.view import attempt

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
        self._html = W.HTML()
        self.widget = column(self._html, name="hl-panel hl-card")
        if ref is not None:
            self.show(self.session.get(ref) if isinstance(ref, str) else ref)
            self.live()

    def show(self, version: Any) -> None:
        """Show the card of `version`."""
        self.version = version
        self._html.value = self.twin()

    def refresh(self) -> None:
        """Show the card's newest revision."""
        trouble = attempt(lambda: self.show(self.session.get(self.version.ref)))
        if trouble:
            self._html.value = block("hl-trouble", trouble)

    def twin(self) -> str:
        """The card as HTML without script."""
        if self.version is None:
            return ""
        if self.version.card is None:
            return escape(f"{label(self.version)} has no card.")
        return section(label(self.version), Html(card_html(self.version.card.text)))
