"""Taking values out of the journal, for good: what goes, and the new journal without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom.catalog.archive import Archive
from heirloom.catalog.copies import Copies
from heirloom.catalog.identity import identity
from heirloom.catalog.limits import encode
from heirloom.catalog.line import Line
from heirloom.catalog.rewriting import Deed, Entry, rewrite, told
from heirloom.catalog.tables import OWN, Doc
from heirloom.errors import InputError
from heirloom.records.redactions import Redaction

__all__ = ["Redacted", "redact"]

_WORDS = ("by", "why")
_WHAT = "Reading the journal for what is to go"


@dataclass(frozen=True, slots=True)
class Redacted:
    """What went, or would go.

    Attributes:
        places: By table, in how many values it stood; empty where only copies held it.
        records: Table and id of each document that held it.
        files: Files beside the journal that held it, and in which it is blank now.
        deeds: In how many reasons of earlier redactions, purges and salvages it stood.
    """

    places: Mapping[str, int]
    records: tuple[tuple[str, int], ...]
    files: tuple[str, ...] = ()
    deeds: int = 0


def redact(
    archive: Archive,
    what: Redaction,
    by: str,
    why: str,
    *,
    dry_run: bool = False,
) -> Redacted:
    """Put a mark in the place of a value, in every line that ever held it.

    The lines that held it are blanked in the old file too, whoever has that open; a copy of
    them that was kept beside the journal is blanked. The header of the new journal says who
    did it, when, why and in how many places, and nothing of the value. What a redaction that
    was killed left to blank, the next one blanks, whatever the journal holds by then.

    Args:
        archive: Open for writing.
        what: What goes.
        by: Who does it.
        why: In their words.
        dry_run: Only say what would go.

    Raises:
        InputError: It is part of what other records name (a name, an id, a ref), or of what is
            kept of this deed; or it is nowhere. Nothing was changed.
        CatalogUnavailable: The disk took it not; the old journal stands.
    """
    for kept, text in (("The reason", why), ("The name of who does it", by)):
        if any(needle in text.encode() for needle in what.needles):
            msg = f"{kept} holds what is to be redacted, and it is kept; give another."
            raise InputError(msg)
    copies = Copies(archive.home, what.needles)
    work = _Redacting(archive, what, by, why, copies)
    try:
        if dry_run:
            archive.alone(work.find)
        else:
            rewrite(archive, work.begin, work.entries, work.blank)
    except _Nowhere:
        files = copies.holding() if dry_run else archive.alone(copies.blank)
        if not files:
            raise
        return work.found(files)
    except BaseException:
        copies.let_go()
        raise
    return work.found(copies.holding() if dry_run else work.files)


class _Nowhere(InputError):
    """The journal does not hold it."""


class _Redacting:
    """One redaction, from finding to blanking."""

    def __init__(
        self, archive: Archive, what: Redaction, by: str, why: str, copies: Copies
    ) -> None:
        self._archive = archive
        self._copies = copies
        self.files: tuple[str, ...] = ()
        self._what = what
        self._by = by
        self._why = why
        self._places: Counter[str] = Counter()
        self._deeds = 0
        self._records: dict[tuple[str, int], None] = {}
        self._lines: dict[int, int] = {}

    def found(self, files: tuple[str, ...]) -> Redacted:
        """What the result says."""
        return Redacted(dict(self._places), tuple(self._records), files, self._deeds)

    def find(self) -> tuple[Deed, dict[str, Any]]:
        """Look through the whole journal; inside `alone`.

        Raises:
            InputError: It is nowhere, or where it cannot be taken out.
        """
        for transaction in self._transactions():
            for line in transaction:
                places = self._change(line)[1]
                if places:
                    self._places[line.table] += places
                    self._records[line.table, line.id] = None
                    self._lines[line.at] = line.size
        history = self._history()
        if not self._lines:
            msg = f"The journal does not hold {self._what}; nothing was changed."
            raise _Nowhere(msg)
        places = self._places.total() + self._deeds
        deed = Deed(
            "redact", self._by, self._why, {"places": places, "records": len(self._records)}
        )
        header = self._archive.journal.header.doc
        return deed, {"next": header.get("next", {}), "history": history}

    def _history(self) -> list[Doc]:
        """Earlier deeds, without it in what people said of them."""
        header = self._archive.journal.header
        history: list[Doc] = header.doc.get("history", [])
        if not self._what.may_be_in(header.table, bytes(header.body)):
            return history
        clean = list[Doc]()
        for entry in history:
            words = {key: entry[key] for key in _WORDS if key in entry}
            found, places = self._what.taken_from(header.table, words)
            clean.append({**entry, **found})
            if places:
                self._deeds += places
                self._lines[header.at] = header.size
        return clean

    def begin(self) -> tuple[Deed, dict[str, Any]]:
        """`find`; from here on, who is killed leaves the old file by a name to find it."""
        found = self.find()
        self._copies.keep()
        return found

    def entries(self) -> Iterator[list[Entry]]:
        """Every line, those that held it without it."""
        for transaction in self._transactions():
            yield [
                Entry.of(line)._replace(body=self._change(line)[0])
                if line.at in self._lines
                else Entry.of(line)
                for line in transaction
            ]

    def blank(self) -> None:
        """Overwrite the lines in the old file, which others may have open, and the copies."""
        self._archive.journal.blank(self._lines)
        self._copies.replaced.unlink(missing_ok=True)
        self.files = self._copies.blank()

    def _transactions(self) -> Iterator[list[Line]]:
        journal = self._archive.journal
        return told(journal.transactions(), _WHAT, journal.place.at)

    def _change(self, line: Line) -> tuple[bytes | None, int]:
        """The document's text without it, and in how many values it stood."""
        body = bytes(line.body) or None
        if body is None or not self._what.may_be_in(line.table, body):
            return body, 0
        doc, places = self._what.taken_from(line.table, line.doc)
        if places:
            _check_same(line, doc)
            body = encode(line.table, doc)
        return body, places


def _check_same(line: Line, doc: Doc) -> None:
    """Hold that what other records name is as it was.

    Raises:
        InputError: It is not.
    """
    same = identity(line.table, doc)
    if line.table in OWN and (same is None or same != identity(line.table, line.doc)):
        msg = (
            f"Record {line.id} of {line.table!r} has it in a name, an id, a ref or a time, which "
            "other records rely on: that cannot be taken out. Nothing was changed."
        )
        raise InputError(msg, name=line.table)
