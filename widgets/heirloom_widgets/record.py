"""The record of a version as it is kept, and the place of its payload."""

from __future__ import annotations

import json
from typing import Any

import ipywidgets as W

from heirloom.render import Html, code, facts, section, size_text
from heirloom_widgets.panel import Panel, column

__all__ = ["Record"]


class Record(Panel):
    """A version's raw definition: where the payload is, then the record as JSON."""

    title = "Object"

    def __init__(self, session: Any = None) -> None:
        super().__init__(session)
        self.version: Any = None
        self._html = W.HTML()
        self.widget = column(self._html, name="hl-panel")

    def show(self, version: Any) -> None:
        """Show the record of `version`."""
        self.version = version
        self._html.value = self.twin()

    def twin(self) -> str:
        """The record as HTML without script."""
        if self.version is None:
            return ""
        payload = self.version.payload
        place = {
            "place": self.version.uri,
            "format": payload.format,
            "size": size_text(payload.size),
            "digest": payload.digest,
        }
        text = json.dumps(self.version.to_doc(), indent=2, ensure_ascii=False, default=str)
        return Html(facts(place) + section("Record", code(text)))
