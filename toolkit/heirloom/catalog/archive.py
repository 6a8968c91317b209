"""A home that is read and added to."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from heirloom.catalog import witnesses
from heirloom.catalog.bells import Bells
from heirloom.catalog.follower import Follower
from heirloom.catalog.header import create_journal
from heirloom.catalog.journal import Op
from heirloom.catalog.lock import FileLock
from heirloom.catalog.place import Home
from heirloom.errors import CatalogError, CatalogLocked, CatalogUnavailable
from heirloom.flock import in_forked_child

__all__ = ["Archive"]

T = TypeVar("T")

_LONG_TAIL = 128
"""So many lines are indexed by one commit, about 15 ms; more at once would stand out."""
_TOO_LONG = 5_120
_ALIVE: weakref.WeakSet[Archive] = weakref.WeakSet()


class Archive(Follower):
    """One handle on a home; every thread may use it.

    Readers outside `alone` first bring the index to the journal's end and then ask it
    alone. Inside, nobody waits for SQLite: the index is asked as it stands and `tail`
    has what it lacks.
    """

    def __init__(self, home: Home, *, sync: str) -> None:
        """Open the home, its journal made if there is none.

        Args:
            home: The directory.
            sync: ``group``, ``commit`` or ``none``, as of `Catalog`.

        Raises:
            CatalogUnavailable: The home cannot be read, or not be written.
            CatalogDamaged: The journal is damaged.
            FormatTooNew: A later Heirloom wrote it.
        """
        self.sync_policy = sync
        self._writing = threading.Lock()
        self._writer = 0
        self._wrote = False
        self.bells = Bells(home.locks / "bells")
        self._lock = home.lock("journal")
        if self._lock is not None and not home.journal.exists():
            with self._lock:
                if not home.journal.exists():
                    create_journal(home.journal)
        try:
            super().__init__(home)
        except BaseException:
            if self._lock is not None:
                self._lock.close()
            raise
        _ALIVE.add(self)

    # ------------------------------------------------------------------ writing

    def alone(self, work: Callable[[], T]) -> T:
        """Do `work` alone with the journal, read to its end.

        Raises:
            CatalogUnavailable: The home is open for reading only.
            CatalogLocked: Another process held the lock too long.
            CatalogError: This thread is at it already.
        """
        self.check_open()
        if self._lock is None:
            msg = f"The catalog at {self.home.path} is open for reading only."
            raise CatalogUnavailable(msg, path=str(self.home.path))
        if self.inside:
            msg = "A commit was begun inside a commit; begin it afterwards."
            raise CatalogError(msg, path=str(self.home.path))
        if len(self.tail) > _LONG_TAIL:
            self.settle(wait=len(self.tail) > _TOO_LONG)
        with self._writing:
            self._wrote = False
            try:
                self._acquire(self._lock)
                with self._state:
                    self._follow(locked=True)
                    self.known.stand(self.journal.place)
                    self._writer = threading.get_ident()
                    return work()
            finally:
                self._writer = 0
                self._lock.release()
                if self._wrote:
                    self.bells.ring()

    def _acquire(self, lock: FileLock) -> None:
        """Wait for the lock; for as long as it takes, where another journal is being written."""
        while True:
            try:
                lock.acquire(self.refresh)
            except CatalogLocked:
                if not self.home.is_rewritten():
                    raise
            else:
                return

    @property
    def inside(self) -> bool:
        """Whether this thread is inside `alone`."""
        return self._writer == threading.get_ident()

    def next_id(self, table: str) -> int:
        """The first id of a table that was never used; inside `alone` only."""
        found = self.known.next_ids.get(table)
        if found is None:
            stored = witnesses.next_id(self.index.connection(), table)
            found = max(self.tail.highest(table) + 1, stored)
            self.known.next_ids[table] = found
        return found

    def is_new(self, table: str, key: str) -> bool:
        """Whether an emission key or execution id is greater than every known one.

        Then it exists nowhere; else only a lookup can tell. Inside `alone` only.
        """
        highest = self.known.highest.get(table)
        if highest is None:
            stored = witnesses.greatest_key(self.index.connection(), table)
            highest = max(self.tail.greatest(table), stored)
            self.known.highest[table] = highest
        return key > highest

    def append(
        self,
        ops: Sequence[Op],
        numbers: Mapping[tuple[str, str], int] | None = None,
        keys: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Add one transaction; inside `alone` only. It is acknowledged by `promise`.

        Args:
            ops: Its operations.
            numbers: The newest version of each name that it adds to.
            keys: Emission keys and execution ids that it brings, with their tables.
        """
        if not self.inside:
            msg = "Nothing is added outside a commit, nor by a child forked inside one."
            raise CatalogError(msg, path=str(self.home.path))
        self._torn = True
        lines = self.journal.append(ops)
        self.tail.extend(lines)
        self.known.learn_own(lines, numbers or {}, keys)
        self.known.stand(self.journal.place)
        self._torn = False
        self._wrote = True
        if self.sync_policy == "commit":
            self.journal.promise()()

    def promise(self) -> Callable[[], None]:
        """What returns when all that was added so far is acknowledged; made inside `alone`."""
        return _at_once if self.sync_policy == "none" else self.journal.promise()

    # ------------------------------------------------------------------ the rest

    def after_fork(self) -> None:
        """In the child: share nothing with the parent but the files."""
        self._writing = threading.Lock()
        self._writer = 0
        self.bells.after_fork()
        super().after_fork()

    def close(self) -> None:
        """Give everything back; what is asked later is an error."""
        _ALIVE.discard(self)
        super().close()
        self.bells.close()
        if self._lock is not None:
            self._lock.close()


def _at_once() -> None:
    """Nothing is waited for."""


def _after_fork() -> None:
    for archive in list(_ALIVE):
        archive.after_fork()


in_forked_child(_after_fork)
