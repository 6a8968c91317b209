"""Who is alive: a process holds the lock of its name for as long as it lives."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.records.ids import new_id

__all__ = ["Life", "Lives"]

_HELD: weakref.WeakSet[Life] = weakref.WeakSet()


class Life:
    """One process's (or session's) name, locked until `end` or the process's death."""

    def __init__(self, path: Path, handle: int) -> None:
        self.name = path.stem
        self._path = path
        self._handle = handle
        _HELD.add(self)

    def end(self) -> None:
        """Let the name go."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
            self._close()

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _forget() -> None:
    """In a forked child: the names are its parent's, who must not seem to live on in it."""
    for life in list(_HELD):
        life._close()


os.register_at_fork(after_in_child=_forget)


class Lives:
    """The locks of one home: ``locks/NAME.lock``, each held close-on-exec by its owner."""

    def __init__(self, home: Path, *, read_only: bool = False) -> None:
        self._directory = home / "locks"
        self._read_only = read_only

    def begin(self, kind: str) -> Life:
        """A new name of this `kind`, held by this process from now on.

        Locks that the dead of this kind left are taken away.

        Raises:
            CatalogUnavailable: The home is only looked into.
        """
        if self._read_only:
            msg = f"This session only looks into {self._directory.parent}: it runs nothing."
            raise CatalogUnavailable(msg, path=str(self._directory.parent))
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._of(kind):
            if not self.alive(path.stem):
                path.unlink(missing_ok=True)
        path = self._directory / f"{kind}-{os.getpid()}-{new_id()}.lock"
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(path)  # nobody sees it before it is held
        return Life(path, handle)

    def alive(self, name: str) -> bool:
        """Whether somebody holds that name."""
        if "/" in name or not name:
            msg = f"{name!r} is no name of a process."
            raise CatalogError(msg)
        try:
            handle = os.open(self._directory / f"{name}.lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def names(self, kind: str) -> list[str]:
        """The living of one kind."""
        return [path.stem for path in self._of(kind) if self.alive(path.stem)]

    def _of(self, kind: str) -> list[Path]:
        return sorted(self._directory.glob(f"{kind}-*.lock"))
