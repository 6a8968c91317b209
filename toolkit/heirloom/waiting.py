"""Says what a person is waiting for, when it takes longer than a second.

The library only logs, to ``heirloom.progress``; the command line and the notebook extension
`show` that on standard error, one line that is written over. A program that wants it elsewhere
adds a handler of its own.
"""

from __future__ import annotations

import logging
import sys
import time

__all__ = ["Progress", "hide", "show"]

_log = logging.getLogger("heirloom.progress")
_PATIENCE = 1.0
_EVERY = 0.5


class Progress:
    """One piece of work; nothing is said of it unless it takes longer than a second."""

    def __init__(self, what: str, of: int = 0) -> None:
        """Begin.

        Args:
            what: The work, in words.
            of: How much of it there is; 0 where nobody knows.
        """
        self._what = what
        self._of = of
        self._began = time.monotonic()
        self._next = self._began + _PATIENCE
        self._told = False

    def tell(self, done: int = 0) -> None:
        """So much is done."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        self._told = True
        share = f": {min(99, 100 * done // self._of)} %" if self._of else ""
        _log.info("%s%s", self._what, share, extra={"ends": False})

    def end(self) -> None:
        """It is over, well or not."""
        if self._told:
            took = time.monotonic() - self._began
            _log.info("%s: %.0f s", self._what, took, extra={"ends": True})


class _Line(logging.Handler):
    """One line on standard error, written over until its work ends.

    Attributes:
        before: The level of the logger, and whether it propagated.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before = _log.level, _log.propagate

    def emit(self, record: logging.LogRecord) -> None:
        ends = getattr(record, "ends", True)
        text = f"\r{record.getMessage():<78}"
        print(text, end="\n" if ends else "", file=sys.stderr, flush=True)


def show() -> None:
    """Show it on standard error from now on; calling it again changes nothing."""
    if not any(isinstance(each, _Line) for each in _log.handlers):
        _log.addHandler(_Line())
        _log.setLevel(logging.INFO)
        _log.propagate = False


def hide() -> None:
    """Show it no more; the logger is as it was before `show`."""
    for line in [each for each in _log.handlers if isinstance(each, _Line)]:
        _log.removeHandler(line)
        level, _log.propagate = line.before
        _log.setLevel(level)
