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
from heirloom.cli.text import block, line
from heirloom.engine.commands import command
from heirloom.errors import StoreError
from heirloom.records.executions import Read
from heirloom.records.files import Directory, File
from heirloom.records.refs import parse_query_string
from heirloom.records.versions import ArtifactVersion
from heirloom.session import Session

__all__ = ["publish", "pull", "stores", "text_of"]


def pull(session: Session, args: Namespace) -> Answer:
    """A payload: a small value is shown, anything else becomes a file or directory.

    Files and directories are copied as they were given; other payloads as they are stored,
    so that nothing of them runs.
    """
    version = session.get(args.ref)
    with command(session.runner, "pull"):
        return _pulled(session, version, args.to)


def _pulled(session: Session, version: ArtifactVersion, to: str | None) -> Answer:
    told = document(version)
    if version.payload.inline and version.payload.link is None:
        return _value(session, version, to, told)
    if version.format in {"file", "directory", "link"}:
        copied = session.pull(version, to=to or Path.cwd())
        return Answer(told | {"path": copied.path}, line(copied.path))
    target = _stored(session, version, Path(to or f"{_word(version)}.{version.format}"))
    return Answer(told | {"path": str(target)}, line(target))


def _value(session: Session, version: ArtifactVersion, to: str | None, told: Any) -> Answer:
    if to is None:
        return Answer(told | {"value": version.payload.value}, block(_text(session, version)))
    try:
        with _fresh(Path(to)).open(
            "x", encoding="utf-8"
        ) as out:  # what cannot be written is no read
            out.write(_text(session, version))
    except OSError as error:
        raise _unwritten(to, error) from error
    return Answer(told | {"path": to}, line(to))


def _text(session: Session, version: ArtifactVersion) -> str:
    value = session.pull(version)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)


def _stored(session: Session, version: ArtifactVersion, target: Path) -> Path:
    """The verified bytes of a payload at `target`, as the store has them; a read."""
    if version.digest is None:
        msg = f"{version.label} was recorded without payload."
        raise StoreError(msg)
    target = target / f"{_word(version)}.{version.format}" if target.is_dir() else target
    with session.payloads.stores.holding(version.payload).open(version.digest) as source:
        try:
            with _fresh(target).open("xb") as out:
                shutil.copyfileobj(source, out)
        except OSError as error:
            raise _unwritten(str(target), error) from error
    session.pulls.read(Read(version.ref, "", "read"))
    return target


def _word(version: ArtifactVersion) -> str:
    return version.name.rpartition("/")[2]


def _unwritten(target: str, error: OSError) -> StoreError:
    if isinstance(error, StoreError):
        return error
    return StoreError(f"Cannot write {target!r}: {error.strerror}.", uri=target)


def _fresh(target: Path) -> Path:
    if target.exists():
        msg = f"{str(target)!r} exists; nothing was overwritten."
        raise StoreError(msg, uri=str(target))
    return target


def publish(session: Session, args: Namespace) -> Answer:
    """A file or directory as the next version of an artifact."""
    if args.force and not args.link:
        session.payloads.store.allow_large()
    kind = Directory if Path(args.file).is_dir() else File
    card = text_of(args.card) if args.card else None
    with command(session.runner, "publish"):
        version = session.publish(
            kind(args.file, link=args.link),
            parse_query_string(args.ref),
            card,
            kind=args.kind,
            draft=args.draft,
            allow_shared=args.allow_shared,
        )
    return Answer(document(version), line(version.label))


def stores(session: Session, args: Namespace) -> Answer:
    """The home's stores; with an id and a place, where that one lies now."""
    if args.place is not None:
        session.stores.move(args.id, args.place)
    found = session.stores.all() if args.id is None else [session.stores.named(args.id)]
    told = [{"id": each.id, "place": each.url} for each in found]
    return Answer({"stores": told}, "\n".join(line(f"{each.id}  {each.url}") for each in found))


def text_of(path: str) -> str:
    """The text of a card's file; of standard input for ``-``.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        msg = f"The card {path!r} cannot be read: {error}."
        raise StoreError(msg, uri=path) from error
