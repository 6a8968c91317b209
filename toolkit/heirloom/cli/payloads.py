"""Verbs that move payloads: pull and publish."""

from __future__ import annotations

import json
import shutil
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import block, label, line
from heirloom.errors import StoreError
from heirloom.records.executions import Read
from heirloom.records.files import Directory, File
from heirloom.records.refs import parse_query_string
from heirloom.records.versions import ArtifactVersion
from heirloom.session import Session

__all__ = ["publish", "pull"]


def pull(session: Session, args: Namespace) -> Answer:
    """A payload: a small value is shown, anything else becomes a file or directory.

    Files and directories are copied as they were given; other payloads as they are stored,
    so that nothing of them runs.
    """
    version = session.get(args.ref)
    told = document(version)
    if version.payload.inline and version.payload.link is None:
        return _value(session, version, args.to, told)
    if version.format in {"file", "directory", "link"}:
        copied = session.pull(version, to=args.to or Path.cwd())
        return Answer(told | {"path": copied.path}, line(copied.path))
    target = _stored(session, version, Path(args.to or f"{_word(version)}.{version.format}"))
    return Answer(told | {"path": str(target)}, line(target))


def _value(session: Session, version: ArtifactVersion, to: str | None, told: Any) -> Answer:
    value = session.pull(version)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    if to is None:
        return Answer(told | {"value": version.payload.value}, block(text))
    _fresh(Path(to)).write_text(text, "utf-8")
    return Answer(told | {"path": to}, line(to))


def _stored(session: Session, version: ArtifactVersion, target: Path) -> Path:
    """The verified bytes of a payload at `target`, as the store has them; a read."""
    if version.digest is None:
        msg = f"{label(version)} was recorded without payload."
        raise StoreError(msg)
    target = target / f"{_word(version)}.{version.format}" if target.is_dir() else target
    with session.payloads.store.open(version.digest) as source:
        try:
            with _fresh(target).open("xb") as out:
                shutil.copyfileobj(source, out)
        except OSError as error:
            msg = f"Cannot write {str(target)!r}: {error.strerror}."
            raise StoreError(msg, uri=str(target)) from error
    session.pulls.read(Read(version.ref, "", "read"))
    return target


def _word(version: ArtifactVersion) -> str:
    return version.name.rpartition("/")[2]


def _fresh(target: Path) -> Path:
    if target.exists():
        msg = f"{str(target)!r} exists; nothing was overwritten."
        raise StoreError(msg, uri=str(target))
    return target


def publish(session: Session, args: Namespace) -> Answer:
    """A file or directory as the next version of an artifact."""
    kind = Directory if Path(args.file).is_dir() else File
    card = _text(args.card) if args.card else None
    version = session.publish(
        kind(args.file, link=args.link), parse_query_string(args.ref), card, draft=args.draft
    )
    return Answer(document(version), label(version))


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        msg = f"The card {path!r} cannot be read: {error}."
        raise StoreError(msg, uri=path) from error
