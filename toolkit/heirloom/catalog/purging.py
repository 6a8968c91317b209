"""Taking out of the journal what nothing needs: overtaken lines, records of old runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heirloom.catalog.archive import Archive
from heirloom.catalog.line import Line
from heirloom.catalog.present import Present
from heirloom.catalog.question import question
from heirloom.catalog.rewriting import Deed, Entry, rewrite, told
from heirloom.records.clock import unstamp
from heirloom.records.executions import FINAL
from heirloom.records.items import VALUE
from heirloom.records.refs import SCHEME

__all__ = ["Purged", "purge"]

_WHAT = "Reading the journal for a smaller one"
_NAMED = ("cached_from", "rerun_of", "chain")
_NAMES = tuple(f'"{key}":'.encode() for key in _NAMED)
_FINAL = ",".join(f"'{state}'" for state in sorted(FINAL))
_MADE_BY = f"substr(d.item, {len(VALUE) + 1}, instr(d.item, '/') - {len(VALUE) + 1})"
_ACROSS = (
    "FROM edges d JOIN executions e ON e.key=d.execution "
    f"JOIN executions m ON m.key={_MADE_BY} WHERE d.item LIKE '{VALUE}%' AND e.root<>m.root"
)
_FREE = f"""
    SELECT id, key, root, at, size FROM executions WHERE root NOT IN (
        SELECT root FROM executions WHERE state NOT IN ({_FINAL}) UNION
        SELECT e.root FROM edges d JOIN executions e ON e.key=d.execution
            WHERE d.item LIKE '{SCHEME}%' UNION
        SELECT e.root FROM versions v JOIN executions e ON e.key=v.execution UNION
        SELECT e.root FROM ledger l JOIN executions e ON e.key=l.execution UNION
        SELECT e.root {_ACROSS} UNION SELECT m.root {_ACROSS})"""
"""Executions of runs that ended, touch no version, no ledger row and no other run."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or would go.

    Attributes:
        executions: Ids of the executions whose records went.
        lines: How many lines of the journal went, those of the executions among them.
        size: Bytes that the journal had.
        size_after: Bytes that it has now; `None` where nothing was changed.
    """

    executions: tuple[str, ...]
    lines: int
    size: int
    size_after: int | None


def purge(
    archive: Archive,
    by: str,
    before: datetime | None,
    *,
    dry_run: bool = False,
) -> Purged:
    """Leave out of the journal what its present state does not need.

    That is what later lines overtook, and records of runs that ended before `before`: whole
    runs, of which no execution read or made a version, stands in the ledger, gave or took a
    value from another run, or is named by another's record. So no lineage changes.

    Args:
        archive: Open for writing.
        by: Who does it.
        before: `None` to keep the records of all runs.
        dry_run: Only say what would go.

    Raises:
        CatalogUnavailable: The disk took it not; the old journal stands.
    """
    purging = _Purging(archive, by, before)
    size_after = None
    if dry_run:
        archive.alone(purging.learn)
    else:
        with suppress(_Needless):
            rewrite(archive, purging.needed, purging.entries)
            size_after = archive.journal.place.at
    runs = tuple(sorted(purging.runs.values()))
    return Purged(runs, purging.gone, purging.size, size_after)


class _Needless(Exception):
    """Nothing would go: the journal stays as it is."""


class _Purging:
    """One purge, from what is needed to what is kept."""

    def __init__(self, archive: Archive, by: str, before: datetime | None) -> None:
        self._archive = archive
        self._by = by
        self._before = before
        self._named: set[str] = set()
        self.runs: dict[int, str] = {}
        self.gone = 0

    def learn(self) -> tuple[Deed, dict[str, Any]]:
        """Find out what is needed; inside `alone`."""
        archive = self._archive
        self.size = archive.journal.place.at
        self._present = Present(archive.journal.header.doc.get("next", {}))
        self._present.learn(self._noting(self._transactions()))
        if self._before is not None:
            archive.settle()
            self.runs = _old_runs(archive, self._before, self._named)
        self.gone = self._present.lines - self._present.needed + len(self.runs)
        why = f"runs that ended before {self._before:%Y-%m-%d %H:%M}" if self._before else ""
        counts = {"executions": len(self.runs), "removed": self.gone}
        return Deed("purge", self._by, why, counts), {"next": self._present.next_ids}

    def needed(self) -> tuple[Deed, dict[str, Any]]:
        """`learn`, for a purge that takes something away.

        Raises:
            _Needless: There is nothing.
        """
        learned = self.learn()
        if not self.gone:
            raise _Needless
        return learned

    def entries(self) -> Iterator[list[Entry]]:
        """What is kept; inside `alone`."""
        read = self._archive.journal.read
        return self._present.entries(self._transactions(), read, self.runs.keys())

    def _transactions(self) -> Iterator[list[Line]]:
        return told(self._archive.journal.transactions(), _WHAT, self.size)

    def _noting(self, transactions: Iterator[list[Line]]) -> Iterator[list[Line]]:
        """The same; executions that another's record names are noted."""
        for transaction in transactions:
            for line in transaction:
                if line.table == "executions" and any(name in line.raw for name in _NAMES):
                    doc = line.doc
                    self._named.update({str(doc.get(key)) for key in _NAMED} - {doc["root"]})
            yield transaction


def _old_runs(archive: Archive, before: datetime, named: set[str]) -> dict[int, str]:
    """Document and execution ids of the runs that may go."""
    runs: dict[str, dict[int, str]] = defaultdict(dict)
    kept: set[str] = set()
    with question():
        rows = archive.index.connection().execute(_FREE).fetchall()
    for id, key, root, at, size in rows:
        doc = archive.line("executions", id, at, size).doc
        ended = doc.get("ended_at")
        if ended is None or unstamp(ended) >= before or key in named:
            kept.add(root)
        runs[root][id] = key
    return {id: key for root in runs.keys() - kept for id, key in runs[root].items()}
