"""An error as a record keeps it."""

from __future__ import annotations

import traceback
from types import TracebackType

from heirloom.errors import HeirloomError
from heirloom.records.worlds import without_worlds

__all__ = ["spoken"]

_OURS = ("heirloom", "contextlib", "IPython", "ipykernel")


def spoken(error: BaseException) -> str:
    """An error as the record keeps it: ours in one line, the user's with its traceback."""
    if isinstance(error, HeirloomError) and error.__cause__ is None:
        return f"{type(error).__name__}: {error}"
    lines = traceback.format_exception(type(error), error, _users(error.__traceback__))
    return without_worlds("".join(lines)).strip()[-20_000:]


def _users(frames: TracebackType | None) -> TracebackType | None:
    """A traceback from the first frame on that is the user's; all of it where none is another's."""
    found = frames
    while found is not None:
        module = str(found.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _OURS:
            return found
        found = found.tb_next
    return frames
