"""A home that is read and added to."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from heirloom.catalog.follower import Follower
from heirloom.catalog.header import create_journal
from heirloom.catalog.index import broken_on_error
from heirloom.catalog.journal import Op
from heirloom.catalog.place import Home
from heirloom.errors import CatalogError, CatalogUnavailable

__all__ = ["Archive"]

T = TypeVar("T")

_LONG_TAIL = 512
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
            self.settle(wait=len(self.tail) > 10 * _LONG_TAIL)
        with self._writing:
            try:
                self._lock.acquire(self.refresh)
                with self._state:
                    self._follow(locked=True)
                    self._writer = threading.get_ident()
                    return work()
            finally:
                self._writer = 0
                self._lock.release()

    @property
    def inside(self) -> bool:
        """Whether this thread is inside `alone`."""
        return self._writer == threading.get_ident()

    def next_id(self, table: str) -> int:
        """The first id of a table that was never used; inside `alone` only."""
        found = self.known.next_ids.get(table)
        if found is None:
            row = self._ask("SELECT next FROM tables WHERE name=?", table)
            found = max(self.tail.highest(table) + 1, row[0] if row else 1)
            self.known.next_ids[table] = found
        return found

    def is_new(self, table: str, key: str) -> bool:
        """Whether an emission key or execution id is greater than every known one.

        Then it exists nowhere; else only a lookup can tell. Inside `alone` only.
        """
        highest = self.known.highest.get(table)
        if highest is None:
            column = {"versions": "emission", "executions": "key"}[table]
            row = self._ask(f"SELECT max({column}) FROM {table}")
            highest = max(self.tail.greatest(table), (row and row[0]) or "")
            self.known.highest[table] = highest
        return key > highest

    def _ask(self, sql: str, *params: str) -> Any:
        with broken_on_error():
            return self.index.connection().execute(sql, params).fetchone()

    def append(
        self,
        ops: Sequence[Op],
        numbers: Mapping[tuple[str, str], int] | None = None,
        keys: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Add one transaction; inside `alone` only. It is acknowledged by `sync`.

        Args:
            ops: Its operations.
            numbers: The newest version of each name that it adds to.
            keys: Emission keys and execution ids that it brings, with their tables.
        """
        self._torn = True
        lines = self.journal.append(ops)
        self.tail.extend(lines)
        self.known.learn_own(lines, numbers or {}, keys)
        self._torn = False
        if self.sync_policy == "commit":
            self.journal.sync(self.journal.place.at)

    def sync(self, to: int) -> None:
        """Return when the journal's bytes before `to` are on the disk, if that is the policy."""
        if self.sync_policy != "none":
            self.journal.sync(to)

    # ------------------------------------------------------------------ the rest

    def after_fork(self) -> None:
        """In the child: share nothing with the parent but the files."""
        self._writing = threading.Lock()
        self._writer = 0
        if self._lock is not None:
            self._lock.reopen()
        super().after_fork()

    def close(self) -> None:
        """Give everything back; what is asked later is an error."""
        _ALIVE.discard(self)
        super().close()
        if self._lock is not None:
            self._lock.close()


def _after_fork() -> None:
    for archive in list(_ALIVE):
        archive.after_fork()


os.register_at_fork(after_in_child=_after_fork)
