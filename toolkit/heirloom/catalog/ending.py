"""Judges what stands behind the journal's last whole transaction: a cut-off write, or damage.

A process that dies inside its one write leaves a beginning of it: intact lines of an
unfinished transaction, then perhaps the beginning of the next line. Nothing else is taken
away: a line that ends but does not verify, bytes that begin no line, or anything before the
synced mark is damage. After a power cut, which the mark tells by the boot it names, blocks of
an unsynced write may hold anything; behind the mark, that is taken away too.

The mark is there, durably, before the first append. Where it is lost nothing tells what was
acknowledged, and so nothing is taken away.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from heirloom.catalog.scan import Stop
from heirloom.catalog.synced import Synced, boot_id
from heirloom.rights import create

__all__ = ["cut_off", "problem_of"]

_KEPT = 1 << 20


def problem_of(stop: Stop, known: Synced | None) -> str:
    """Why `stop` is damage, by what the mark says; empty where an interrupted write explains it."""
    if stop.kind == "gone":
        return f"{stop.reason}, and it was on the disk"
    if known is None:
        unmarked = f"{stop.reason}, and no mark says that it was not acknowledged"
        return "" if stop.kind == "whole" else unmarked
    if stop.at < known.at:
        return f"{stop.reason}, and it was on the disk"
    if stop.kind == "bad" and known.boot == boot_id():
        return stop.reason
    return ""


def cut_off(handle: int, path: Path, at: int) -> None:
    """Take away what stands behind byte `at`; a copy is kept beside the journal, if it can be."""
    size = os.fstat(handle).st_size
    aside = path.with_name(f"{path.name}.torn-{at}")
    with suppress(OSError), os.fdopen(create(aside, os.O_WRONLY | os.O_TRUNC), "wb") as file:
        file.write(os.pread(handle, min(size - at, _KEPT), at))
    os.ftruncate(handle, at)
