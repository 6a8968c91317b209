"""Who is alive: a process holds the lock of its name for as long as it lives."""

from __future__ import annotations

import json
import os
import platform
import weakref
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.flock import FLOCK, in_forked_child
from heirloom.records.clock import now, stamp, unstamp
from heirloom.records.ids import new_id
from heirloom.rights import SAFELY, create, make_directory

__all__ = ["Life", "Lives", "Living"]

_HELD: weakref.WeakSet[Life] = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class Living:
    """Who lives, as its lock's file says.

    Attributes:
        name: Its own, under which it claims.
        kind: ``reactor``, ``worker``, ``session`` or ``settle``.
        pid: Of its process on `host`.
        since: When it began.
        of: The name of the reactor that started it; empty where none did.
    """

    name: str
    kind: str
    pid: int
    host: str
    user: str
    since: datetime
    of: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it lives on this host, so that `pid` is its process."""
        return self.host == platform.node()

    @property
    def is_stopped(self) -> bool:
        """Whether a signal holds its process (SIGSTOP): alive, and doing nothing. Linux knows."""
        if not self.is_here:
            return False
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_bytes()
        except OSError:
            return False
        return stat.rpartition(b")")[2].split()[0] in b"Tt"


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


in_forked_child(_forget)


class Lives:
    """The locks of one home: ``locks/NAME.lock``, each held close-on-exec by its owner."""

    def __init__(self, home: Path, *, user: str = "", read_only: bool = False) -> None:
        self._directory = home / "locks"
        self._user = user
        self._read_only = read_only

    def begin(self, kind: str, of: str = "") -> Life:
        """A new name of this `kind`, held by this process from now on.

        Locks that the dead of this kind left are taken away.

        Args:
            kind: See `Living`.
            of: The name of the reactor that started this process.

        Raises:
            CatalogUnavailable: The home is only looked into.
        """
        if self._read_only:
            msg = f"This session only looks into {self._directory.parent}: it runs nothing."
            raise CatalogUnavailable(msg, path=str(self._directory.parent))
        make_directory(self._directory)
        for path in self._of(kind):
            if not self.alive(path.stem):
                path.unlink(missing_ok=True)
        path = self._directory / f"{kind}-{os.getpid()}-{new_id()}.lock"
        fresh = path.with_suffix(".new")
        handle = create(fresh, os.O_RDWR | os.O_EXCL)
        FLOCK.take(handle)
        note = {"host": platform.node(), "user": self._user, "since": stamp(now()), "of": of}
        os.write(handle, json.dumps(note).encode())
        fresh.rename(path)  # nobody sees it before it is held
        return Life(path, handle)

    def alive(self, name: str) -> bool:
        """Whether somebody holds that name."""
        if "/" in name or not name:
            msg = f"{name!r} is no name of a process."
            raise CatalogError(msg)
        try:
            handle = os.open(self._directory / f"{name}.lock", os.O_RDONLY | SAFELY)
        except FileNotFoundError:
            return False
        try:
            return not FLOCK.take(handle, shared=True)
        finally:
            os.close(handle)

    def begun(self, kind: str, pid: int) -> bool:
        """Whether that process took a name of this kind; it may have died with it."""
        return any(self._directory.glob(f"{kind}-{pid}-*.lock"))

    def names(self, kind: str) -> list[str]:
        """The living of one kind."""
        return [path.stem for path in self._of(kind) if self.alive(path.stem)]

    def living(self, kind: str) -> list[Living]:
        """The living of one kind, with what they say of themselves, the oldest first."""
        found = [living for path in self._of(kind) if (living := self.holder(path.stem))]
        return sorted(found, key=lambda each: each.since)

    def holder(self, name: str) -> Living | None:
        """Who holds that name, with what it says of itself; `None` if nobody does or it is mute."""
        if self.alive(name):
            with suppress(OSError, ValueError, LookupError, TypeError):  # it ended meanwhile
                note = json.loads((self._directory / f"{name}.lock").read_bytes())
                facts = note["host"], note["user"], unstamp(note["since"]), note["of"]
                kind, pid, _ = name.split("-", 2)
                return Living(name, kind, int(pid), *facts)
        return None

    def _of(self, kind: str) -> list[Path]:
        return sorted(self._directory.glob(f"{kind}-*.lock"))
