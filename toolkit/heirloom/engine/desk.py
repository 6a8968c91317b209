"""Where the files that a task is given lie while it runs."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from heirloom.records.ids import new_id

__all__ = ["Desk"]


class Desk:
    """Directories for files, made when the first is asked for and gone when it is cleared."""

    def __init__(self) -> None:
        self._made: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()

    def directory(self) -> Path:
        """A new empty directory."""
        return Path(tempfile.mkdtemp(dir=self._place()))

    def file(self, suffix: str) -> str:
        """The path of a file that is not there yet."""
        return str(self._place() / f"{new_id()}.{suffix}")

    def _place(self) -> Path:
        with self._lock:
            if self._made is None:
                self._made = tempfile.TemporaryDirectory(
                    prefix="heirloom-", ignore_cleanup_errors=True
                )
            return Path(self._made.name)

    def clear(self) -> None:
        """Take all of them away."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.cleanup()
