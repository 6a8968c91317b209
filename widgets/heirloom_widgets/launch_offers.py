"""The versions that an input could be given instead: a page of them, and one more when asked."""

from __future__ import annotations

import threading
from itertools import islice
from typing import Any

from heirloom_widgets.facts import card_line, label, partitions_text
from heirloom_widgets.trouble import complaint

__all__ = ["PAGE", "Offers", "offer_row"]

PAGE = 25


class Offers:
    """What fits one input, the newest first, looked up only as far as it is shown."""

    def __init__(self, field: Any) -> None:
        self.name = str(field.name)
        self._versions = iter(field.versions)
        self._ahead: list[Any] = []
        self._rows: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def more(self) -> dict[str, Any]:
        """The rows so far and a page more, as ``launch.js`` takes them."""
        trouble = ""
        with self._lock:
            try:
                self._take()
            except Exception as error:  # a catalog that cannot be read is said above the list
                trouble = complaint(error)
            more = bool(self._ahead)
            return self.told(busy=False, more=more, trouble=trouble)

    def told(self, *, busy: bool, more: bool = False, trouble: str = "") -> dict[str, Any]:
        """What is known of it now."""
        facts = {"busy": busy, "more": more, "trouble": trouble}
        return {"name": self.name, "rows": list(self._rows), **facts}

    def _take(self) -> None:
        """A page, and one beyond it, which tells that there is more."""
        page = [*self._ahead, *islice(self._versions, PAGE + 1 - len(self._ahead))]
        self._ahead = page[PAGE:]
        self._rows += map(offer_row, page[:PAGE])


def offer_row(version: Any) -> dict[str, Any]:
    """A version as a row to choose, or as what an input is now."""
    return {
        "ref": version.ref,
        "label": label(version),
        "partitions": partitions_text(version),
        "created": version.created_at.isoformat(),
        "card": card_line(version),
    }
