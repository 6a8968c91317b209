"""Verbs that keep a home in order: verify, salvage, redact, purge."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from heirloom.catalog.comparing import differences
from heirloom.catalog.purging import Purged
from heirloom.catalog.redacting import Redacted
from heirloom.catalog.salvage import Salvaged, salvage
from heirloom.catalog.verify import Report, verify
from heirloom.cli.answer import Answer
from heirloom.cli.text import line
from heirloom.engine.checking import check_payloads, payloads_with
from heirloom.errors import InputError
from heirloom.opening import connect
from heirloom.records.clock import now
from heirloom.records.redactions import OfExecution, OfVersion, Redaction, Text
from heirloom.render import counted
from heirloom.session import Session
from heirloom.settings import Settings

__all__ = ["check", "purge", "redact", "rescue"]

_INDEX = {
    "current": "is at its end",
    "behind": "is behind and will catch up",
    "none": "is not there and will be made",
    "broken": "is not this journal's and will be made anew",
}


def check(args: Namespace) -> Answer:
    """Whether home and store are what was written: quickly, in full, with every payload."""
    home = Settings.read(args.home).home
    report = verify(home, quick=not args.full, anchor=args.anchor)
    problems = [*report.problems, *report.dangling]
    if args.full and report.ok:
        problems += differences(home)
    if args.payloads and report.ok:
        session = connect(args.home, read_only=True)
        rate = args.rate * 1e6 if args.rate else None
        problems += check_payloads(session.journaled, session.stores, rate=rate)
    told = {
        "ok": not problems,
        "problems": problems,
        "offset": report.offset,
        "anchor": report.anchor,
        "index": report.index,
        "lines": report.lines,
        "transactions": report.transactions,
        "documents": dict(report.documents),
    }
    text = "\n".join(map(line, problems)) or _well(report, args)
    return Answer(told, text, 1 if problems else 0)


def _well(report: Report, args: Namespace) -> str:
    if not args.full:
        how = "its end and the index" if report.index != "none" else "every line"
        more = "" if args.payloads else "; --full reads every line, --payloads every payload"
        return f"Nothing is wrong with the journal's header, {how}{more}."
    also = " Every payload is what was recorded." if args.payloads else ""
    documents = report.documents.total()
    return (
        f"The journal is whole: {counted(report.lines, 'line')}, "
        f"{counted(report.transactions, 'transaction')}, {counted(documents, 'document')}; "
        f"the index {_INDEX[report.index]}.{also}\nanchor {report.anchor}"
    )


def rescue(args: Namespace) -> Answer:
    """Everything of a damaged journal that is intact, in a whole one; the rest kept aside."""
    settings = Settings.read(args.home)
    found = salvage(settings.home, settings.user, dry_run=args.dry_run)
    told = asdict(found) | {"damage": [each._asdict() for each in found.damage]}
    return Answer(told, "\n".join(_rescued(found, dry_run=args.dry_run)))


def _rescued(found: Salvaged, *, dry_run: bool) -> list[str]:
    came = "would come back" if dry_run else "came back"
    whole = counted(found.transactions, "transaction")
    lines = [f"{whole} of {counted(found.lines, 'line')} {came}."]
    for each in found.damage:
        lines.append(
            f"bytes {each.at} to {each.end}: {each.why}; {counted(each.lines, 'line')} lost"
        )
    if found.missing:
        lines.append(f"{found.missing} bytes are gone from the end that were on the disk")
    lines += [f"lost: {ref}" for ref in found.lost_versions]
    lines += [f"lost: execution {id}" for id in found.lost_executions]
    if found.quarantine is not None:
        lines.append(f"The damaged bytes are kept in {found.quarantine}.")
    return list(map(line, lines))


def redact(session: Session, args: Namespace) -> Answer:
    """A value taken out of the journal, for good."""
    what = _what(session, args)
    found = session.journaled.redact(what, session.user, args.why, dry_run=args.dry_run)
    stored: list[str] = []
    if what.needles:
        stored += payloads_with(session.journaled, session.stores, what.needles)
    told = {
        "places": found.places,
        "records": found.records,
        "deeds": found.deeds,
        "files": found.files,
        "payloads": stored,
    }
    return Answer(told, "\n".join(_redacted(found, stored, args.dry_run)))


def _what(session: Session, args: Namespace) -> Redaction:
    given = [args.value is not None, args.execution is not None, args.ref is not None]
    if given.count(True) != 1 or (args.execution is None) != (args.parameter is None):
        msg = "Give one of --value TEXT, --execution ID --parameter NAME, and REF --part PART."
        raise InputError(msg)
    if args.value is not None:
        return Text(_secret() if args.value == "-" else args.value)
    if args.execution is not None:
        return OfExecution(session.execution(args.execution).id, args.parameter)
    version = session.get(args.ref)
    return OfVersion(version.project, version.name, version.version, args.part)


def _secret() -> str:
    """The text from standard input, without its last line feed; a terminal does not show it."""
    if sys.stdin.isatty():
        return getpass.getpass("text to redact: ")
    return sys.stdin.read().removesuffix("\n")


def _redacted(found: Redacted, stored: Sequence[str], dry_run: bool) -> list[str]:
    lines = []
    would = "would be redacted" if dry_run else "redacted"
    for table, count in found.places.items():
        ids = [str(id) for name, id in found.records if name == table]
        where = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        lines.append(f"{counted(count, 'place')} {would} in {table} (records {where})")
    if found.deeds:
        where = "what was said of earlier redactions, purges or salvages"
        lines.append(f"{counted(found.deeds, 'place')} {would} in {where}")
    if "code" in found.places:
        lines.append("Code that held it can no longer be run by a plan: register it anew.")
    blanked = "would be blanked" if dry_run else "blanked"
    lines += [f"{blanked} in {path}" for path in found.files]
    lines += [f"{each} Nothing was changed there." for each in stored]
    return list(map(line, lines))


def purge(session: Session, args: Namespace) -> Answer:
    """The journal without what nothing needs any more."""
    before = None if args.runs is None else now() - timedelta(days=args.runs)
    found = session.journaled.purge(session.user, before, dry_run=args.dry_run)
    return Answer(asdict(found), line(_purged(found, args.dry_run)))


def _purged(found: Purged, dry_run: bool) -> str:
    would = "would go" if dry_run else "went"
    after = "" if found.size_after is None else f", now {found.size_after:,}"
    return (
        f"{counted(found.lines, 'line')} {would}, "
        f"the records of {counted(len(found.executions), 'execution')} among them; "
        f"the journal had {found.size:,} bytes{after}."
    )
