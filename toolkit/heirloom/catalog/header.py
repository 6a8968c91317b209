"""The journal's first line: its format, its id."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import orjson

from heirloom.catalog.faults import damaged
from heirloom.catalog.line import FORMAT, START, BadLine, Line, frame, parse
from heirloom.errors import FormatTooNew
from heirloom.records.clock import now, stamp

__all__ = ["create_journal", "read_header"]

_LONGEST = 4096


def create_journal(path: Path) -> None:
    """Make an empty journal, whole or not at all; the caller holds the lock."""
    doc = {"format": FORMAT, "journal": uuid.uuid4().hex, "made_at": stamp(now())}
    line = frame(START, 0, "h", "", None, orjson.dumps(doc))
    fresh = path.with_name(f"{path.name}.new")
    handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, line.raw)
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.rename(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_header(handle: int, path: Path) -> Line:
    """The first line, which every format frames like this one.

    Raises:
        CatalogDamaged: It is no header.
        FormatTooNew: A later Heirloom wrote it.
    """
    raw = os.pread(handle, _LONGEST, 0)
    raw = raw[: raw.find(b"\n") + 1]
    try:
        line = parse(raw, START, 0)
    except BadLine as error:
        raise damaged(path, 0, str(error)) from error
    found = line.doc.get("format")
    if isinstance(found, int) and found > FORMAT:
        msg = (
            f"The catalog at {path.parent} has format {found}; this Heirloom reads up to "
            f"{FORMAT}. Install a newer one."
        )
        raise FormatTooNew(msg, path=str(path))
    if line.op != "h" or found != FORMAT:
        raise damaged(path, 0, "the first line is no header")
    return line
