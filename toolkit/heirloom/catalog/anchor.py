"""An anchor: what the journal's first bytes hold, in one line to keep elsewhere.

The journal only grows, so that the hash of its beginning stays true for ever; whoever changes a
byte of it, checksums and all, cannot change the copy of the anchor that somebody else keeps.
A journal that replaces another has the anchor of that one in its header, under its own anchor.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from heirloom.catalog.faults import unavailable
from heirloom.errors import InputError

__all__ = ["anchor_of", "check_anchor"]

_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})\Z")
_PIECE = 1 << 20


def anchor_of(journal: Path, end: int) -> str:
    """``BYTES:SHA256`` of the journal's first `end` bytes; a second for about a gigabyte.

    Raises:
        CatalogUnavailable: The file cannot be read.
    """
    return f"{end}:{_digest(journal, end)}"


def check_anchor(journal: Path, anchor: str) -> str:
    """Why the file at `journal` is not the one that `anchor` was taken of; empty where it is.

    Raises:
        InputError: `anchor` is none.
        CatalogUnavailable: The file cannot be read.
    """
    found = _ANCHOR.match(anchor)
    if found is None:
        msg = (
            "An anchor is BYTES:SHA256, as `heirloom verify --full` prints it; "
            f"got {anchor!r:.100}."
        )
        raise InputError(msg, name="anchor", given=anchor[:100])
    end = int(found[1])
    try:
        size = journal.stat().st_size
    except OSError as error:
        raise unavailable(journal, "The catalog's journal cannot be read", error) from error
    if size < end:
        return f"The anchor is of {end:,} bytes, the journal has {size:,}."
    if _digest(journal, end) != found[2]:
        return f"The journal's first {end:,} bytes are not those that the anchor was taken of."
    return ""


def _digest(journal: Path, end: int) -> str:
    digest = hashlib.sha256()
    try:
        with journal.open("rb") as file:
            while piece := file.read(min(_PIECE, end)):
                digest.update(piece)
                end -= len(piece)
    except OSError as error:
        raise unavailable(journal, "The catalog's journal cannot be read", error) from error
    return digest.hexdigest()
