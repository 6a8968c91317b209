"""Whether a home's journal is what was written, and its index what the journal says."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from heirloom.catalog.anchor import anchor_of, check_anchor
from heirloom.catalog.index import Index
from heirloom.catalog.journal import Journal
from heirloom.catalog.line import Line, Place
from heirloom.catalog.place import Home
from heirloom.catalog.question import IndexBroken
from heirloom.catalog.references import References
from heirloom.catalog.tables import OWN, natural_key
from heirloom.catalog.tail import emission_key
from heirloom.errors import CatalogDamaged
from heirloom.waiting import Progress

__all__ = ["Report", "verify"]


@dataclass(slots=True)
class Report:
    """What was found; `problems` is empty where all is well.

    Attributes:
        lines: Intact lines of the journal.
        transactions: Whole transactions.
        documents: Live documents by table.
        problems: One line each.
        dangling: What documents speak of and is not there, a line each: of no matter to the
            journal, but a lineage that ends there.
        offset: The first damaged byte of the journal, or `None`.
        index: ``current``, ``behind`` (it will catch up), ``none`` or ``broken`` (it will be
            made anew).
        anchor: ``BYTES:SHA256`` of all that was read; kept elsewhere, it tells later whether
            any of it was changed. Empty where there is damage.
    """

    lines: int = 0
    transactions: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    offset: int | None = None
    index: str = "none"
    anchor: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the journal."""
        return not self.problems


def verify(
    home: Path | str,
    *,
    quick: bool = False,
    anchor: str | None = None,
) -> Report:
    """Read the whole journal, verifying every line, its place in the chain and its keys.

    Nothing is written, and nobody is kept waiting.

    Args:
        home: The directory.
        quick: Look at the header, the mark, where the index stands, and what is behind that.
        anchor: ``BYTES:SHA256`` from an earlier report: hold what it was taken of against it.
            A journal that was written anew since (by a salvage, a redaction, a purge) is
            another one, and says so in its header.

    Raises:
        InputError: `anchor` is none.
        CatalogUnavailable: There is no catalog to read.
        FormatTooNew: A later Heirloom wrote it.
    """
    place = Home(Path(home), read_only=True)
    report = Report()
    _hold(place, anchor, report)
    try:
        journal = Journal(place)
    except CatalogDamaged as damage:
        report.offset = damage.offset
        report.problems.append(str(damage))
        return report
    try:
        at = _standing(place, journal, report)
        if not quick or at is None:
            _read(journal, report)
            if report.offset is None:
                report.anchor = anchor_of(place.journal, journal.place.at)
        else:
            _read_tail(journal, report)
        if at is not None:
            report.index = "current" if at == journal.place else "behind"
    finally:
        journal.close()
    return report


def _hold(home: Home, anchor: str | None, report: Report) -> None:
    problem = check_anchor(home.journal, anchor) if anchor is not None else ""
    if problem:
        report.problems.append(problem)


def _read_tail(journal: Journal, report: Report) -> None:
    """Only what is behind the index, from whose last line on `journal` reads."""
    try:
        lines = journal.follow()
        journal.check_mark()
        report.lines = len(lines)
        report.transactions = sum(line.left == 0 for line in lines)
    except CatalogDamaged as damage:
        report.offset = damage.offset
        report.problems.append(str(damage))


def _read(journal: Journal, report: Report) -> None:
    keys: dict[tuple[str, Hashable], int] = {}
    live: dict[str, set[int]] = {}
    references = References()
    progress = Progress("Reading the journal", of=journal.size())
    try:
        for line in journal.replay():
            report.lines += 1
            report.transactions += line.left == 0
            _place(line, live)
            if line.op in "iu" and line.table in OWN:
                _check_keys(line, keys, report)
                references.learn(line)
            progress.tell(line.at)
    except CatalogDamaged as damage:
        report.offset = damage.offset
        report.problems.append(str(damage))
    else:
        report.dangling += references.missing()
    finally:
        progress.end()
    report.documents.update({table: len(ids) for table, ids in live.items()})


def _place(line: Line, live: dict[str, set[int]]) -> None:
    if line.op in "iu":
        live.setdefault(line.table, set()).add(line.id)
    elif line.op == "r":
        live.get(line.table, set()).discard(line.id)
    elif line.op in "cx":
        live.pop(line.table, None)


def _check_keys(line: Line, keys: dict[tuple[str, Hashable], int], report: Report) -> None:
    """Each key belongs to one document for good."""
    found: list[Hashable] = [natural_key(line.table, line.doc)]
    if line.table == "versions":
        found.append(emission_key(line.doc))
    for key in found:
        if key is not None and keys.setdefault((line.table, key), line.id) != line.id:
            report.problems.append(f"{line.table} has {key!r} twice (byte {line.at}).")


def _standing(home: Home, journal: Journal, report: Report) -> Place | None:
    """Where the index stands, from where `journal` reads on; `None` where it is not its index."""
    path = home.path / "index.sqlite"
    if not path.exists():
        return None
    index = Index(path)
    try:
        standing = index.standing()
        if standing.journal == journal.id and journal.resume(standing.last, standing.place):
            return standing.place
    except (IndexBroken, sqlite3.Error) as error:
        logging.getLogger("heirloom").debug("index of %s: %s", home.path, error)
    finally:
        index.close()
    report.index = "broken"
    return None
