"""Whether a home's journal is what was written, and its index what the journal says."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from heirloom.catalog.index import Index, IndexBroken
from heirloom.catalog.journal import Journal
from heirloom.catalog.line import Line
from heirloom.catalog.place import Home
from heirloom.catalog.tables import OWN, natural_key
from heirloom.catalog.tail import emission_key
from heirloom.errors import CatalogDamaged

__all__ = ["Report", "verify"]


@dataclass(slots=True)
class Report:
    """What was found; `problems` is empty where all is well.

    Attributes:
        lines: Intact lines of the journal.
        transactions: Whole transactions.
        documents: Live documents by table.
        problems: One line each.
        offset: The first damaged byte of the journal, or `None`.
        index: ``current``, ``behind`` (it will catch up), ``none`` or ``broken`` (it will be
            made anew).
    """

    lines: int = 0
    transactions: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    offset: int | None = None
    index: str = "none"

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the journal."""
        return not self.problems


def verify(home: Path | str) -> Report:
    """Read the whole journal, verifying every line, its place in the chain and its keys.

    Nothing is written, and nobody is kept waiting.

    Raises:
        CatalogUnavailable: There is no catalog to read.
        FormatTooNew: A later Heirloom wrote it.
    """
    place = Home(Path(home), read_only=True)
    report = Report()
    try:
        journal = Journal(place)
    except CatalogDamaged as damage:
        report.offset = damage.offset
        report.problems.append(str(damage))
        return report
    try:
        _read(journal, report)
        report.index = _standing(place, journal)
    finally:
        journal.close()
    return report


def _read(journal: Journal, report: Report) -> None:
    keys: dict[tuple[str, Hashable], int] = {}
    live: dict[str, set[int]] = {}
    try:
        for line in journal.replay():
            report.lines += 1
            report.transactions += line.left == 0
            _place(line, live)
            _check_keys(line, keys, report)
    except CatalogDamaged as damage:
        report.offset = damage.offset
        report.problems.append(str(damage))
    report.documents.update({table: len(ids) for table, ids in live.items()})


def _place(line: Line, live: dict[str, set[int]]) -> None:
    if line.op == "i":
        live.setdefault(line.table, set()).add(line.id)
    elif line.op == "r":
        live.get(line.table, set()).discard(line.id)
    elif line.op in "cx":
        live.pop(line.table, None)


def _check_keys(line: Line, keys: dict[tuple[str, Hashable], int], report: Report) -> None:
    """Each key belongs to one document for good."""
    if line.op not in "iu" or line.table not in OWN:
        return
    found: list[Hashable] = [natural_key(line.table, line.doc)]
    if line.table == "versions":
        found.append(emission_key(line.doc))
    for key in found:
        if key is not None and keys.setdefault((line.table, key), line.id) != line.id:
            report.problems.append(f"{line.table} has {key!r} twice (byte {line.at}).")


def _standing(home: Home, journal: Journal) -> str:
    path = home.path / "index.sqlite"
    if not path.exists():
        return "none"
    index, end = Index(path), journal.place
    try:
        standing = index.standing()
        if standing.journal != journal.id or standing.place.at > end.at:
            return "broken"
        if not journal.resume(standing.last, standing.place):
            return "broken"
        return "current" if standing.place == end else "behind"
    except (IndexBroken, sqlite3.Error):
        return "broken"
    finally:
        index.close()
