"""Verbs that carry a catalog from home to home: export and import."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from heirloom.catalog.export import write_lines, write_tinydb
from heirloom.catalog.exported import Exported
from heirloom.catalog.importing import import_export
from heirloom.catalog.parquet import write_parquet
from heirloom.catalog.snapshot import Snapshot
from heirloom.cli.answer import Answer
from heirloom.cli.text import line
from heirloom.engine.travelling import Travelled, travel
from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.opening import connect
from heirloom.session import Session
from heirloom.settings import Settings
from heirloom.store import open_store

__all__ = ["carry_in", "carry_out"]


def carry_out(session: Session, args: Namespace) -> Answer:
    """The catalog at one moment, as a file of TinyDB's, JSON lines or Parquet."""
    if args.file is None and args.lines is None and args.parquet is None:
        msg = "Say what to write: a FILE, --lines DIR or --parquet DIR."
        raise CatalogError(msg)
    if args.payloads and args.file is None:
        msg = "--payloads go beside the FILE of an export that can be imported; give one."
        raise CatalogError(msg)
    said: list[str] = []
    with session.journaled.snapshot() as snapshot:
        if args.file is not None:
            if args.payloads:
                said.append(_payloads_out(session, snapshot, Path(args.file)))
            write_tinydb(snapshot, Path(args.file))
        if args.lines is not None:
            write_lines(snapshot, Path(args.lines))
        if args.parquet is not None:
            write_parquet(snapshot, Path(args.parquet))
        counts = dict(snapshot.counts())
    written = [where for where in (args.file, args.lines, args.parquet) if where is not None]
    told = {"written": written, "documents": counts}
    total = f"{sum(counts.values())} documents, {counts['versions']} of them versions"
    return Answer(told, "\n".join(map(line, [f"{', '.join(written)}: {total}", *said])))


def _payloads_out(session: Session, snapshot: Snapshot, file: Path) -> str:
    beside = _beside(file)
    if file.exists() or beside.exists():
        msg = f"{file if file.exists() else beside} exists; nothing was overwritten."
        raise CatalogUnavailable(msg, path=str(file))
    docs = (each.doc for table in snapshot.tables for each in snapshot.lines(table))
    return _said(travel(docs, session.payloads.stores.with_digest, open_store(str(beside))), beside)


def carry_in(args: Namespace) -> Answer:
    """An export in this home: as it is in an empty one, else as a new project."""
    settings, file = Settings.read(args.home), Path(args.export)
    said: list[str] = []
    carried = _beside(file).exists()
    if carried:
        docs = (doc for _, _, doc in Exported(file))
        came, ours = open_store(str(_beside(file))), settings.home / "store"
        said.append(_said(travel(docs, lambda digest: came, open_store(str(ours))), ours))
    counts = import_export(
        file, settings.home, args.project, carried=carried, allow_network=settings.network
    )
    connect(settings.home)
    lines = [
        f"{sum(counts.values())} documents, {counts.get('versions', 0)} of them versions",
        *said,
    ]
    if counts.get("plans"):
        lines.append("plans arrived switched off: heirloom plans; heirloom approve, heirloom on")
    return Answer({"documents": dict(counts)}, "\n".join(map(line, lines)))


def _beside(file: Path) -> Path:
    """Where the payloads of an export are."""
    return file.with_name(f"{file.name}.payloads")


def _said(told: Travelled, where: object) -> str:
    there = f", {told.there} were there" if told.there else ""
    return f"{told.copied} payloads ({told.bytes:,} bytes) copied to {where}{there}"
