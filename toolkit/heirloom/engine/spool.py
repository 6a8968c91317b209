"""What a body prints in another process, in a file as it comes: it outlives that process."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from heirloom.engine.printed import Lines
from heirloom.rights import SAFELY

__all__ = ["Spool", "left_in"]

_LONGEST = 8_000_000
"""Bytes after which a file begins anew: nobody reads them but where the process dies."""
_CUT = b"[\xe2\x80\xa6]\n"


class Spool:
    """A file that takes text, where its directory is on this machine.

    A disk that takes no more is no fault of the body: from then on nothing is kept here.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = -1
        self._written = 0

    def write(self, text: str) -> None:
        """Have `text` in the file before this returns."""
        if not self._path or not text:
            return
        try:
            self._write(text.encode("utf-8", "backslashreplace"))
        except OSError:
            self.close()

    def _write(self, data: bytes) -> None:
        if self._file < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | SAFELY
            self._file = os.open(self._path, flags, 0o600)
        if self._written > _LONGEST:
            os.ftruncate(self._file, 0)
            self._written, data = 0, _CUT + data
        self._written += os.write(self._file, data)

    def close(self) -> None:
        """Take the file away: who asked for the body has the lines, or will have them."""
        path, self._path = self._path, ""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            with suppress(OSError):
                os.unlink(path)


def left_in(path: str) -> str:
    """What a body had printed of which nothing comes back; the file is gone afterwards."""
    lines = Lines()
    with suppress(OSError):
        lines.add(Path(path).read_text("utf-8", "replace"))
        os.unlink(path)
    return lines.text
