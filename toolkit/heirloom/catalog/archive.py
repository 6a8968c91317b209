"""Journal, index and what lies between them, as one thing that is read and added to."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from heirloom.catalog.faults import unavailable
from heirloom.catalog.header import create_journal
from heirloom.catalog.index import Index, IndexBroken, file_of
from heirloom.catalog.journal import Journal, Moved, Op
from heirloom.catalog.line import BadLine, Line
from heirloom.catalog.place import Home
from heirloom.catalog.tail import Tail
from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.records.names import fold

__all__ = ["Archive"]

T = TypeVar("T")

_LONG_TAIL = 512
_ALIVE: weakref.WeakSet[Archive] = weakref.WeakSet()


class Archive:
    """One handle on a home's journal and index; every thread may use it.

    Readers outside `writing` first bring the index to the journal's end and then ask it
    alone. Inside, nobody waits for SQLite: the index is asked as it stands and `tail`
    has what it lacks.

    Attributes:
        tail: The lines behind the index, as far as the journal was read.
        numbers: The newest version by folded name, as far as it is known here.
        switched: Grows whenever a plan or a switch was written.
        listeners: Who listens to what, with the `switched` for which it holds.
    """

    def __init__(self, home: Home, *, sync: str) -> None:
        """Open the home's journal, made if there is none, and its index.

        Raises:
            CatalogUnavailable: The home cannot be read, or not be written.
            CatalogDamaged: The journal is damaged.
            FormatTooNew: A later Heirloom wrote it.
        """
        self.home = home
        self.sync_policy = sync
        self.tail = Tail()
        self.numbers: dict[tuple[str, str], int] = {}
        self.switched = 0
        self.listeners: tuple[int, Any] = (-1, {})
        self._next_ids: dict[str, int] = {}
        self._writing = threading.Lock()
        self._writer = 0
        self._state = threading.RLock()
        self._lock = home.lock("journal")
        if self._lock is not None and not home.journal.exists():
            with self._lock:
                if not home.journal.exists():
                    create_journal(home.journal)
        self.journal = Journal(home)
        self.index = Index(home.index(self.journal.id))
        try:
            self._settle_index()
            self.refresh()
            self.journal.check_mark()
        except BaseException:
            self.close()
            raise
        _ALIVE.add(self)

    # ------------------------------------------------------------------ reading

    def refresh(self) -> int:
        """Take in what others committed; the number of the next line."""
        with self._state:
            self._follow()
            return self.journal.place.n

    def _follow(self, *, locked: bool = False) -> None:
        try:
            lines = self.journal.follow(locked=locked)
        except Moved:
            self.journal.reopen()
            self._settle_index()
            lines = self.journal.follow(locked=locked)
        if lines:
            self._absorb(lines)

    def _absorb(self, lines: Sequence[Line]) -> None:
        self.tail.extend(lines)
        for line in lines:
            if line.table == "versions":
                doc = line.doc
                self.numbers[doc["project"], fold(doc["name"])] = doc["version"]
            elif line.table in {"plans", "switches"}:
                self.switched += 1
            if line.table in self._next_ids:
                self._next_ids[line.table] = max(self._next_ids[line.table], line.id + 1)

    def settle(self, *, wait: bool = True) -> None:
        """Bring the index to the end of what was read of the journal."""
        with self._state:
            lines = self.tail.lines
            if not lines:
                return
            self.index.forget_if_moved()
            try:
                place = self.index.advance(lines, self.journal.read, wait=wait)
            except IndexBroken:
                self.rebuild()
                return
            if place is not None:
                at = max(0, min(len(lines), place.n - lines[0].n))
                self.tail = Tail(lines[at:])

    def reading(self, question: Callable[[], T]) -> T:
        """The answer to `question`, asked of an index that is at the journal's end."""
        with self._state:
            self._follow()
            self.settle()
        try:
            return question()
        except IndexBroken:
            self.rebuild()
            return question()

    def line(self, table: str, id: int, at: int, size: int) -> Line:
        """The line that the index says holds that document.

        Raises:
            IndexBroken: It is not there; made anew, the index will know better, or the
                journal will be found damaged.
        """
        try:
            line = self.journal.read(at, size)
        except (BadLine, OSError) as error:
            msg = f"no line of {table} at byte {at}"
            raise IndexBroken(msg) from error
        if line.table != table or line.id != id:
            msg = f"byte {at} holds another document than {table} {id}"
            raise IndexBroken(msg)
        return line

    # ------------------------------------------------------------------ the index

    def _settle_index(self) -> None:
        """Go on where the index stands, if it is this journal's, else make it anew."""
        with self._state:
            self._forget()
            if not self._resume():
                self.rebuild()

    def _resume(self) -> bool:
        try:
            standing = self.index.standing()
        except IndexBroken:
            return False
        ours = standing.journal == self.journal.id
        return ours and self.journal.resume(standing.last, standing.place)

    def _forget(self) -> None:
        self.tail = Tail()
        self.numbers.clear()
        self._next_ids.clear()
        self.switched += 1

    def rebuild(self) -> None:
        """Make the index anew from the journal, which is verified on the way.

        Where another process has just done so, its index is taken.

        Raises:
            CatalogDamaged: The journal is damaged.
        """
        broken = self.index.file
        with self._state, self.home.rebuilding():
            self.index.forget()
            self._forget()
            if file_of(self.index.path) not in (None, broken) and self._resume():
                return
            try:
                self.index.rebuild(self.journal.id, self.journal.replay(), self.journal.read)
            except (OSError, sqlite3.Error) as error:
                if isinstance(error, CatalogError):
                    raise
                what = "The catalog's index cannot be written"
                raise unavailable(self.index.path, what, error) from error

    # ------------------------------------------------------------------ writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone with the journal, read to its end.

        Raises:
            CatalogUnavailable: The home is open for reading only.
            CatalogLocked: Another process held the lock too long.
            CatalogError: This thread is writing already.
        """
        if self._lock is None:
            msg = f"The catalog at {self.home.path} is open for reading only."
            raise CatalogUnavailable(msg, path=str(self.home.path))
        if self._writer == threading.get_ident():
            msg = "A commit was begun inside a commit; begin it afterwards."
            raise CatalogError(msg, path=str(self.home.path))
        if len(self.tail) > _LONG_TAIL:
            self.settle(wait=len(self.tail) > 10 * _LONG_TAIL)
        with self._writing, self._lock:
            self._writer = threading.get_ident()
            try:
                with self._state:
                    self._follow(locked=True)
                yield
            finally:
                self._writer = 0

    @property
    def inside(self) -> bool:
        """Whether this thread is inside `writing`."""
        return self._writer == threading.get_ident()

    def next_id(self, table: str) -> int:
        """The first id of a table that was never used; inside `writing` only."""
        found = self._next_ids.get(table)
        if found is None:
            row = (
                self.index.connection()
                .execute("SELECT next FROM tables WHERE name=?", (table,))
                .fetchone()
            )
            highest = max(self.tail.highest(table), row[0] - 1 if row else 0)
            self._next_ids[table] = found = highest + 1
        return found

    def append(self, ops: Sequence[Op]) -> list[Line]:
        """Add one transaction; inside `writing` only. It is acknowledged by `sync`."""
        with self._state:
            lines = self.journal.append(ops)
            self._absorb(lines)
            if self.sync_policy == "commit":
                self.journal.sync(self.journal.place.at)
            return lines

    def sync(self, to: int) -> None:
        """Return when the journal's bytes before `to` are on the disk, if that is the policy."""
        if self.sync_policy != "none":
            self.journal.sync(to)

    # ------------------------------------------------------------------ the rest

    def after_fork(self) -> None:
        """In the child: share nothing with the parent but the files."""
        self._writing = threading.Lock()
        self._state = threading.RLock()
        self._writer = 0
        if self._lock is not None:
            self._lock.reopen()
        self.index.after_fork()
        self.journal.after_fork()

    def close(self) -> None:
        """Give everything back; the archive is not used again."""
        _ALIVE.discard(self)
        self.index.close()
        self.journal.close()
        if self._lock is not None:
            self._lock.close()


def _after_fork() -> None:
    for archive in list(_ALIVE):
        archive.after_fork()


os.register_at_fork(after_in_child=_after_fork)
