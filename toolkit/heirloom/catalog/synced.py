"""How much of the journal is known to be on the disk: what was acknowledged, never torn."""

from __future__ import annotations

import os
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Synced", "SyncedMark", "boot_id"]

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
                self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.pwrite(self._handle, text, 0)
        except OSError:
            self.close()

    def close(self) -> None:
        """Give the descriptor back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


@cache
def boot_id() -> str:
    """What is another after the machine was started again; ``-`` where nothing says."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"
