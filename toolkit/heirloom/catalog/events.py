"""What orders ledger rows: the place of their events, the versions, in commit order."""

from __future__ import annotations

import re
from collections.abc import Callable

from heirloom.catalog.tables import Doc
from heirloom.records.names import fold
from heirloom.records.refs import SCHEME

__all__ = ["LEFT", "PLACE", "event_of", "item_of"]

LEFT = ("waiting", "paused")
"""The states that rows leave again, so that few are in one; what is queued stays so for good."""

PLACE = (
    "SELECT id FROM versions WHERE number=? AND name = "
    "(SELECT id FROM names WHERE project=? AND folded=?)"
)
"""The id of a version by number, project and folded name."""
_ITEM = re.compile(rf"{SCHEME}([^/]+)/(.+)@(\d{{1,18}})")

Find = Callable[[int, str, str], int | None]


def event_of(doc: Doc, find: Find) -> int:
    """The place of a row's event; 0 where that is no version, or none that was there before it.

    Rows are not always written in that order: a backfill gives old versions rows of their own.

    Args:
        doc: The row.
        find: Gives the id of a version by number, project and folded name.
    """
    item = item_of(doc)
    return (find(*item) if item is not None else None) or 0


def item_of(doc: Doc) -> tuple[int, str, str] | None:
    """Number, project and folded name of the version that a row is of; `None` where of none."""
    item = _ITEM.fullmatch(doc["refs"][0]) if doc["refs"] else None
    if item is None:
        return None
    project, name, number = item.groups()
    return int(number), project, fold(name)
