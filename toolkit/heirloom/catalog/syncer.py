"""Sees to it that what was appended to one journal file is on the disk, and that it is known."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from heirloom.catalog.faults import poisoned, unavailable
from heirloom.catalog.synced import SyncedMark, boot_id
from heirloom.catalog.writing import write_at
from heirloom.durable import sync

__all__ = ["Syncer"]

_CHUNK = 1 << 20


class Syncer:
    """Syncs one descriptor of one journal; calls at once, from many threads, are merged.

    Attributes:
        written: Where the journal ends, as far as this handle knows.
    """

    def __init__(self, path: Path, mark: SyncedMark, handle: int, journal: str) -> None:
        """Sync the file at `path`, open as `handle`, the journal of that id."""
        self.written = 0
        self._path = path
        self._mark = mark
        self._handle = handle
        self._journal = journal
        self._lock = threading.Lock()
        self._to = 0
        self._began = False
        self._poison: OSError | None = None

    def begin(self, end: int) -> None:
        """Before the first append: the mark speaks of this journal and of this boot.

        The caller holds the journal's lock and has read it up to byte `end`.

        Raises:
            CatalogUnavailable: A sync failed before: what the disk holds is unknown, and a
                later sync that succeeds would say nothing of it. Or there is no room.
        """
        if self._poison is not None:
            raise poisoned(self._path, self._poison)
        if self._began:
            return
        known = self._mark.read(self._journal)
        if known is None or known.boot != boot_id():
            self.sync_now()
            try:
                self._mark.establish(self._journal, end)
            except OSError as error:
                what = "What is on the disk cannot be marked"
                raise unavailable(self._mark.path, what, error) from error
        self._began = True

    def sync(self, to: int) -> None:
        """Return when the bytes before `to` are on the disk.

        Raises:
            CatalogUnavailable: The disk did not say so.
        """
        with self._lock:
            if self._poison is not None:
                raise poisoned(self._path, self._poison)
            if self._to >= to:
                return
            to = max(to, self.written)
            sure = not self._to and self._write_again(to)
            self.sync_now()
            self._mark.advance(self._journal, to, sure=sure)
            self._to = to

    def sync_now(self) -> None:
        """Sync, and poison what follows if that fails."""
        try:
            sync(self._handle)
        except OSError as error:
            self._poison = error
            self._mark.doubt(self._journal, 0)
            raise poisoned(self._path, error) from error

    def _write_again(self, end: int) -> bool:
        """Write what is in doubt once more, the same bytes; whether there was any.

        The system forgets what it failed to write: another sync of it would succeed.
        """
        known = self._mark.read(self._journal)
        if known is None or not known.doubt:
            return False
        try:
            for at in range(known.at, end, _CHUNK):
                write_at(self._handle, os.pread(self._handle, min(_CHUNK, end - at), at), at)
        except OSError as error:
            what = "What an earlier failure left in doubt cannot be written again"
            raise unavailable(self._path, what, error) from error
        return True
