"""The journal: the one file that is the truth. Bytes in, bytes out, nothing of meaning."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from heirloom.catalog.ending import cut_off, problem_of
from heirloom.catalog.faults import damaged, unavailable
from heirloom.catalog.journal_file import JournalFile, Moved
from heirloom.catalog.line import Line, Place, frame
from heirloom.catalog.lock import stillness
from heirloom.catalog.place import Home
from heirloom.catalog.scan import Scan, Stop
from heirloom.catalog.writing import write_at

__all__ = ["Journal", "Moved", "Op"]

_LOOKS = 5
_BETWEEN_LOOKS = 0.003

Op = tuple[str, str, int | None, bytes | None]
"""Operation, table, document id, document as JSON."""


class Journal(JournalFile):
    """An append-only journal, read up to its last whole transaction.

    Writing needs the catalog's lock, which the caller holds; reading needs none.
    """

    def __init__(self, home: Home) -> None:
        """See `JournalFile`."""
        self._lock_path = home.locks / "journal.lock"
        super().__init__(home)

    # ------------------------------------------------------------------ reading

    def follow(self, *, locked: bool = False) -> list[Line]:
        """The lines that were committed since the last call, oldest first.

        Args:
            locked: The caller holds the lock: nobody is writing, so that what an
                interrupted write left is taken away.

        Raises:
            Moved: Another file stands there.
            CatalogDamaged: Bytes are bad that no interrupted write explains.
        """
        if self.size() == self.place.at:
            return []
        return list(self._read_on(self.place, locked=locked))

    def replay(self) -> Iterator[Line]:
        """Every committed line from the header on, verified; afterwards `place` is behind them.

        Raises:
            CatalogDamaged: A line is not what was written.
        """
        yield from self._read_on(self.header.start, locked=False)
        self.check_mark()

    def _read_on(self, place: Place, *, locked: bool) -> Iterator[Line]:
        stop: Stop | None = None
        while True:
            scan = Scan(self._handle, place)
            for transaction in scan:
                yield from transaction
            place = scan.place
            stop = scan.stop or self._gone(place)
            if stop is None or not self._mend(place, stop, locked=locked):
                break
        self.place = place

    def _mend(self, place: Place, stop: Stop, *, locked: bool) -> bool:
        """Take away what an interrupted write left, refuse what it cannot have left.

        Whether to read once more. Without the lock that is done only while nobody writes:
        else the end of the journal is a write under way, and is left alone.
        """
        if locked:
            return self._mend_still(stop)
        problem = ""
        for _ in range(_LOOKS):
            with stillness(self._lock_path) as still:
                scan = Scan(self._handle, place)
                grew = sum(1 for _ in scan) > 0
                now = scan.stop or self._gone(place)
                if grew or now is None:
                    return True
                if still:
                    return self._mend_still(now)
                problem, stop = problem_of(now, self.mark.read(self.id)), now
                if not problem:
                    return False
            time.sleep(_BETWEEN_LOOKS)
        self.size()  # what is bad in a file that was replaced is no matter
        raise damaged(self.path, stop.bad_at, problem)

    def _mend_still(self, stop: Stop) -> bool:
        problem = problem_of(stop, self.mark.read(self.id))
        if problem:
            self.size()
            raise damaged(self.path, stop.bad_at, problem)
        if self._access == os.O_RDONLY:
            return False
        try:
            if stop.kind == "whole":
                os.pwrite(self._handle, b"\n", os.fstat(self._handle).st_size)
                return True
            cut_off(self._handle, self.path, stop.at)
        except OSError as error:
            what = "What an interrupted write left in the catalog's journal cannot be mended"
            raise unavailable(self.path, what, error) from error
        self._syncer.sync_now()
        return True

    def _gone(self, place: Place) -> Stop | None:
        size = os.fstat(self._handle).st_size
        return Stop(size, size, "gone", "bytes are gone") if size < place.at else None

    # ------------------------------------------------------------------ writing

    def append(self, ops: Sequence[Op]) -> list[Line]:
        """Write one transaction at the end; the caller holds the lock and has followed.

        Raises:
            CatalogUnavailable: The disk took not all of it; what it took was taken back.
        """
        self._syncer.begin(self.place.at)
        place, lines = self.place, list[Line]()
        for before, (op, table, key, doc) in enumerate(ops):
            left = len(ops) - 1 - before
            line = frame(place, left, op, table, key, doc, before=before)
            lines.append(line)
            place = line.end
        try:
            write_at(self._handle, b"".join(line.raw for line in lines), self.place.at)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, self.place.at)
            what = "The catalog's journal took no more"
            raise unavailable(self.path, what, error) from error
        self.place = place
        self._syncer.written = place.at
        return lines

    def promise(self) -> Callable[[], None]:
        """What returns when all that was appended so far is on the disk, in whichever file.

        It raises `CatalogUnavailable` where the disk did not say so: whether the last
        transactions survive a power cut is unknown then, and this handle writes no more.
        """
        return partial(self._syncer.sync, self.place.at)
