"""Making bytes and names survive a power cut."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

__all__ = ["sync", "sync_directory"]


def sync(fd: int) -> None:
    """Return when the bytes of `fd` are on the medium."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync there stops at the drive's own cache
    else:
        os.fsync(fd)


def sync_directory(path: Path) -> None:
    """Return when the names in `path` are on the medium, where the system can say so."""
    if sys.platform == "win32":
        return
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # one may add to it without listing it: nobody can sync it then
        return
    try:
        os.fsync(fd)
    except OSError as exc:
        if exc.errno != errno.EINVAL:  # some file systems have no such call
            raise
    finally:
        os.close(fd)
