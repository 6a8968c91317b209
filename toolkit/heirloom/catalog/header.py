"""The journal's first line: its format, its id, and what it replaces."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heirloom.catalog.faults import damaged, unavailable
from heirloom.catalog.limits import encode
from heirloom.catalog.line import FORMAT, LONGEST, START, BadLine, Line, frame, parse
from heirloom.catalog.writing import write_at
from heirloom.durable import sync, sync_directory
from heirloom.errors import FormatTooNew
from heirloom.records.clock import now, stamp
from heirloom.rights import create

__all__ = ["create_journal", "header_doc", "read_header"]

_PIECE = 4096


def header_doc() -> dict[str, Any]:
    """The header of a journal that begins now.

    One that replaces another also has ``next``, the first id of each table that was never
    used, and ``history``, what was replaced and why, the oldest first.
    """
    return {"format": FORMAT, "journal": uuid.uuid4().hex, "made_at": stamp(now())}


def create_journal(path: Path) -> None:
    """Make an empty journal, whole or not at all; the caller holds the lock.

    Raises:
        CatalogUnavailable: There is no room for it.
    """
    line = frame(START, 0, "h", "", None, encode("", header_doc()))
    fresh = path.with_name(f"{path.name}.new")
    try:
        handle = create(fresh, os.O_RDWR | os.O_TRUNC)
        try:
            write_at(handle, line.raw, 0)
            sync(handle)
        finally:
            os.close(handle)
        fresh.rename(path)
        sync_directory(path.parent)
    except OSError as error:
        raise unavailable(path, "The catalog's journal cannot be made", error) from error


def read_header(handle: int, path: Path) -> Line:
    """The first line, which every format frames like this one.

    Its number and chain are its own: a journal that replaces another counts on from there.

    Raises:
        CatalogDamaged: It is no header.
        FormatTooNew: A later Heirloom wrote it.
    """
    try:
        line = parse(_first_line(handle), None, 0)
    except BadLine as error:
        raise damaged(path, 0, str(error)) from error
    except FormatTooNew as error:
        raise FormatTooNew(str(error), path=str(path)) from error
    found = line.doc.get("format")
    if isinstance(found, int) and found > FORMAT:
        msg = (
            f"The catalog at {path.parent} has format {found}; this Heirloom reads up to "
            f"{FORMAT}. Install a newer one."
        )
        raise FormatTooNew(msg, path=str(path))
    if line.op != "h" or found != FORMAT or _names_no_journal(line.doc):
        raise damaged(path, 0, "the first line is no header")
    return line


def _first_line(handle: int) -> bytes:
    raw = b""
    while b"\n" not in raw and len(raw) < LONGEST:
        piece = os.pread(handle, _PIECE, len(raw))
        if not piece:
            break
        raw += piece
    return raw[: raw.find(b"\n") + 1]


def _names_no_journal(doc: Mapping[str, Any]) -> bool:
    return not isinstance(doc.get("journal"), str)
