"""The search line and the table of versions found, filled page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import traitlets

from heirloom.errors import RefError
from heirloom.render import size_text, tone_of
from heirloom_widgets.assets import script, style
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search; the cursors are those of its pages up to the one that is asked for."""

    text: str = ""
    order: str = "newest"
    cursors: tuple[Any, ...] = (None,)


class Search(Panel):
    """Searches as the grammar says and shows a page of answers, in the order chosen.

    Attributes:
        versions: The versions on the page.
    """

    def __init__(self, text: str, session: Any, on_select: Callable[[str], None]) -> None:
        super().__init__(session)
        self.versions: tuple[Any, ...] = ()
        self._asked = self._due = _Asked()
        self._next: str | None = None
        self._producers: dict[str, str] = {}
        self.widget = self.view = SearchView(text=text)
        self.view.answers("search", lambda message: self.search(message["text"]))
        self.view.answers("complete", self.complete)
        self.view.answers("order", lambda message: self.order(message["order"]))
        self.view.answers("page", lambda message: self.turn(message["step"]))
        self.view.answers("select", lambda message: on_select(message["ref"]))
        self.view.renew(lambda: self.search(text))

    def search(self, text: str) -> None:
        """Show the first page for `text`; where that does not parse, its fault and the old page."""
        self._ask(_Asked(text, self.view.order))

    def complete(self, message: Message) -> None:
        """Offer what could stand at the end of the message's text, the line up to the cursor."""
        found = [asdict(offer) for offer in self.session.completions(message["text"])]
        self.view.offers = {"text": message["text"], "items": found, "asked": message["seq"]}

    def order(self, order: str) -> None:
        """Show the first page in that order."""
        self._ask(_Asked(self._asked.text, order))

    def turn(self, step: int) -> None:
        """Show the page `step` pages on; there is none beyond the last."""
        cursors = self._asked.cursors
        if step > 0 and self._next is not None:
            cursors = (*cursors, self._next)
        elif step < 0 and len(cursors) > 1:
            cursors = cursors[:-1]
        self._ask(replace(self._asked, cursors=cursors))

    def refresh(self) -> None:
        """Ask again for the page that is shown, or for the one that is under way."""
        self._ask(self._due)

    def mark(self, ref: str) -> None:
        """Mark the row of `ref` as the selected one."""
        self.view.selected = ref

    def _ask(self, asked: _Asked) -> None:
        """Look it up beside the kernel: what came of a version may be half of the catalog."""
        self._due = asked
        self.beside.do("search", lambda: self._found(asked), self._show)

    def _found(self, asked: _Asked) -> tuple[_Asked, Any, list[dict[str, Any]]]:
        try:
            page = self.session.search(
                asked.text, limit=PAGE, cursor=asked.cursors[-1], order=asked.order
            )
        except RefError as error:
            return asked, error, []
        return asked, page, [self._row(version) for version in page.versions]

    def _show(self, found: tuple[_Asked, Any, list[dict[str, Any]]]) -> None:
        asked, page, rows = found
        if isinstance(page, RefError):
            self.view.fault, self._due = _fault(page, asked.text), self._asked
            return
        if asked is not self._asked:  # else a fault is of another line, and stays
            self.view.fault, self.view.text, self.view.order = {}, asked.text, asked.order
        self._asked, self._next = asked, page.cursor
        self.versions = tuple(page.versions)
        first = (len(asked.cursors) - 1) * PAGE
        self.view.page = {
            "rows": rows,
            "note": _note(first, len(rows), page.total, ORDERED[asked.order]),
            "before": len(asked.cursors) > 1,
            "after": page.cursor is not None,
            "empty": "Nothing here meets this search." if asked.text else "No versions yet.",
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
