"""A catalog as files that other programs read: TinyDB's own JSON, JSON lines."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson

from heirloom.catalog.faults import unavailable
from heirloom.catalog.snapshot import OWN_IN_ORDER, Snapshot
from heirloom.durable import sync_directory
from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.records.clock import now, stamp

__all__ = ["ABOUT", "EXPORT_FORMAT", "fresh_directory", "write_lines", "write_tinydb"]

ABOUT = "heirloom.export"
"""The table of an export that says what it is; it comes first, and no catalog has it."""

EXPORT_FORMAT = 1


def write_tinydb(snapshot: Snapshot, path: Path) -> None:
    """One JSON file that stock TinyDB opens, and that `import` reads; nobody else may read it.

    It is streamed, so that it costs no memory, and is there only when it is whole.

    Raises:
        CatalogUnavailable: It exists already, or the disk refused; nothing was left.
    """
    with _fresh_file(path) as out:
        out.write(b'{%b: {"1": %b}' % (_quoted(ABOUT), orjson.dumps(_about(snapshot))))
        for table in snapshot.tables:
            out.write(b",\n%b: {" % _quoted(table))
            comma = b""
            for line in snapshot.lines(table):
                out.write(b'%b\n"%d": %b' % (comma, line.id, bytes(line.body)))
                comma = b","
            out.write(b"}")
        out.write(b"}\n")


def write_lines(snapshot: Snapshot, directory: Path) -> None:
    """``TABLE.jsonl`` of each table, one document a line, its id as ``_id``.

    Only Heirloom's own tables give a file its name; ``tables.json`` says which table a file
    holds.

    Raises:
        CatalogUnavailable: Something is there already, or the disk refused; nothing was left.
    """
    with fresh_directory(directory) as aside:
        names = {}
        for number, table in enumerate(snapshot.tables):
            name = f"{table}.jsonl" if table in OWN_IN_ORDER else f"table-{number}.jsonl"
            names[name] = table
            with (aside / name).open("wb") as out:
                for line in snapshot.lines(table):
                    rest = bytes(line.body)[1:]
                    comma = b"" if rest == b"}" else b","
                    out.write(b'{"_id":%d%b%b\n' % (line.id, comma, rest))
        about = {**_about(snapshot), "tables": names}
        (aside / "tables.json").write_text(json.dumps(about, indent=1), "utf-8")


def _about(snapshot: Snapshot) -> dict[str, object]:
    return {
        "format": EXPORT_FORMAT,
        "journal": snapshot.journal,
        "commits": snapshot.commits,
        "exported_at": stamp(now()),
    }


def _quoted(text: str) -> bytes:
    return orjson.dumps(text)


@contextmanager
def _fresh_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that stands at `path` when the block ends well, and was never there half."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _refusals(path):
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb", 1 << 20) as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            aside.rename(path)
            sync_directory(path.parent)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def fresh_directory(path: Path) -> Iterator[Path]:
    """A directory that stands at `path` when the block ends well, and was never there half.

    Raises:
        CatalogUnavailable: Something is there already, or the disk refused.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _refusals(path):
        aside.mkdir(mode=0o700)
        try:
            yield aside
            aside.rename(path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    if path.exists():
        msg = f"{path} exists; nothing was overwritten."
        raise CatalogUnavailable(msg, path=str(path))
    try:
        yield
    except CatalogError:
        raise
    except OSError as error:
        raise unavailable(path, "The export cannot be written", error) from error
