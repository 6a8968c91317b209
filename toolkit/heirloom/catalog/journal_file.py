"""The file of a journal: the one that stands there now, its header, its lines by their place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from heirloom.catalog.faults import damaged, unavailable, unreachable
from heirloom.catalog.header import read_header
from heirloom.catalog.line import LONGEST, START, BadLine, Line, Place, parse
from heirloom.catalog.place import Home
from heirloom.catalog.scan import Scan
from heirloom.catalog.synced import SyncedMark, boot_id
from heirloom.catalog.syncer import Syncer
from heirloom.catalog.writing import write_at
from heirloom.durable import sync

__all__ = ["JournalFile", "Moved"]


class Moved(Exception):
    """Another file stands where the journal was; all that was read of it is void."""


class JournalFile:
    """An open file of checksummed lines, with what is known of it to be on the disk.

    Attributes:
        id: The journal's own id, from its header.
        header: The first line.
        lost_numbers: By project and folded name, the newest number of a version that was lost.
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
        self._access = os.O_RDONLY if home.read_only else os.O_RDWR
        self.place = START
        self._old: list[int] = []
        self.open()

    # ------------------------------------------------------------------ opening

    def open(self) -> None:
        """Open the file that stands there now and read its header; `place` is behind that."""
        try:
            handle = os.open(self.path, self._access | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise unavailable(self.path, "The catalog's journal cannot be opened", error) from error
        try:
            header = read_header(handle, self.path)
        except BaseException:
            os.close(handle)
            raise
        status = os.fstat(handle)
        self._handle, self._file = handle, (status.st_dev, status.st_ino)
        self.header = header
        self.id: str = header.doc["journal"]
        lost = header.doc.get("numbers", ())
        self.lost_numbers = {(project, name): number for project, name, number in lost}
        self.place = header.end
        self._syncer = Syncer(self.path, self.mark, self._handle, self.id)

    def after_fork(self) -> None:
        """Open a descriptor of the child's own: a failed sync is told to each but once."""
        place, inherited = self.place, self._handle
        self.mark.close()  # a lock on it would be the parent's as well
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

    # ------------------------------------------------------------------ reading

    def size(self) -> int:
        """Its bytes.

        Raises:
            Moved: Another file stands there.
            CatalogUnavailable: None does.
        """
        try:
            status = os.stat(self.path)
        except OSError as error:
            what = "The catalog's journal cannot be read; once it can, this session goes on"
            raise unreachable(self.path.parent, self.path, what, error) from error
        if (status.st_dev, status.st_ino) != self._file:
            raise Moved
        return status.st_size

    def check_mark(self) -> None:
        """Hold the file's length against what is known to have been on the disk.

        Raises:
            CatalogDamaged: Bytes are gone.
        """
        known = self.mark.read(self.id)
        size = os.fstat(self._handle).st_size
        if known is not None and size < known.at:
            raise damaged(self.path, size, "bytes are gone that were on the disk")

    def transactions(self) -> Iterator[list[Line]]:
        """Every committed transaction behind the header, up to `place`, verified.

        Raises:
            CatalogDamaged: A line is not what was written.
        """
        scan = Scan(self._handle, self.header.end, self.place.at)
        yield from scan
        if scan.stop is not None:
            raise damaged(self.path, scan.stop.bad_at, scan.stop.reason)

    def rest(self) -> list[Line]:
        """What stands behind `place` in a file that another has taken the place of."""
        return [line for transaction in Scan(self._handle, self.place) for line in transaction]

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
        fits = line.end == place and line.left == 0 and self._is_unbroken(place)
        if fits:
            self.place = place
        return fits

    def _is_unbroken(self, place: Place) -> bool:
        """Whether a power cut left no hole before `place`: a later write may outlive an earlier."""
        known = self.mark.read(self.id)
        if known is None or known.boot == boot_id() or place.at <= known.at:
            return True
        raw = os.pread(self._handle, LONGEST, known.at)
        try:
            first = parse(raw[: raw.find(b"\n") + 1], None, known.at)
        except BadLine:
            return False
        scan = Scan(self._handle, first.start, place.at)
        for _ in scan:
            pass
        return scan.stop is None and scan.place == place

    def blank(self, lines: Mapping[int, int]) -> None:
        """Overwrite lines, by byte and size, of a file that another has taken the place of.

        Who reads it still, finds no line there, and then the other file.
        """
        for at, size in lines.items():
            write_at(self._handle, b"\0" * size, at)
        sync(self._handle)
