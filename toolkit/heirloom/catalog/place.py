"""The directory that a catalog lives in, and where its files are."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heirloom.catalog.faults import unavailable
from heirloom.catalog.lock import FileLock

__all__ = ["Home"]


class Home:
    """``journal.jsonl``, ``index.sqlite`` and ``locks/`` in one directory."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Take the directory, made if it is not there, for writing or for reading only.

        Raises:
            CatalogUnavailable: It cannot be used so.
        """
        self.path = path.absolute()
        self.read_only = read_only
        self.journal = self.path / "journal.jsonl"
        self.locks = self.path / "locks"
        if read_only:
            self._check_readable()
        else:
            self._make()

    def _check_readable(self) -> None:
        try:
            with self.journal.open("rb"):
                return
        except OSError as error:
            raise unavailable(self.path, "There is no catalog to read", error) from error

    def _make(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.locks.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise unavailable(self.path, "The catalog's home cannot be made", error) from error
        writable = os.access(self.path, os.W_OK | os.X_OK) and os.access(self.locks, os.W_OK)
        if self.journal.exists():
            writable = writable and os.access(self.journal, os.W_OK)
        if not writable:
            what = "The catalog's home is not writable; to look, connect with read_only=True"
            raise unavailable(self.path, what, PermissionError(13, "Permission denied"))

    def lock(self, name: str) -> FileLock | None:
        """The lock of that name; `None` in a home that is only read."""
        if self.read_only:
            return None
        try:
            return FileLock(self.locks / f"{name}.lock")
        except OSError as error:
            raise unavailable(self.path, f"The lock {name!r} cannot be opened", error) from error

    def index(self, journal: str) -> Path:
        """Where the index is: in the home, unless that is only read."""
        if self.read_only:
            return self.index_elsewhere(journal)
        return self.path / "index.sqlite"

    def index_elsewhere(self, journal: str) -> Path:
        """Where the index of a home is that takes none: in the user's cache, or for a while."""
        mine = hashlib.sha256(f"{self.path}|{journal}".encode()).hexdigest()[:24]
        for base in (_cache(), Path(tempfile.gettempdir()) / f"heirloom-{os.getuid()}"):
            try:
                (base / mine).mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError:
                continue
            if (base / mine).stat().st_uid == os.getuid():
                return base / mine / "index.sqlite"
        return Path(tempfile.mkdtemp(prefix="heirloom-index-")) / "index.sqlite"

    @contextmanager
    def rebuilding(self, index: Path) -> Iterator[None]:
        """Alone with making the index at that path anew."""
        at = self.locks if index.parent == self.path else index.parent
        lock = FileLock(at / "index.lock")
        try:
            with lock:
                yield
        finally:
            lock.close()


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "heirloom"
