"""Who called the toolkit: the user's line, which errors and warnings point at."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

__all__ = ["caller_place", "warn_caller"]

_NOT_THEIRS = {"heirloom", "heirloom_widgets", "IPython"}


def caller_place() -> str:
    """Where the call stands, for an error that points there: a cell's number, or file and line."""
    frame = _caller()
    names = frame.f_globals
    if frame.f_code.co_name == "<module>" and "In" in names and "get_ipython" in names:
        return f"In [{len(names['In']) - 1}]"
    return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called the toolkit, however deep inside of it the reason was found."""
    frame = _caller()
    names = frame.f_globals
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=names.get("__name__"),
        registry=names.setdefault("__warningregistry__", {}),
    )


def _caller() -> FrameType:
    """The nearest frame that is the user's; what a magic is called through is IPython's."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _package(frame) in _NOT_THEIRS:
        frame = frame.f_back
    return frame


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
