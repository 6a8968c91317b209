"""The journal: the one file that is the truth. Bytes in, bytes out, nothing of meaning."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from heirloom.catalog.ending import cut_off, problem_of, synced_to
from heirloom.catalog.faults import damaged, unavailable
from heirloom.catalog.header import read_header
from heirloom.catalog.line import START, BadLine, Line, Place, frame, parse
from heirloom.catalog.lock import stillness
from heirloom.catalog.place import Home
from heirloom.catalog.scan import Scan, Stop
from heirloom.catalog.synced import SyncedMark, Syncer

__all__ = ["Journal", "Moved", "Op"]

_LOOKS = 5
_BETWEEN_LOOKS = 0.003

Op = tuple[str, str, int | None, bytes | None]
"""Operation, table, document id, document as JSON."""


class Moved(Exception):
    """Another file stands where the journal was; all that was read of it is void."""


class Journal:
    """An append-only file of checksummed lines, read up to its last whole transaction.

    Writing needs the catalog's lock, which the caller holds; reading needs none.

    Attributes:
        id: The journal's own id, from its header.
        place: The point behind the last whole transaction that was read.
    """

    def __init__(self, home: Home) -> None:
        """Open the journal of `home`, which is there.

        Raises:
            CatalogUnavailable: It cannot be opened.
            CatalogDamaged: Its header is no header.
            FormatTooNew: A later Heirloom wrote it.
        """
        self.path = home.journal
        self.mark = SyncedMark(home.locks / "journal.synced")
        self._lock_path = home.locks / "journal.lock"
        self._access = os.O_RDONLY if home.read_only else os.O_RDWR
        self.place = START
        self._syncer = Syncer(self.path, self.mark)
        self._old: list[int] = []
        self.open()

    # ------------------------------------------------------------------ opening

    def open(self) -> None:
        """Open the file that stands there now and read its header; `place` is behind that."""
        try:
            self._handle = os.open(self.path, self._access | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise unavailable(self.path, "The catalog's journal cannot be opened", error) from error
        try:
            header = read_header(self._handle, self.path)
        except BaseException:
            os.close(self._handle)
            raise
        status = os.fstat(self._handle)
        self._file = (status.st_dev, status.st_ino)
        self.id: str = header.doc["journal"]
        self.place = header.end
        self._syncer.start_anew()

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
        if self._size() == self.place.at:
            return []
        return list(self._read_on(self.place, locked=locked))

    def replay(self) -> Iterator[Line]:
        """Every committed line from the header on, verified; afterwards `place` is behind them.

        Raises:
            CatalogDamaged: A line is not what was written.
        """
        yield from self._read_on(START, locked=False)
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

    def check_mark(self) -> None:
        """Hold the file's length against what is known to have been on the disk.

        Raises:
            CatalogDamaged: Bytes are gone.
        """
        known = synced_to(self.mark, self.id)
        size = self._size()
        if size < known:
            raise damaged(self.path, size, "bytes are gone that were on the disk")

    def _size(self) -> int:
        try:
            status = os.stat(self.path)
        except OSError as error:
            raise unavailable(self.path, "The catalog's journal cannot be read", error) from error
        if (status.st_dev, status.st_ino) != self._file:
            raise Moved
        return status.st_size

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
                problem, stop = problem_of(now, self.mark, self.id), now
                if not problem:
                    return False
            time.sleep(_BETWEEN_LOOKS)
        raise damaged(self.path, stop.bad_at, problem)

    def _mend_still(self, stop: Stop) -> bool:
        problem = problem_of(stop, self.mark, self.id)
        if problem:
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
        self._syncer.sync_now(self._handle)
        return True

    def _gone(self, place: Place) -> Stop | None:
        size = os.fstat(self._handle).st_size
        return Stop(size, size, "gone", "bytes are gone") if size < place.at else None

    def read(self, at: int, size: int) -> Line:
        """The line at byte `at`.

        Raises:
            BadLine: There is none, or its checksum does not fit.
        """
        return parse(os.pread(self._handle, size, at), None, at)

    def resume(self, last_at: int, place: Place) -> bool:
        """Go on from `place`, if the line at `last_at` is the one that ends there."""
        try:
            line = self.read(last_at, place.at - last_at)
        except (BadLine, OSError, ValueError, OverflowError):
            return False
        fits = line.end == place and line.left == 0
        if fits:
            self.place = place
        return fits

    # ------------------------------------------------------------------ writing

    def append(self, ops: Sequence[Op]) -> list[Line]:
        """Write one transaction at the end; the caller holds the lock and has followed.

        Raises:
            CatalogUnavailable: The disk took not all of it; what it took was taken back.
        """
        self._syncer.check()
        place, lines = self.place, list[Line]()
        for left, (op, table, key, doc) in zip(range(len(ops) - 1, -1, -1), ops, strict=True):
            line = frame(place, left, op, table, key, doc)
            lines.append(line)
            place = line.end
        try:
            self._write(b"".join(line.raw for line in lines), self.place.at)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, self.place.at)
            what = "The catalog's journal took no more"
            raise unavailable(self.path, what, error) from error
        self.place = place
        return lines

    def _write(self, data: bytes, at: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._handle, view, at)
            view, at = view[written:], at + written

    def sync(self, to: int) -> None:
        """Return when the bytes before `to` are on the disk; calls at once are merged.

        Raises:
            CatalogUnavailable: The disk did not say so: whether the last transactions
                survive a power cut is unknown, and this handle writes no more.
        """
        self._syncer.sync(self._handle, self.id, to, self.place.at)

    # ------------------------------------------------------------------ the rest

    def after_fork(self) -> None:
        """Open a descriptor of the child's own: a failed sync is told to each but once."""
        place, inherited = self.place, self._handle
        self.open()
        self.place = place
        os.close(inherited)

    def reopen(self) -> None:
        """Read the file that stands there now, from its header on."""
        self._old.append(self._handle)  # a reader in another thread may be using it
        self.open()

    def close(self) -> None:
        """Give every descriptor back."""
        for handle in (*self._old, self._handle):
            with suppress(OSError):
                os.close(handle)
        self._old, self._handle = [], -1
        self.mark.close()
