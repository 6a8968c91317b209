"""The directory that a catalog lives in, and where its files are."""

from __future__ import annotations

import hashlib
import math
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from heirloom import rights
from heirloom.catalog.directory import make_home
from heirloom.catalog.faults import unavailable
from heirloom.catalog.lock import FileLock, stillness
from heirloom.catalog.network import network_of
from heirloom.durable import sync_directory
from heirloom.errors import CatalogUnavailable

__all__ = ["Home"]


class Home:
    """``journal.jsonl``, ``index.sqlite`` and ``locks/`` in one directory."""

    def __init__(self, path: Path, *, read_only: bool = False, allow_network: bool = False) -> None:
        """Take the directory, made if it is not there, for writing or for reading only.

        Args:
            path: The directory.
            read_only: Make nothing, and ask for no right but to read.
            allow_network: Write also where a network carries the files, and locks may not hold.

        Raises:
            CatalogUnavailable: It cannot be used so, or is not safe to write in.
        """
        self.path = path.absolute()
        self.read_only = read_only
        self.journal = self.path / "journal.jsonl"
        self.locks = self.path / "locks"
        self._rewriting = self.locks / "rewriting.lock"
        if read_only:
            self._check_readable()
            return
        if not allow_network:
            self._check_local()
        try:
            self._make()
        except CatalogUnavailable:
            raise
        except OSError as error:
            raise unavailable(self.path, "The catalog's home cannot be made", error) from error
        self._check_writable()

    def _check_readable(self) -> None:
        try:
            with self.journal.open("rb"):
                return
        except OSError as error:
            raise unavailable(self.path, "There is no catalog to read", error) from error

    def _check_local(self) -> None:
        kind = network_of(self.path)
        if kind is not None:
            self._refuse(
                f"is on a network file system ({kind}), where locks may not hold and commits be "
                "lost. Keep it on a local disk, or set HEIRLOOM_NETWORK=allow if one machine writes"
            )

    def _make(self) -> None:
        make_home(self.path)
        self._check_trusted()
        if not self.locks.is_dir():
            rights.make_directory(self.locks)
            sync_directory(self.path)

    def _check_trusted(self) -> None:
        """Hold that nobody who should not has put something here for us to write or run."""
        if self.path.stat().st_mode & stat.S_IWOTH:
            self._refuse("can be written by everybody. Take that right away: chmod o-w")
        for each in (self.journal, self.locks):
            if each.is_symlink():
                self._refuse(f"has a symbolic link for its {each.name}, which is not followed")
        if self.journal.exists() and not rights.is_shared(self.path):
            owner = self.journal.stat().st_uid
            if owner != os.geteuid():
                self._refuse(
                    f"is {_user(owner)}'s own. Look into it with read_only=True; "
                    "a team's home is made by `heirloom init --shared PATH`"
                )

    def _refuse(self, why: str) -> None:
        msg = f"The catalog's home {why} ({self.path})."
        raise CatalogUnavailable(msg, path=str(self.path))

    def _check_writable(self) -> None:
        writable = os.access(self.path, os.W_OK | os.X_OK) and os.access(self.locks, os.W_OK)
        if self.journal.exists():
            writable = writable and os.access(self.journal, os.W_OK)
        if not writable:
            what = "The catalog's home is not writable; to look, connect with read_only=True"
            raise unavailable(self.path, what, PermissionError(13, "Permission denied"))

    def lock(self, name: str) -> FileLock | None:
        """The lock of that name; `None` in a home that is only read."""
        return None if self.read_only else FileLock(self.locks / f"{name}.lock")

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
    def rewriting(self) -> Iterator[None]:
        """While the block lasts, who waits for the journal's lock waits for as long as it takes.

        Raises:
            CatalogLocked: Another process is at it already, for long.
        """
        lock = FileLock(self._rewriting)
        try:
            with lock:
                yield
        finally:
            lock.close()

    def is_rewritten(self) -> bool:
        """Whether another journal is being written to take the place of this one."""
        with stillness(self._rewriting) as still:
            return self._rewriting.exists() and not still

    @contextmanager
    def rebuilding(self, index: Path, meanwhile: Callable[[], object]) -> Iterator[None]:
        """Alone with making the index at that path anew.

        While another process is at it, which takes as long as the journal is, `meanwhile` is
        called now and then.
        """
        at = self.locks if index.parent == self.path else index.parent
        lock = FileLock(at / "index.lock", timeout=math.inf)
        try:
            lock.acquire(meanwhile)
            yield
        finally:
            lock.close()


def _user(uid: int) -> str:
    try:
        import pwd  # POSIX only

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return f"user {uid}"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "heirloom"
