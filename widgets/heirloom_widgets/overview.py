"""What a version is: the line that pulls it, a look at its payload, who made it and who read it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import ipywidgets as W
import traitlets

from heirloom.render import Html, block, details, escape, join, size_text, unified, version_html
from heirloom_widgets.assets import script, style
from heirloom_widgets.background import Newest
from heirloom_widgets.facts import about, place, producer_text, schema_text, version_words
from heirloom_widgets.panel import Panel, column, row
from heirloom_widgets.preview import is_small, preview_html
from heirloom_widgets.pull import Pull
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import View

__all__ = ["Overview"]

_READERS = 8


class AboutView(View):
    """Names and values, some of which lead elsewhere; see ``about.js``."""

    _esm = script("places.js", "about.js")
    _css = style("panel.css")
    facts: traitlets.List[Any] = traitlets.List([]).tag(sync=True)


class Overview(Panel):
    """Pull, a preview of the payload, and the facts of one version.

    A small payload is looked at by itself, on a thread beside the kernel; a large one when the
    reader asks. A look is no read: no edge is recorded.
    """

    title = "Overview"

    def __init__(
        self, session: Any = None, on_open: Callable[[str, str], None] | None = None
    ) -> None:
        """Show nothing yet.

        Args:
            session: What to look through.
            on_open: Called with ``execution`` and an id when the reader follows one.
        """
        super().__init__(session)
        self.version: Any = None
        self._cell: Any = None
        self.puller = Pull(self.session)
        self.about = self.view = AboutView()
        self.change = W.HTML()
        self.payload = W.HTML()
        self.look = W.Button(description="Look at it", layout={"width": "auto"})
        self.look.add_class("hl-look")
        self.look.on_click(lambda _button: self._read())
        self.about.answers("open", lambda message: (on_open or _nowhere)(*message["to"]))
        self._reader = Newest("heirloom-preview")
        self._ends.append(self._reader.drop)
        self._note = W.HTML()
        left = column(self.payload, self.look, name="hl-half hl-payload")
        below = row(left, column(self.about, self.change, name="hl-half"), name="hl-below")
        self.widget = column(self._note, self.puller.widget, below, name="hl-panel hl-overview")

    def show(self, version: Any) -> None:
        """Show `version`."""
        known = self.version is not None and self.version.ref == version.ref
        changed = not known or self.version.state != version.state
        self.version = version
        if not known:
            self._locate(None)
            self.view.tell("")  # what was said is of another version
            # The notebook's file is read for it, whatever pictures that has.
            self.beside.do("anchor", lambda: self.session.anchor(version.ref), self._anchor)
        self._note.value = self._warning()
        self._note.layout.display = None if self._note.value else "none"
        self.puller.show(version)
        self.about.facts = self._facts()
        if changed:
            self._offer()

    def twin(self) -> str:
        """The same as HTML without script."""
        if self.version is None:
            return ""
        words = version_words(self.version, producer_text(self._makers()))
        return join((version_html(words), self._changed()))

    # ------------------------------------------------------------------ the payload

    def _offer(self) -> None:
        """Look at the payload, or offer to."""
        self._reader.drop()
        self.look.layout.display = "none"
        if self.version.state == "purged":
            self._put(escape("Purged: the payload is gone; its record stays."))
        elif is_small(self.version):
            self._read()
        else:
            self.look.layout.display = ""
            size = size_text(self.version.size)
            many = "Kept member by member" if self.version.format == "collection" else size
            said = escape(f"{many}: not read without being asked.")
            self._put(join((said, block("hl-sub", schema_text(self.version.schema)))))

    def _read(self) -> None:
        version = self.version
        self.look.layout.display = "none"
        self._put(escape(f"Reading {size_text(version.size)} …"))
        self._reader.ask(lambda: self._preview(version), self._put)

    def _preview(self, version: Any) -> Html:
        try:
            return preview_html(self.session.peek(version))
        except Exception as error:  # whatever a payload raises is said in its place
            return block("hl-trouble", complaint(error))

    def _put(self, shown: Html) -> None:
        kind = f"{self.version.type_name} · {self.version.format}"
        head = block("hl-heading", Html("<b>Payload</b>"), block("hl-sub", kind))
        self.payload.value = join((head, shown))

    # ------------------------------------------------------------------ the facts

    def _anchor(self, cell: Any) -> None:
        self._locate(cell)
        self.about.facts = self._facts()

    def _locate(self, cell: Any) -> None:
        self._cell = cell
        self.change.value = self._changed()
        self.change.layout.display = None if self.change.value else "none"

    def _makers(self) -> list[Any]:
        """What emitted it, then the run around that, where that is another."""
        ids = dict.fromkeys((self.version.execution_id, self.version.root_id))
        return [self.session.execution(execution_id) for execution_id in ids]

    def _facts(self) -> list[Any]:
        declared = self.session.declaration(self.version.name)
        readers = self.session.consumers(self.version, limit=_READERS + 1)
        here = os.environ.get("JPY_SESSION_NAME", "")
        cell = place(self._cell, here) if self._cell is not None else []
        return about(self.version, declared, self._makers(), cell, readers, _READERS)

    def _changed(self) -> Html:
        """What differs in the cell's text since it made the version."""
        if self._cell is None or not self._cell.changed:
            return Html("")
        return details("What changed in the cell since", unified(self._cell.diff))

    def _warning(self) -> Html:
        """What a reader must know before using it."""
        if self.version.state not in {"yanked", "draft", "purged"}:
            return Html("")
        if self.version.state == "draft":
            said = "A draft: never the latest, and it fires nothing until hl.release(...)."
            return block("hl-warning", said)
        marks = self.session.history(self.version.ref)
        last = [mark for mark in marks if mark.kind in {"yank", "purge"}][-1:]
        who = [f" by {mark.by}: {mark.data.get('reason') or 'no reason given'}" for mark in last]
        said = f"{self.version.state.capitalize()}{''.join(who)}."
        return block("hl-warning", said, " latest and queries skip it.")


def _nowhere(*_: str) -> None:
    """Alone, an overview leads nowhere."""
