"""Judges what stands behind the journal's last whole transaction: a cut-off write, or damage.

A process that dies inside its one write leaves a beginning of it: intact lines of an
unfinished transaction, then perhaps the beginning of the next line. Nothing else is taken
away: a line that ends but does not verify, bytes that begin no line, or anything before the
synced mark is damage. After a power cut, which the mark tells by the boot it names, blocks of
an unsynced write may hold anything; behind the mark, that is taken away too.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from heirloom.catalog.scan import Stop
from heirloom.catalog.synced import SyncedMark, boot_id

__all__ = ["cut_off", "problem_of", "synced_to"]

_KEPT = 1 << 20


def synced_to(mark: SyncedMark, journal: str) -> int:
    """The byte before which everything is known to have been on the disk."""
    found = mark.read()
    return found.at if found is not None and found.journal == journal else 0


def problem_of(stop: Stop, mark: SyncedMark, journal: str) -> str:
    """Why `stop` is damage; empty where an interrupted write explains it."""
    found = mark.read()
    known = found if found is not None and found.journal == journal else None
    if stop.kind == "gone" or (known is not None and stop.at < known.at):
        return f"{stop.reason}, and it was on the disk"
    if stop.kind == "bad" and (known is None or known.boot == boot_id()):
        return stop.reason
    return ""


def cut_off(handle: int, path: Path, at: int) -> None:
    """Take away what stands behind byte `at`; a copy is kept beside the journal, if it can be."""
    size = os.fstat(handle).st_size
    aside = path.with_name(f"{path.name}.torn-{at}")
    with suppress(OSError):
        aside.write_bytes(os.pread(handle, min(size - at, _KEPT), at))
        aside.chmod(0o600)
    os.ftruncate(handle, at)
