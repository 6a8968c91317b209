"""Verbs that say something of a version, from alias to release; and what was said."""

from __future__ import annotations

from argparse import Namespace

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.payloads import text_of
from heirloom.cli.text import line, table, when
from heirloom.records.versions import ArtifactVersion
from heirloom.session import Session

__all__ = ["alias", "annotate", "history", "release", "restore", "yank"]


def alias(session: Session, args: Namespace) -> Answer:
    """Let an alias point at a version from now on."""
    return _told(session.alias(args.ref, args.alias, args.reason))


def annotate(session: Session, args: Namespace) -> Answer:
    """Revise the card of a version, or add a note to it."""
    card = None if args.card is None else text_of(args.card)
    return _told(session.annotate(args.ref, card, args.note))


def yank(session: Session, args: Namespace) -> Answer:
    """Take a version out of latest and of queries."""
    return _told(session.yank(args.ref, args.reason))


def restore(session: Session, args: Namespace) -> Answer:
    """Take a yank back."""
    return _told(session.restore(args.ref, args.reason))


def release(session: Session, args: Namespace) -> Answer:
    """Emit a draft's payload as a new version."""
    return _told(session.release(args.ref))


def _told(version: ArtifactVersion) -> Answer:
    said = [version.label, version.state if version.state != "live" else "", *version.aliases]
    return Answer(document(version), line("  ".join(filter(None, said))))


def history(session: Session, args: Namespace) -> Answer:
    """What was said of a name or a version, oldest first."""
    found = session.history(args.ref)
    rows = [(when(mark.at), mark.by, f"{mark.name}@{mark.version}", mark.words) for mark in found]
    told = [document(mark) for mark in found]
    return Answer(told, table(rows, ("at", "by", "version", "said"), "nothing was said of it"))
