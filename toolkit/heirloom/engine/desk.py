"""Where the files that a task is given lie while it runs."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

__all__ = ["Desk"]


class Desk:
    """Directories for files, made when the first is asked for and gone when it is cleared."""

    def __init__(self) -> None:
        self._made: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()

    def directory(self) -> Path:
        """A new empty directory."""
        with self._lock:
            if self._made is None:
                self._made = tempfile.TemporaryDirectory(
                    prefix="heirloom-", ignore_cleanup_errors=True
                )
            return Path(tempfile.mkdtemp(dir=self._made.name))

    def clear(self) -> None:
        """Take all of them away."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.cleanup()
