"""Journal, index and what lies between them, followed as others write."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from heirloom.catalog.faults import unavailable
from heirloom.catalog.index import Index, file_of
from heirloom.catalog.journal import Journal, Moved
from heirloom.catalog.known import Known
from heirloom.catalog.line import BadLine, Line
from heirloom.catalog.place import Home
from heirloom.catalog.question import IndexBroken
from heirloom.catalog.tail import Tail
from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.waiting import Progress

__all__ = ["Follower"]

T = TypeVar("T")

_STRIDE = 512


class Follower:
    """Reads a home; every thread may use it.

    Attributes:
        tail: The lines behind the index, as far as the journal was read.
        known: What was learned of the newest things on the way.
    """

    def __init__(self, home: Home) -> None:
        """Open the journal of `home`, which is there, and its index.

        Raises:
            CatalogUnavailable: The home cannot be read.
            CatalogDamaged: The journal is damaged.
            FormatTooNew: A later Heirloom wrote it.
        """
        self.home = home
        self.tail = Tail()
        self.known = Known()
        self._state = threading.RLock()
        self._closed = False
        self._torn = False  # set while place, tail and known change: an interrupt leaves it so
        self.journal = Journal(home)
        self.index = Index(home.index(self.journal.id), lambda: self.journal.id)
        try:
            self._settle_index()
            self.refresh()
            self.journal.check_mark()
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------------ reading

    def refresh(self) -> int:
        """Take in what others committed; the number of the next line."""
        with self._state:
            self._follow()
            return self.journal.place.n

    def _follow(self, *, locked: bool = False) -> None:
        self.check_open()
        lines = self._newest(locked=locked)
        if lines:
            self.tail.extend(lines)
            self.known.learn(lines)
        self._torn = False

    def _newest(self, *, locked: bool) -> list[Line]:
        """What the journal has beyond what was read, of whichever file stands there now."""
        while True:
            try:
                if self._torn:
                    self._settle_index()
                self._torn = True
                return self.journal.follow(locked=locked)
            except Moved:
                self.journal.reopen()

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
            self.known.stand(self.journal.place)
        return self.mending(question)

    def mending(self, work: Callable[[], T]) -> T:
        """Do `work`, once more with an index made anew if the index turns out broken.

        It may only have seemed so, where another journal has taken the place of the one read.
        """
        journal = self.journal.id
        try:
            return work()
        except IndexBroken:
            self.refresh()
        try:
            return work() if self.journal.id != journal else self._mended(work)
        except IndexBroken:
            return self._mended(work)

    def _mended(self, work: Callable[[], T]) -> T:
        self.rebuild()
        try:
            return work()
        except IndexBroken as error:
            what = "The catalog's index does not answer"
            raise unavailable(self.index.path, what, error) from error

    def line(self, table: str, id: int, at: int, size: int) -> Line:
        """The line that the index says holds that document.

        Raises:
            IndexBroken: It is not there; made anew, the index will know better, or the
                journal will be found damaged.
        """
        try:
            line = self.journal.read(at, size)
        except (BadLine, OSError, TypeError, ValueError, OverflowError) as error:
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
            if self._resume():
                self._torn = False
            else:
                self.rebuild()

    def _resume(self) -> bool:
        self.tail = Tail()
        self.known.forget()
        try:
            standing = self.index.standing()
        except IndexBroken:
            return False
        ours = standing.journal == self.journal.id
        return ours and self.journal.resume(standing.last, standing.place)

    def rebuild(self) -> None:
        """Make the index anew from the journal, which is verified on the way.

        Where another process has just done so, its index is taken, and brought to the end of
        what was read here before: it may have been begun earlier.

        Raises:
            CatalogDamaged: The journal is damaged.
            CatalogUnavailable: There is no place to write it.
        """
        broken = self.index.file
        waiting = Progress("Another process is making the catalog's index anew")
        with self._state, self.home.rebuilding(self.index.path, waiting.tell):
            waiting.end()
            self._torn = True
            self.index.forget()
            another = file_of(self.index.path) not in (None, broken)
            while not (another and self._resume()):
                self.tail = Tail()
                self.known.forget()
                try:
                    self._write_index()
                    break
                except Moved:
                    self.journal.reopen()
            self._torn = False
        self.reading(lambda: None)

    def _write_index(self) -> None:
        journal = self.journal
        progress = Progress("Making the catalog's index anew", of=journal.size())
        try:
            self.index.rebuild(journal.id, _told(journal.replay(), progress), journal.read)
        except CatalogError:
            raise
        except (OSError, sqlite3.Error) as error:
            elsewhere = self.home.index_elsewhere(journal.id)
            if self.index.path == elsewhere:
                what = "The catalog's index cannot be written"
                raise unavailable(self.index.path, what, error) from error
            self.index.move(elsewhere)
            self._write_index()
        finally:
            progress.end()

    # ------------------------------------------------------------------ the rest

    def after_fork(self) -> None:
        """In the child: share nothing with the parent but the files."""
        self._state = threading.RLock()
        self._torn = True  # another thread may have been at it
        self.index.after_fork()
        self.journal.after_fork()

    def check_open(self) -> None:
        """Hold that `close` was not called.

        Raises:
            CatalogUnavailable: It was.
        """
        if self._closed:
            msg = f"The catalog at {self.home.path} was closed here; connect again."
            raise CatalogUnavailable(msg, path=str(self.home.path))

    def close(self) -> None:
        """Give everything back; what is asked later is an error."""
        self._closed = True
        self.index.close()
        self.journal.close()


def _told(lines: Iterable[Line], progress: Progress) -> Iterator[Line]:
    """`lines`; whoever waits is told how far they have come."""
    for line in lines:
        if not line.n % _STRIDE:
            progress.tell(line.at)
        yield line
