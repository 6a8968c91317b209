"""The file that a put writes before its name is known."""

from __future__ import annotations

import os
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

from heirloom.durable import sync
from heirloom.flock import FLOCK
from heirloom.rights import SAFELY, create, grant

__all__ = ["Aside", "sweep"]

_CREATE = os.O_WRONLY | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Aside:
    """A private new file, locked for as long as its writer lives; then a blob, or gone."""

    def __init__(self, folder: Path) -> None:
        """Make one in `folder`, which must be in the blobs' own file system."""
        self.path = folder / f"{os.getpid()}-{uuid.uuid4().hex}"
        self.fd = create(self.path, _CREATE)
        _lock(self.fd)

    def become(self, blob: Path, mode: int, *, durable: bool) -> None:
        """Give the bytes their name, atomically and only once they are on the medium."""
        grant(self.fd, self.path.parent, mode)
        if durable:
            sync(self.fd)
        self._close()  # Windows renames no open file
        os.replace(self.path, blob)

    def discard(self) -> None:
        """Remove what did not become a blob."""
        self._close()
        with suppress(OSError):
            self.path.unlink()

    def _close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def sweep(folder: Path, older_than: float) -> int:
    """Remove the files of writers that are gone; how many there were.

    A writer is gone when its lock is free, in whatever pid namespace it lived, and its last
    write is `older_than` seconds ago: a new file is not locked at once.
    """
    swept = 0
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as items:
        for item in items:
            with suppress(OSError):
                if time.time() - item.stat().st_mtime >= older_than:
                    _remove_unlocked(item.path)
                    swept += 1
    return swept


if sys.platform == "win32":

    def _lock(fd: int) -> None:
        """An open file cannot be removed there: it is its own lock."""

    def _remove_unlocked(path: str) -> None:
        os.unlink(path)

else:

    def _lock(fd: int) -> None:
        FLOCK.take(fd)

    def _remove_unlocked(path: str) -> None:
        fd = os.open(path, os.O_RDONLY | SAFELY)
        try:
            if not FLOCK.take(fd):
                raise BlockingIOError(path)
            os.unlink(path)
        finally:
            os.close(fd)
