"""How much of the journal is known to be on the disk: what was acknowledged, never torn."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from heirloom.durable import sync, sync_directory
from heirloom.flock import FLOCK
from heirloom.rights import create

__all__ = ["Synced", "SyncedMark", "boot_id"]

_COPY = 512
_PATIENCE = 1.0
_PAUSE = 0.0002


class Synced(NamedTuple):
    """Everything before byte `at` of that journal is on the disk, as was found in that boot.

    In `doubt`, what was appended behind `at` may never get there: a sync failed, of which the
    system tells nobody twice.
    """

    journal: str
    at: int
    boot: str
    doubt: bool = False


class SyncedMark:
    """A small file beside the journal that remembers the last successful fsync.

    Bytes before the mark were acknowledged: if they are bad or gone, that is damage, however
    much it looks like a write that was cut off. The file holds the same record twice, a sector
    each, written by one call: neither a crash nor one bad sector takes both.

    It is synced when it begins to speak of a journal, or of another boot, and not again: after
    a power cut it may be older than the last acknowledgement, never newer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1
        self._said: tuple[bytes, Synced] | None = None

    def read(self, journal: str) -> Synced | None:
        """What it says of that journal; `None` where it says nothing that is whole."""
        try:
            text = self.path.read_bytes()
        except OSError:
            return None
        return _of_text(text, journal)

    def establish(self, journal: str, at: int) -> None:
        """Speak of that journal from now on, durably; the caller holds the journal's lock.

        Raises:
            OSError: There is no room for it.
        """
        self._open()
        with _alone_with(self._handle):
            self._put(Synced(journal, at, boot_id()))
        sync(self._handle)
        sync_directory(self.path.parent)

    def advance(self, journal: str, at: int, *, sure: bool = False) -> None:
        """Move it to `at`, never back; what cannot be written is left.

        A mark that speaks of another journal is left alone: this one was replaced.

        Args:
            journal: Of which everything before `at` is on the disk.
            at: That byte.
            sure: What was in doubt was written again before it was synced.
        """
        self._change(journal, Synced(journal, at, boot_id()), sure=sure)

    def doubt(self, journal: str, at: int) -> None:
        """Say that a sync failed of what stands behind the mark, which is not behind `at`."""
        self._change(journal, Synced(journal, at, boot_id(), doubt=True))

    def _change(self, journal: str, new: Synced, *, sure: bool = False) -> None:
        try:
            self._open()
            with _alone_with(self._handle):
                text = os.pread(self._handle, 2 * _COPY, 0)
                old = self._own(text, journal) or _of_text(text, journal)
                if old is not None:
                    new = new._replace(at=max(old.at, new.at))
                    new = new._replace(doubt=new.doubt or (old.doubt and not sure))
                elif _of_text(text, None) is not None:
                    return
                if new != old:
                    self._put(new)
        except OSError:
            self.close()

    def _open(self) -> None:
        if self._handle >= 0 and not os.fstat(self._handle).st_nlink:
            self.close()  # somebody deleted the file
        if self._handle < 0:
            self._handle = create(self.path, os.O_RDWR)

    def _put(self, mark: Synced) -> None:
        body = f"{mark.journal} {mark.at} {mark.boot} {int(mark.doubt)}".encode()
        copy = (b"%08x %b" % (zlib.crc32(body), body)).ljust(_COPY - 1) + b"\n"
        os.pwrite(self._handle, copy * 2, 0)
        self._said = copy * 2, mark

    def _own(self, text: bytes, journal: str) -> Synced | None:
        """What was said here last, if that is what still stands there."""
        if self._said is None or text != self._said[0]:
            return None
        said = self._said[1]
        return said if said.journal == journal else None

    def close(self) -> None:
        """Give the descriptor back; it is opened again when it is needed."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _of_text(text: bytes, journal: str | None) -> Synced | None:
    """The furthest of the copies that are whole and speak of that journal, or of any."""
    copies = filter(None, (_of_copy(text[at : at + _COPY]) for at in (0, _COPY)))
    ours = [copy for copy in copies if journal in (None, copy.journal)]
    return max(ours, key=lambda copy: (copy.at, copy.doubt), default=None)


def _of_copy(text: bytes) -> Synced | None:
    body = text[9:].rstrip()
    if not body or text[:9] != b"%08x " % zlib.crc32(body):
        return None
    journal, at, boot, doubt = body.decode().split(" ")
    return Synced(journal, int(at), boot, doubt == "1")


@contextmanager
def _alone_with(handle: int) -> Iterator[None]:
    """Hold others off the mark; a process that was stopped inside is not waited for for ever."""
    until = time.monotonic() + _PATIENCE
    while True:
        if FLOCK.take(handle) or time.monotonic() > until:
            break
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        FLOCK.releasing(handle)()


@cache
def boot_id() -> str:
    """What is another after the machine was started again; ``-`` where nothing says."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"
