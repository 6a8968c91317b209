"""The search line and the table of versions found, filled page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import traitlets

from heirloom.errors import RefError
from heirloom.render import size_text, tone_of
from heirloom_widgets.assets import script, style
from heirloom_widgets.completing import offers
from heirloom_widgets.facts import card_line, partitions_text
from heirloom_widgets.panel import Panel
from heirloom_widgets.view import Message, View

__all__ = ["PAGE", "Search", "SearchView"]

PAGE = 50
ORDERED = {
    "newest": "newest first",
    "oldest": "oldest first",
    "name": "by name",
    "kind": "by kind",
    "producer": "by producer",
}


class SearchView(View):
    """The line, what completes it, and the table on the page; see ``search.js``."""

    _esm = script("completion.js", "search.js")
    _css = style("search.css")
    text = traitlets.Unicode("").tag(sync=True)
    page: traitlets.Dict[str, Any] = traitlets.Dict({"rows": []}).tag(sync=True)
    fault: traitlets.Dict[str, Any] = traitlets.Dict({}).tag(sync=True)
    offers: traitlets.Dict[str, Any] = traitlets.Dict({}).tag(sync=True)
    order = traitlets.Unicode("newest").tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)


class Search(Panel):
    """Searches as the grammar says and shows a page of answers, in the order chosen.

    Attributes:
        versions: The versions on the page.
    """

    def __init__(self, text: str, session: Any, on_select: Callable[[str], None]) -> None:
        super().__init__(session)
        self.versions: tuple[Any, ...] = ()
        self._cursors: list[Any] = [None]
        self._producers: dict[str, str] = {}
        self.widget = self.view = SearchView(text=text)
        self.view.answers("search", lambda message: self.search(message["text"]))
        self.view.answers("complete", self.complete)
        self.view.answers("order", lambda message: self.order(message["order"]))
        self.view.answers("page", lambda message: self.turn(message["step"]))
        self.view.answers("select", lambda message: on_select(message["ref"]))
        self.view.attempt(lambda: self.search(text))

    def search(self, text: str) -> None:
        """Show the first page for `text`; where that does not parse, its fault and the old page."""
        try:
            page = self._page(text, None)
        except RefError as error:
            self.view.fault = _fault(error, text)
            return
        self.view.fault = {}
        self.view.text = text
        self._cursors = [None]
        self._show(page)

    def complete(self, message: Message) -> None:
        """Offer what could stand at the end of the message's text, the line up to the cursor."""
        found = [asdict(offer) for offer in offers(self.session, message["text"])]
        self.view.offers = {"text": message["text"], "items": found, "asked": message["seq"]}

    def order(self, order: str) -> None:
        """Show the first page in that order."""
        self.view.order = order
        self._cursors = [None]
        self.refresh()

    def turn(self, step: int) -> None:
        """Show the page `step` pages on."""
        if step > 0:
            self._cursors.append(self._next)
        elif len(self._cursors) > 1:
            self._cursors.pop()
        self.refresh()

    def refresh(self) -> None:
        """Ask again for the page that is shown."""
        self._show(self._page(self.view.text, self._cursors[-1]))

    def mark(self, ref: str) -> None:
        """Mark the row of `ref` as the selected one."""
        self.view.selected = ref

    def _page(self, text: str, cursor: str | None) -> Any:
        return self.session.search(text, limit=PAGE, cursor=cursor, order=self.view.order)

    def _show(self, page: Any) -> None:
        self.versions = tuple(page.versions)
        self._next = page.cursor
        first = (len(self._cursors) - 1) * PAGE
        self.view.page = {
            "rows": [self._row(version) for version in self.versions],
            "note": _note(first, len(self.versions), page.total, ORDERED[self.view.order]),
            "before": len(self._cursors) > 1,
            "after": page.cursor is not None,
            "empty": "Nothing here meets this search." if self.view.text else "No versions yet.",
        }

    def _row(self, version: Any) -> dict[str, Any]:
        return {
            "ref": version.ref,
            "name": version.name,
            "version": str(version.version),
            "partitions": partitions_text(version),
            "kind": version.kind,
            "created": version.created_at.isoformat(),
            "producer": self.producer(version),
            "card": card_line(version),
            "size": size_text(version.size),
            "marks": _marks(version),
        }

    def producer(self, version: Any) -> str:
        """The task that made it, and the workflow around it."""
        names = dict.fromkeys(map(self._name_of, (version.execution_id, version.root_id)))
        return " in ".join(names)

    def _name_of(self, execution_id: str) -> str:
        if execution_id not in self._producers:
            self._producers[execution_id] = self.session.execution(execution_id).name
        return self._producers[execution_id]


def _marks(version: Any) -> list[list[str]]:
    """Its state, where that is not the ordinary one, and its aliases: of many, how many more."""
    state = [] if version.state == "live" else [[version.state, tone_of(version.state)]]
    first, *more = version.aliases or ("",)
    named = [[f"@{first}", "good"]] if first else []
    return [*state, *named, *([[f"+{len(more)}", "good"]] if more else [])]


def _fault(error: RefError, text: str) -> dict[str, Any]:
    message = str(error).partition(f" (at {error.at + 1}: ")[0]
    return {"text": text, "at": error.at, "message": message}


def _note(first: int, count: int, total: int, order: str) -> str:
    if not count:
        return ""
    if count == total:
        return f"{total:,} versions, {order}" if total > 1 else "1 version"
    return f"{first + 1:,} to {first + count:,} of {total:,} versions, {order}"
