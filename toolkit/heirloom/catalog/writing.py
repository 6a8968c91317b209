"""Writes all that it is given, or fails."""

from __future__ import annotations

import os

__all__ = ["write_at"]


def write_at(handle: int, data: bytes, at: int) -> None:
    """Write `data` at byte `at`, in as many calls as the system needs; one, as a rule.

    Raises:
        OSError: The system took no more; what it took stands there.
    """
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, at)
        view, at = view[written:], at + written
