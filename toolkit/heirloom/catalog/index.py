"""The derived index: a SQLite file beside the journal that anyone may delete at any time."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from heirloom.catalog.apply import Applier
from heirloom.catalog.building import Read, build, stand
from heirloom.catalog.line import Line, Place, follows
from heirloom.catalog.question import IndexBroken, question
from heirloom.catalog.schema import SCHEMA

__all__ = ["Index", "Standing", "file_of"]

_GRAVEYARD: list[sqlite3.Connection] = []
"""Connections that a fork left us: to close one here could undo the parent's locks."""

_PATIENCE = 30


class Standing:
    """Where the index stands in the journal."""

    __slots__ = ("journal", "last", "place")

    def __init__(self, journal: str, place: Place, last: int) -> None:
        self.journal = journal
        self.place = place
        self.last = last


class Index:
    """Connections to the index, one for each thread, and what changes it."""

    def __init__(self, path: Path, journal: Callable[[], str] | None = None) -> None:
        """Name the file; it is opened when it is first needed.

        Args:
            path: The file.
            journal: Gives the id of the journal that it is to be of; `None` for any.
        """
        self.path = path
        self._journal = journal
        self._local = threading.local()
        self._all: dict[threading.Thread, sqlite3.Connection] = {}
        self._guard = threading.Lock()
        self._generation = 0
        self.file: tuple[int, int] | None = None

    # ------------------------------------------------------------------ connections

    def connection(self) -> sqlite3.Connection:
        """This thread's connection.

        Raises:
            IndexBroken: There is no index.
        """
        local, generation = self._local, self._generation
        if getattr(local, "generation", None) == generation:
            found: sqlite3.Connection = local.connection
            return found
        with question():
            local.connection = found = self._connect()
        local.generation = generation  # not a later one: the file may be another since
        return found

    def _connect(self) -> sqlite3.Connection:
        self.file = file_of(self.path)
        if self.file is None:
            msg = "there is no index"
            raise IndexBroken(msg)
        db = sqlite3.connect(
            f"file:{quote(str(self.path))}?mode=rw",
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA cache_size=-16000")
        try:
            self._check_owner(db)
        except BaseException:
            db.close()
            raise
        with self._guard:
            for thread in [each for each in self._all if not each.is_alive()]:
                self._all.pop(thread).close()
            self._all[threading.current_thread()] = db
        return db

    def _check_owner(self, db: sqlite3.Connection) -> None:
        """Refuse another journal's index: where it stands further on, it would seem to be ours."""
        if self._journal is None:
            return
        row = db.execute("SELECT journal FROM place").fetchone()
        if row is None or row[0] != self._journal():
            msg = "it is the index of another journal"
            raise IndexBroken(msg)

    def standing(self) -> Standing:
        """Where it stands now.

        Raises:
            IndexBroken: It is none of ours, or another schema's.
        """
        with question():
            row = self.connection().execute("SELECT * FROM place").fetchone()
        if row is None or row[1] != SCHEMA:
            msg = "the index has another schema"
            raise IndexBroken(msg)
        journal, _, at, n, chain, last = row
        return Standing(journal, Place(at, n, str(chain).encode()), last)

    def forget(self) -> None:
        """Open the file anew from now on; a question under way goes on with the old one."""
        self._generation += 1

    def move(self, path: Path) -> None:
        """Keep the index at `path` from now on."""
        self.path = path
        self.forget()

    def forget_if_moved(self) -> None:
        """Let connections go whose file was deleted or replaced."""
        if self.file is not None and file_of(self.path) != self.file:
            self.forget()

    def close(self) -> None:
        """Close every connection; one that a long question of another thread holds is left to it.

        SQLite frees what a connection has when it is closed: a thread that reads with it then
        would end the process. Questions that begin now open a connection of their own.
        """
        self.forget()
        with self._guard:
            held, self._all = self._all, {}
        for thread, db in held.items():
            asked = question()
            if asked.await_other(thread.ident):
                with asked, suppress(sqlite3.Error):
                    db.close()

    def after_fork(self) -> None:
        """Leave the parent's connections alone and open our own from now on."""
        _GRAVEYARD.extend(self._all.values())
        self._all = {}
        self._guard = threading.Lock()
        self._local = threading.local()
        self.forget()

    # ------------------------------------------------------------------ changes

    def advance(self, lines: list[Line], read: Read, *, wait: bool) -> Place | None:
        """Bring the index to the end of `lines`; give where it stands then.

        Args:
            lines: Committed lines without a gap; those that it has are passed over.
            read: Gives the line of the journal at a byte, of a size.
            wait: Wait while another process advances it, else give `None`.

        Raises:
            IndexBroken: It cannot be brought there.
        """
        with question():
            db = self.connection()
            if not _begin(db, wait=wait):
                return None
            try:
                place = self._advance(db, lines, read)
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
        return place

    def _advance(self, db: sqlite3.Connection, lines: list[Line], read: Read) -> Place:
        standing = self.standing()
        fresh = lines[_first_from(lines, standing.place.n) :]
        if not fresh:
            return standing.place
        if not follows(fresh[0], standing.place):
            msg = "the index does not stand in this journal"
            raise IndexBroken(msg)
        Applier(db, read).apply(fresh)
        stand(db, fresh[-1])
        return fresh[-1].end

    def rebuild(self, journal: str, lines: Iterable[Line], read: Read) -> None:
        """Make it anew from every line of the journal, aside, and rename it in.

        Only one process may do so at a time, which the caller sees to.
        """
        build(self.path, journal, lines, read)
        self.forget()


def _begin(db: sqlite3.Connection, *, wait: bool) -> bool:
    """Whether a write transaction was begun; without `wait` another's lock is not waited for."""
    if wait:
        db.execute("BEGIN IMMEDIATE")
        return True
    db.execute("PRAGMA busy_timeout=0")
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        db.execute(f"PRAGMA busy_timeout={1000 * _PATIENCE}")
    return True


def _first_from(lines: list[Line], n: int) -> int:
    """The place in `lines`, which count on without a gap, of line `n` or its successor."""
    return min(max(0, n - lines[0].n), len(lines)) if lines else 0


def file_of(path: Path) -> tuple[int, int] | None:
    """Which file stands at `path`; `None` where none does."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
