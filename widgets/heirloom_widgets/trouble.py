"""What went wrong in a callback, as the one line that a panel shows."""

from __future__ import annotations

import logging

from heirloom.errors import HeirloomError

__all__ = ["complaint"]


def complaint(error: Exception) -> str:
    """An error as the one line that a panel shows; what is not ours is logged as well."""
    if isinstance(error, HeirloomError):
        return str(error)
    logging.getLogger("heirloom").warning("A panel's callback failed", exc_info=error)
    return f"{type(error).__name__}: {error}"
