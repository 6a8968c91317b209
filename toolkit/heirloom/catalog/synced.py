"""How much of the journal is known to be on the disk: what was acknowledged, never torn."""

from __future__ import annotations

import os
import threading
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from heirloom.catalog.faults import poisoned

__all__ = ["Synced", "SyncedMark", "Syncer", "boot_id"]

_WIDTH = 128


class Synced(NamedTuple):
    """Everything before byte `at` of that journal was synced during that boot."""

    journal: str
    at: int
    boot: str


class SyncedMark:
    """A small file beside the journal that remembers the last successful fsync.

    Bytes before the mark were acknowledged: if they are bad or gone, that is damage, however
    much it looks like a write that was cut off. The mark itself is not synced; a lost or
    older one only makes the judgement on the last bytes more lenient.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def read(self) -> Synced | None:
        """The mark, or `None` where there is none that is whole."""
        try:
            text = self.path.read_bytes()
        except OSError:
            return None
        body = text[9:].rstrip(b" \n")
        if text[:8] != b"%08x" % zlib.crc32(body):
            return None
        journal, at, boot = body.decode().split(" ")
        return Synced(journal, int(at), boot)

    def write(self, journal: str, at: int) -> None:
        """Move the mark; what cannot be written is left."""
        body = f"{journal} {at} {boot_id()}".encode()
        text = (b"%08x " % zlib.crc32(body)) + body.ljust(_WIDTH) + b"\n"
        try:
            if self._handle < 0:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
                self._handle = os.open(self.path, flags, 0o600)
            os.pwrite(self._handle, text, 0)
        except OSError:
            self.close()

    def close(self) -> None:
        """Give the descriptor back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class Syncer:
    """Sees to it that what was appended is on the disk, and remembers how far that is."""

    def __init__(self, path: Path, mark: SyncedMark) -> None:
        """Sync the journal at `path`, whose mark is `mark`."""
        self._path = path
        self._mark = mark
        self._poison: OSError | None = None
        self.start_anew()

    def start_anew(self) -> None:
        """Know of nothing that was synced, as of another file, or in a forked child."""
        self._lock = threading.Lock()
        self._to = 0

    def check(self) -> None:
        """Hold that no sync ever failed.

        Raises:
            CatalogUnavailable: One did: what the disk holds is unknown, and a later sync
                that succeeds would say nothing of it.
        """
        if self._poison is not None:
            raise poisoned(self._path, self._poison)

    def sync(self, handle: int, journal: str, to: int, end: int) -> None:
        """Return when the bytes before `to` are on the disk; calls at once are merged.

        Args:
            handle: The journal's descriptor.
            journal: Its id.
            to: What the caller appended ends here.
            end: What anybody is known to have appended ends here.
        """
        with self._lock:
            self.check()
            if self._to < to:
                self.sync_now(handle)
                self._to = max(to, end)
                self._mark.write(journal, self._to)

    def sync_now(self, handle: int) -> None:
        """Sync, and poison what follows if that fails."""
        try:
            os.fsync(handle)
        except OSError as error:
            self._poison = error
            raise poisoned(self._path, error) from error


@cache
def boot_id() -> str:
    """What is another after the machine was started again; ``-`` where nothing says."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"
