"""A new journal in the place of the old one: whole or not at all, whoever dies when.

It is written aside, synced and renamed in while its maker holds the lock. Other handles find
another file where theirs was, and go on with it; ids, numbers and positions go on where the
old one ended, which its header names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from heirloom.catalog.anchor import anchor_of
from heirloom.catalog.archive import Archive
from heirloom.catalog.faults import unavailable
from heirloom.catalog.header import header_doc
from heirloom.catalog.limits import encode
from heirloom.catalog.line import SCHEMA, Line, Place, frame
from heirloom.catalog.place import Home
from heirloom.catalog.synced import SyncedMark
from heirloom.catalog.writing import write_at
from heirloom.durable import sync, sync_directory
from heirloom.records.clock import now, stamp
from heirloom.waiting import Progress

__all__ = ["Deed", "Entry", "install", "rewrite", "taken_over", "told"]

_ENOUGH = 1 << 20
_WITHOUT_ID = "cxth"


class Entry(NamedTuple):
    """An operation as it goes into the new journal; `body` is the document as JSON."""

    op: str
    table: str
    id: int | None = None
    body: bytes | None = None
    schema: int = SCHEMA

    @classmethod
    def of(cls, line: Line) -> Entry:
        """The same as `line`."""
        id = None if line.op in _WITHOUT_ID else line.id
        return cls(line.op, line.table, id, bytes(line.body) or None, line.schema)


class Deed(NamedTuple):
    """What is done to a journal, as the next one's header remembers it.

    Attributes:
        what: ``salvage``, ``redact`` or ``purge``.
        by: Who did it.
        why: In the words of who did it; may be empty.
        counts: What went, by kind.
    """

    what: str
    by: str
    why: str
    counts: Mapping[str, int]


def rewrite(
    archive: Archive,
    deed: Callable[[], tuple[Deed, Mapping[str, Any]]],
    entries: Callable[[], Iterator[Sequence[Entry]]],
    afterwards: Callable[[], object] = lambda: None,
) -> None:
    """Put a new journal in the place of the archive's, and read it.

    Args:
        archive: Open for writing.
        deed: Called first: what is done, and what the header has otherwise than the old one:
            the first unused id of each table (``next``), perhaps an earlier ``history``.
        entries: Called then: every transaction of the new journal. Both are called while
            nobody else writes; what they raise passes through, and nothing was changed.
        afterwards: Called when the new journal stands, with the old one still open here.

    Raises:
        CatalogUnavailable: The disk took it not; the old journal stands.
        CatalogLocked: Another process held the lock too long.
    """

    def work() -> None:
        done, changed = deed()
        old, end = {**archive.journal.header.doc, **changed}, archive.journal.place
        anchor = anchor_of(archive.home.journal, end.at)
        install(archive.home, end, taken_over(old, end, anchor, done), entries())
        afterwards()

    with archive.home.rewriting():
        archive.alone(work)
    archive.refresh()


def taken_over(old: Mapping[str, Any], end: Place, anchor: str, deed: Deed) -> dict[str, Any]:
    """What the header of a journal says that replaces one with the header `old`.

    Args:
        old: That header's document; empty where it is lost.
        end: The number and chain that its next line would have had.
        anchor: Of its bytes, as they stood.
        deed: Why it was replaced.
    """
    entry = {
        "what": deed.what,
        "at": stamp(now()),
        "by": deed.by,
        "why": deed.why,
        "journal": old.get("journal"),
        "lines": end.n,
        "chain": end.chain.decode(),
        "anchor": anchor,
        **deed.counts,
    }
    kept = {key: old[key] for key in ("next", "numbers") if key in old}
    return kept | {"history": [*old.get("history", ()), entry]}


def told(transactions: Iterable[list[Line]], what: str, size: int) -> Iterator[list[Line]]:
    """The same transactions; a person who waits for all `size` bytes is told how far it is."""
    progress = Progress(what, of=size)
    try:
        for transaction in transactions:
            yield transaction
            progress.tell(transaction[-1].at)
    finally:
        progress.end()


def install(
    home: Home, end: Place, more: Mapping[str, Any], transactions: Iterable[Sequence[Entry]]
) -> None:
    """Write a journal that goes on at `end` and rename it in; the caller holds the lock.

    Args:
        home: Whose journal it becomes.
        end: Where the old one ended: the next line's number, the last checksum.
        more: What its header says beside format and id.
        transactions: All that stands behind the header.

    Raises:
        CatalogUnavailable: The disk took it not; the old journal stands.
    """
    aside = home.journal.with_name(f"{home.journal.name}.new")
    doc = header_doc() | dict(more)
    header = frame(Place(0, end.n, end.chain), 0, "h", "", None, encode("", doc))
    try:
        size = _write(aside, home, header, transactions)
        os.rename(aside, home.journal)
    except OSError as error:
        aside.unlink(missing_ok=True)
        what = "The new journal cannot be written, and the old one stands"
        raise unavailable(aside, what, error) from error
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    try:
        sync_directory(home.path)
    except OSError as error:
        what = "The new journal stands, and whether a power cut leaves it so is unknown"
        raise unavailable(home.journal, what, error) from error
    mark = SyncedMark(home.locks / "journal.synced")
    with suppress(OSError):  # else the first who appends sees to it
        mark.establish(doc["journal"], size)
    mark.close()


def _write(
    aside: os.PathLike[str], home: Home, header: Line, transactions: Iterable[Sequence[Entry]]
) -> int:
    """The whole journal, synced; its size in bytes."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(aside, flags, 0o600)
    try:
        _like(home.journal, handle)
        place, waiting = header.end, [header.raw]
        held = len(header.raw)
        for transaction in transactions:
            for before, (op, table, id, body, schema) in enumerate(transaction):
                left = len(transaction) - 1 - before
                line = frame(place, left, op, table, id, body, before=before, schema=schema)
                waiting.append(line.raw)
                held += line.size
                place = line.end
            if held >= _ENOUGH:
                write_at(handle, b"".join(waiting), place.at - held)
                waiting, held = [], 0
        write_at(handle, b"".join(waiting), place.at - held)
        sync(handle)
    finally:
        os.close(handle)
    return place.at


def _like(path: os.PathLike[str], handle: int) -> None:
    """Give the new file the rights that the old one has, for a group that shares the home."""
    with suppress(OSError):
        status = os.stat(path)
        os.fchmod(handle, stat.S_IMODE(status.st_mode))
        os.fchown(handle, -1, status.st_gid)
