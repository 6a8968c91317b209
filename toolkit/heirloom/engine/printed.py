"""What a body prints and logs, kept beside its execution and shown as ever."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from heirloom.engine.payloads import Payloads

__all__ = ["Lines", "kept", "printed"]

_LONGEST = 1_000_000
_SHORT = 4096


def kept(text: str, payloads: Payloads) -> tuple[str, str | None]:
    """What was printed as a record keeps it: a short text itself, a long one by its digest."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= _SHORT:
        return data.decode(), None
    return "", payloads.keep(data)


class Lines:
    """Text as it comes, up to a million characters: the first half and the newest.

    Attributes:
        also: What else is given all of it.
    """

    def __init__(self, also: Callable[[str], None] | None = None) -> None:
        self.also = also
        self._parts: list[str] = []
        self._size = 0
        self._head = ""

    def add(self, text: str) -> None:
        """Take in `text`."""
        if self.also is not None:
            self.also(text)
        self._parts.append(text)
        self._size += len(text)
        if self._size > _LONGEST:
            self._shorten()

    def _shorten(self) -> None:
        text = "".join(self._parts)
        if not self._head:
            self._head, text = text[: _LONGEST // 2] + "\n[…]\n", text[_LONGEST // 2 :]
        rest = text[-_LONGEST // 4 :]
        self._parts, self._size = [rest], len(rest)

    @property
    def text(self) -> str:
        """All that was kept."""
        return self._head + "".join(self._parts)


_LINES: ContextVar[Lines | None] = ContextVar("heirloom_printed", default=None)
_lock = threading.RLock()
_bodies = 0
_tees: list[tuple[str, _Tee]] = []


@contextmanager
def printed(lines: Lines | None = None) -> Iterator[Lines]:
    """Until the block ends, what this thread or task prints and logs is kept, too: in `lines`.

    Without them, in lines of its own, which are given to whatever else those around it are.
    """
    if lines is None:
        around = _LINES.get()
        lines = Lines(around.also if around is not None else None)
    token = _LINES.set(lines)
    _enter()
    try:
        yield lines
    finally:
        _leave()
        _LINES.reset(token)


class _Tee:
    """A stream that goes on as it was, and adds to the lines of the body that writes.

    No `io.TextIOBase`, which would answer for the stream what only that can: `isatty`, `fileno`.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        lines = _LINES.get()
        if lines is not None:
            lines.add(text)
        return self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Logged(logging.Handler):
    """Adds records to the lines of the body that logs them, unless a tee has them already."""

    def emit(self, record: logging.LogRecord) -> None:
        lines = _LINES.get()
        if lines is not None:
            lines.add(f"{self.format(record)}\n")


_logged = _Logged()
_logged.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))


def _enter() -> None:
    global _bodies
    with _lock:
        _bodies += 1
        if _bodies > 1:
            return
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None:
                tee = _Tee(stream)
                _tees.append((name, tee))
                setattr(sys, name, tee)
        if logging.root.handlers:  # else logging writes to standard error, which is kept
            logging.root.addHandler(_logged)


def _leave() -> None:
    global _bodies
    with _lock:
        _bodies -= 1
        if _bodies:
            return
        for name, tee in _tees:
            if getattr(sys, name) is tee:
                setattr(sys, name, tee._stream)
        _tees.clear()
        logging.root.removeHandler(_logged)
