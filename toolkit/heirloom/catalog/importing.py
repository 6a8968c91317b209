"""An export taken into a home: into an empty one as it is, into another as a new project."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from heirloom.catalog.archive import Archive
from heirloom.catalog.arriving import Unfit, arrived, keys_of
from heirloom.catalog.exported import Exported, refused
from heirloom.catalog.journal import Op
from heirloom.catalog.limits import check_table, encode
from heirloom.catalog.place import Home
from heirloom.catalog.renaming import Renaming
from heirloom.catalog.snapshot import Snapshot, snapshot
from heirloom.catalog.tables import OWN
from heirloom.catalog.tail import emission_key
from heirloom.durable import sync_directory
from heirloom.errors import InputError
from heirloom.records.names import check_project, fold
from heirloom.rights import make_directory

__all__ = ["import_export"]

_TOGETHER = 1000
_LARGEST = 128 << 20
"""Bytes of an export that one transaction takes, which memory holds whole."""
_ONCE = {"code": "digest", "stores": "id"}
"""Tables of no project, and the field by which a document is there already."""
_COLUMN = {"code": "digest", "stores": "key"}


def import_export(
    path: Path,
    home: Path,
    project: str | None = None,
    *,
    carried: bool = False,
    allow_network: bool = False,
) -> Mapping[str, int]:
    """Take an export into a home; how many documents of each table came.

    The export is first made into a catalog aside, where every document is checked; only a
    whole one reaches the home, at once: an empty home takes that catalog's journal for its own,
    with the ids that documents had; another takes one transaction. Interrupted at any moment, it
    was done or was not.

    Args:
        path: What `export` wrote, or TinyDB from it.
        home: The directory, made if it is not there.
        project: The name of the project that an export of one project becomes; of an export of
            several, each becomes ``project.OLD``. Then executions have new ids, so that the same
            export can come twice, and tables of the user's own stay behind. `None` to take it as
            it is, which only an empty home does.
        carried: The payloads were put into the home's own store; else each is where its record
            says that it is.
        allow_network: Write also on a network file system.

    Raises:
        CatalogError: It is no export, holds what no catalog does, the home is not empty, or the
            project is there. Nothing was imported.
        FormatTooNew: A later Heirloom wrote it.
        CatalogUnavailable: The home or the export cannot be used.
    """
    if project is not None:
        check_project(project)
    place = Home(home, allow_network=allow_network)
    with _beside(place) as aside:
        counts = _gather(path, aside, project, carried)
        if project is None:
            _move_in(path, aside, place)
        else:
            _append(path, aside, place)
    return counts


@contextmanager
def _beside(place: Home) -> Iterator[Home]:
    """A home inside the home, in the same file system and with the same rights, for a while."""
    for left in place.path.glob("import-*"):
        if not _alive(left.name):
            shutil.rmtree(left, ignore_errors=True)
    room = place.path / f"import-{os.getpid()}"
    shutil.rmtree(room, ignore_errors=True)
    try:
        make_directory(room)
        yield Home(room, allow_network=True)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _alive(name: str) -> bool:
    """Whether the process of that room is there, be it another user's."""
    try:
        os.kill(int(name.partition("-")[2]), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    return True


# ------------------------------------------------------------------ into a catalog aside


def _gather(path: Path, aside: Home, project: str | None, carried: bool) -> Mapping[str, int]:
    """Everything that arrives, checked, in a journal of its own with its index."""
    renaming = Renaming(_projects(path, project)) if project is not None else None
    counts: Counter[str] = Counter()
    with closing(Archive(aside, sync="none")) as archive:
        ops: list[Op] = []
        for table, id, doc in _arriving(path, carried):
            if renaming is not None:
                if table not in OWN:
                    continue
                doc = renaming.doc(table, doc)
            counts[table] += 1
            ops.append(("i", table, id, _encoded(path, table, id, doc)))
            if len(ops) == _TOGETHER:
                _put(archive, ops)
                ops = []
        if ops:
            _put(archive, ops)
        archive.reading(lambda: None)  # every document is one that the index takes
        archive.journal.promise()()
    return counts


def _put(archive: Archive, ops: list[Op]) -> None:
    archive.alone(lambda: archive.append(ops))


def _projects(path: Path, project: str) -> Mapping[str, str]:
    """What each project of the export is to be called."""
    owned = (
        doc for table, _, doc in _arriving(path, carried=True) if table in OWN and table != "code"
    )
    found = {doc["project"]: None for doc in owned}
    if len(found) == 1:
        return dict.fromkeys(found, project)
    return {old: check_project(f"{project}.{old}") for old in found}


def _arriving(path: Path, carried: bool) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Each document as it arrives; every key belongs to one, and every id of a table."""
    keys: set[tuple[str, Hashable]] = set()
    for table, id, doc in Exported(path):
        try:
            check_table(table)
            found = arrived(table, doc, carried=carried)
        except (Unfit, InputError) as error:
            raise refused(
                path, f"has in {table!r:.80} under {id} no such record: {error}"
            ) from error
        if found is None:
            continue
        for key in (("id", id), *keys_of(table, found)):
            if (table, key) in keys:
                raise refused(path, f"has in {table!r:.80} {key!r:.120} twice")
            keys.add((table, key))
        yield table, id, found


def _encoded(path: Path, table: str, id: int, doc: Mapping[str, Any]) -> bytes:
    try:
        return encode(table, doc)
    except InputError as error:
        raise refused(path, f"cannot be taken: {table} {id}: {str(error).rstrip('.')}") from error


# ------------------------------------------------------------------ into the home


def _move_in(path: Path, aside: Home, place: Home) -> None:
    """Let the home have that catalog's journal, if it has none or nothing in it."""
    lock = place.lock("journal")
    if lock is None:
        raise AssertionError("a home to write in has a lock")
    with closing(lock), lock:
        if place.journal.exists() and not _is_empty(place):
            raise refused(path, f"finds a catalog in {place.path}; give it a --project there")
        for name in ("locks/journal.synced", "journal.jsonl"):
            (aside.path / name).replace(place.path / name)
        sync_directory(place.locks)
        sync_directory(place.path)


def _is_empty(place: Home) -> bool:
    """Whether the journal has nothing behind its header."""
    with place.journal.open("rb") as journal:
        return len(journal.readlines(3 * 1_000_000)) <= 1


def _append(path: Path, aside: Home, place: Home) -> None:
    """Add that catalog's documents in one transaction, under new ids."""
    size = aside.journal.stat().st_size
    if size > _LARGEST:
        why = f"is too large for a home in use ({size:,} bytes): import it into an empty one"
        raise refused(path, why)
    with (
        closing(Archive(aside, sync="none")) as source,
        closing(Archive(place, sync="group")) as archive,
        snapshot(source) as whole,
    ):
        archive.reading(lambda: None)
        archive.mending(lambda: archive.alone(lambda: _add(archive, whole, path)))
        archive.journal.promise()()


def _add(archive: Archive, whole: Snapshot, path: Path) -> None:
    """Append every document under an id of its own; alone with the journal."""
    ops, keys = list[Op](), list[tuple[str, str]]()
    numbers: dict[tuple[str, str], int] = {}
    projects: set[str] = set()
    for table in whole.tables:
        id = archive.next_id(table)
        for line in whole.lines(table):
            doc = line.doc
            if table in _ONCE:
                if _is_there(archive, table, doc[_ONCE[table]]):
                    continue
            elif doc["project"] not in projects:
                projects.add(doc["project"])
                _check_new(archive, path, doc["project"])
            ops.append(("i", table, id, bytes(line.body)))
            id += 1
            if table == "versions":
                name = (doc["project"], fold(doc["name"]))
                numbers[name] = max(numbers.get(name, 0), doc["version"])
                keys.append((table, emission_key(doc)))
            elif table == "executions":
                keys.append((table, doc["id"]))
    if ops:
        archive.append(ops, numbers, keys)


def _check_new(archive: Archive, path: Path, project: str) -> None:
    ask = archive.index.connection().execute
    there = any(line.doc.get("project") == project for line in archive.tail.lines) or any(
        ask(f"SELECT 1 FROM {table} WHERE project=? LIMIT 1", (project,)).fetchone()
        for table in ("names", "executions", "plans")
    )
    if there:
        raise refused(path, f"finds the project {project!r} there already; choose another")


def _is_there(archive: Archive, table: str, key: str) -> bool:
    if archive.tail.find(table, key) is not None:
        return True
    ask = archive.index.connection().execute
    row = ask(f"SELECT 1 FROM {table} WHERE {_COLUMN[table]}=?", (key,)).fetchone()
    return row is not None
