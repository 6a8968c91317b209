"""A whole journal out of a damaged one: what is intact comes back, the rest is kept aside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from heirloom.catalog.anchor import anchor_of
from heirloom.catalog.faults import unavailable
from heirloom.catalog.fragments import Damage, Fragments
from heirloom.catalog.header import read_header
from heirloom.catalog.journal import Journal
from heirloom.catalog.line import START, Line, Place
from heirloom.catalog.losses import Losses
from heirloom.catalog.place import Home
from heirloom.catalog.rewriting import Deed, Entry, install, taken_over, told
from heirloom.catalog.synced import SyncedMark
from heirloom.errors import CatalogDamaged, CatalogError
from heirloom.records.clock import now
from heirloom.rights import create

__all__ = ["Salvaged", "salvage"]

_WHAT = "Reading the damaged journal"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came back, or would, and what did not.

    Attributes:
        transactions: Intact transactions.
        lines: Their lines.
        damage: Stretches of bytes that are no whole transaction.
        missing: Bytes that were once on the disk and are gone from the file's end.
        lost_versions: Full refs of lost versions, as far as anything tells of them.
        lost_executions: Ids of lost executions, as far as anything tells of them.
        quarantine: The file that has the damaged bytes now; `None` where nothing was changed.
    """

    transactions: int
    lines: int
    damage: tuple[Damage, ...]
    missing: int
    lost_versions: tuple[str, ...]
    lost_executions: tuple[str, ...]
    quarantine: str | None


def salvage(
    path: Path | str,
    by: str,
    *,
    dry_run: bool = False,
) -> Salvaged:
    """Put a journal of every intact transaction in the place of a damaged one.

    Ids and numbers stay, those of what is lost are not given again. Other processes may have
    the catalog open: they go on with the new journal.

    Args:
        path: The home.
        by: Who does it.
        dry_run: Only say what would come back.

    Raises:
        CatalogError: The journal is whole. Nothing was changed.
        CatalogUnavailable: It cannot be read, or the new one not be written; the old one stands.
        CatalogLocked: Another process held the lock too long.
        FormatTooNew: A later Heirloom wrote it.
    """
    home = Home(Path(path), read_only=True)  # nothing is made where nothing is
    if dry_run:
        return _salvaged(home, by, change=False)
    home = Home(Path(path), allow_network=True)  # a rescue is asked for, where it lies
    lock = home.lock("journal")
    assert lock is not None  # the home is open for writing
    try:
        with home.rewriting(), lock:
            return _salvaged(home, by, change=True)
    finally:
        lock.close()


def _salvaged(home: Home, by: str, *, change: bool) -> Salvaged:
    _refuse_whole(home)
    with home.journal.open("rb") as file:
        found = _Findings(home, file.fileno())
        try:
            quarantine = None
            if change:
                quarantine = _quarantine(home, found.fragments)
                found.install(by)
            return found.result(quarantine)
        finally:
            found.fragments.close()


def _refuse_whole(home: Home) -> None:
    try:
        journal = Journal(home)
    except CatalogDamaged:
        return
    try:
        for _ in journal.replay():
            pass
    except CatalogDamaged:
        return
    finally:
        journal.close()
    msg = f"The journal at {home.journal} is whole: there is nothing to salvage."
    raise CatalogError(msg, path=str(home.journal))


class _Findings:
    """What is in a damaged journal, gone through once; the caller holds the lock."""

    def __init__(self, home: Home, handle: int) -> None:
        self._home = home
        self._size = os.fstat(handle).st_size
        header = _header(handle, home.journal)
        self._header: Mapping[str, Any] = header.doc if header else {}
        self._losses = Losses()
        self._next: dict[str, int] = dict(self._header.get("next", {}))
        self._transactions = self._lines = 0
        self.fragments = Fragments(handle, header.end if header else START)
        self._learn()
        mark = SyncedMark(home.locks / "journal.synced")
        known = mark.read(self._header.get("journal", ""))
        self._missing = max(0, known.at - self._size) if known is not None else 0

    def _learn(self) -> None:
        for transaction in self._all():
            self._transactions += 1
            self._lines += len(transaction)
            for line in transaction:
                self._take_id(line)
                self._losses.learn(line)
        for damage in self.fragments.damage:
            for line in self.fragments.lines_in(damage):
                self._take_id(line)
                self._losses.hear(line)
            self._losses.guess(self.fragments.read(damage), damage.lines)

    def _all(self) -> Iterator[list[Line]]:
        return told(self.fragments, _WHAT, self._size)

    def _take_id(self, line: Line) -> None:
        if line.op in "iur":
            self._next[line.table] = max(self._next.get(line.table, 1), line.id + 1)

    def install(self, by: str) -> None:
        """Put what is intact into the place of the journal.

        What is gone at the end had at most as many lines as bytes: positions never fall.
        """
        damage = self.fragments.damage
        behind = sum(each.lines for each in damage if each.end == self._size) + self._missing
        end = Place(0, self.fragments.end.n + behind, self.fragments.end.chain)
        lost = {"lines_lost": sum(each.lines for each in damage), "missing": self._missing}
        deed = Deed("salvage", by, "", {"transactions": self._transactions, **lost})
        anchor = anchor_of(self._home.journal, self._size)
        more = taken_over(self._header, end, anchor, deed)
        more |= {"next": self._next, "numbers": self._numbers()}
        entries = ([Entry.of(line) for line in each] for each in self._all())
        install(self._home, end, more, entries)

    def _numbers(self) -> list[list[Any]]:
        """Lost numbers, those that an earlier journal had lost among them."""
        newest = {(project, name): n for project, name, n in self._header.get("numbers", ())}
        for project, name, n in self._losses.numbers():
            newest[project, name] = max(n, newest.get((project, name), 0))
        return [[*key, n] for key, n in sorted(newest.items())]

    def result(self, quarantine: str | None) -> Salvaged:
        """What came back and what did not."""
        return Salvaged(
            self._transactions,
            self._lines,
            tuple(self.fragments.damage),
            self._missing,
            tuple(self._losses.versions()),
            tuple(self._losses.executions()),
            quarantine,
        )


def _header(handle: int, path: Path) -> Line | None:
    try:
        return read_header(handle, path)
    except CatalogDamaged:
        return None  # a stretch of damage like any other


def _quarantine(home: Home, fragments: Fragments) -> str:
    """Keep the damaged bytes in a file of their own: before each stretch, a line that tells it."""
    path = home.journal.with_name(f"{home.journal.name}.quarantine-{now():%Y%m%dT%H%M%S%f}")
    try:
        with os.fdopen(create(path, os.O_WRONLY | os.O_EXCL), "wb") as out:
            for damage in fragments.damage:
                told = {"at": damage.at, "end": damage.end, "why": damage.why}
                out.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
                out.write(fragments.read(damage) + b"\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise unavailable(path, "The damaged bytes cannot be kept aside", error) from error
    return str(path)
