"""An error as a record keeps it."""

from __future__ import annotations

import traceback

from heirloom.errors import HeirloomError
from heirloom.rebuilt import without_worlds
from heirloom.tracebacks import shorten

__all__ = ["spoken"]


def spoken(error: BaseException) -> str:
    """An error as the record keeps it: ours in one line, the user's with its traceback."""
    if isinstance(error, HeirloomError) and error.__cause__ is None:
        return f"{type(error).__name__}: {error}"
    shorten(error)
    return without_worlds("".join(traceback.format_exception(error))).strip()[-20_000:]
