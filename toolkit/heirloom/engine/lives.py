"""Who is alive: a process holds the lock of its name for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from heirloom.errors import CatalogError
from heirloom.records.ids import new_id

__all__ = ["Life", "Lives"]


class Life:
    """One process's (or session's) name, locked until `end` or the process's death."""

    def __init__(self, path: Path, handle: int) -> None:
        self.name = path.stem
        self._path = path
        self._handle = handle

    def end(self) -> None:
        """Let the name go."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1


class Lives:
    """The locks of one home: ``locks/NAME.lock``, each held close-on-exec by its owner."""

    def __init__(self, home: Path) -> None:
        self._directory = home / "locks"

    def begin(self, kind: str) -> Life:
        """A new name of this `kind`, held by this process from now on."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{kind}-{os.getpid()}-{new_id()}.lock"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Life(path, handle)

    def alive(self, name: str) -> bool:
        """Whether somebody holds that name."""
        if "/" in name or not name:
            msg = f"{name!r} is no name of a process."
            raise CatalogError(msg)
        try:
            handle = os.open(self._directory / f"{name}.lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def names(self, kind: str) -> list[str]:
        """The living of one kind; locks that the dead left are taken away."""
        found = []
        for path in sorted(self._directory.glob(f"{kind}-*.lock")):
            if self.alive(path.stem):
                found.append(path.stem)
            else:
                path.unlink(missing_ok=True)
        return found
