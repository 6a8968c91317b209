"""The catalog as a TinyDB: its classes over the journal, by its documented extension points."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document, Table
from tinydb.utils import LRUCache

from heirloom.catalog.archive import Archive
from heirloom.catalog.changes import Changes
from heirloom.catalog.limits import check_table
from heirloom.catalog.question import question
from heirloom.catalog.rows import Rows, TableView
from heirloom.catalog.tables import OWN
from heirloom.errors import NotSupported

__all__ = ["Database", "JournalStorage", "JournalTable"]

T = TypeVar("T")


class JournalStorage(Storage):
    """TinyDB's storage on the journal of a catalog, which owns the files."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Every table whole, ids as strings: what stock TinyDB's file would hold."""
        found = {name: dict(TableView(Rows(self.archive, name)).items()) for name in self.names()}
        return found or None

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Refuse: changes are written document by document.

        Raises:
            NotSupported: Always.
        """
        msg = "The catalog takes no whole database at once; write through its tables."
        raise NotSupported(msg)

    def names(self) -> list[str]:
        """The tables that are there."""

        def ask() -> list[str]:
            with question():
                rows = self.archive.index.connection().execute(
                    "SELECT name FROM tables WHERE there ORDER BY name"
                )
                return [str(row[0]) for row in rows]

        return self.archive.reading(ask)

    def close(self) -> None:
        """Leave the files open: the catalog closes them."""

    def __repr__(self) -> str:
        return f"<JournalStorage {self.archive.home.path}>"


class JournalTable(Table):
    """A table whose writes are one transaction each; Heirloom's own take none.

    Documents are private copies, ids are never used twice, and a query sees what any
    process committed before it.
    """

    _query_cache: LRUCache[QueryLike, Any]  # each result with the position it was asked at

    def __init__(
        self,
        storage: JournalStorage,
        name: str,
        cache_size: int = Table.default_query_cache_capacity,
        persist_empty: bool = False,
    ) -> None:
        self._archive = storage.archive
        self._changes: Changes | None = None
        super().__init__(storage, check_table(name), cache_size)
        if persist_empty:  # TinyDB 4.8.0 does not know it
            self._update_table(lambda _: None)

    # ------------------------------------------------------------------ reading

    def _read_table(self) -> Any:
        return TableView(Rows(self._archive, self.name))

    def search(self, cond: QueryLike) -> list[Document]:
        """Matching documents, the caller's own copies."""
        position = self._archive.refresh()  # other threads move on while we read
        kept = self._query_cache.get(cond)
        if kept is None or kept[0] != position:
            kept = (
                position,
                [
                    self.document_class(doc, self.document_id_class(id))
                    for id, doc in self._read_table().items()
                    if cond(doc)
                ],
            )
            if getattr(cond, "is_cacheable", lambda: True)():
                self._query_cache[cond] = kept
        return copy.deepcopy(kept[1])

    # ------------------------------------------------------------------ writing

    def insert(self, document: Mapping[str, Any]) -> int:
        """Add a document; its id."""
        return self._alone(lambda: Table.insert(self, document))

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Add documents, all or none; their ids."""
        every = list(documents)
        return self._alone(lambda: Table.insert_multiple(self, every))

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update what matches, or insert, in one transaction; the ids."""
        return self._alone(lambda: Table.upsert(self, document, cond))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        self._alone(lambda: updater(self._changes))
        self.clear_cache()

    def _get_next_id(self) -> int:
        if self._changes is None:
            msg = "An id is given only inside a write."
            raise RuntimeError(msg)
        return int(self.document_id_class(self._changes.take_id()))

    def _alone(self, change: Callable[[], T]) -> T:
        """Run `change` as one transaction, or as part of the one that it is called in."""
        if self.name in OWN:
            msg = (
                f"Table {self.name!r} is Heirloom's own and takes no raw writes. "
                "Use its verbs, or a table of your own."
            )
            raise NotSupported(msg)
        if self._changes is not None and self._archive.inside:
            return change()
        return self._archive.mending(lambda: self._transact(change))

    def _transact(self, change: Callable[[], T]) -> T:
        archive = self._archive
        result, kept = archive.alone(lambda: self._write(change))
        if kept is not None:
            kept()
        return result

    def _write(self, change: Callable[[], T]) -> tuple[T, Callable[[], None] | None]:
        """What `change` gives, and what waits for the disk, if it wrote anything."""
        archive = self._archive
        self._changes = Changes(Rows(archive, self.name), archive.next_id(self.name))
        try:
            result = change()
            ops = self._changes.ops()
        finally:
            self._changes = None
        if not ops:
            return result, None
        archive.append(ops)
        return result, archive.promise()


class Database(TinyDB):
    """A catalog's documents as a TinyDB."""

    table_class: type[Table] = JournalTable
    default_storage_class: type[Storage] = JournalStorage  # type: ignore[assignment]  # TinyDB names its own

    def __init__(self, archive: Archive, *, storage: Any = JournalStorage) -> None:
        """Open the database of an archive.

        Raises:
            NotSupported: `storage`, or the class of the tables, is another's: the one would be
                passed by in silence, the other rewrite every table whole on each write.
        """
        if not _is_a(storage, JournalStorage):
            msg = (
                "The catalog's tables write to its journal themselves; middleware or another "
                f"storage ({_name_of(storage)}) would be passed by. Use a TinyDB of its own."
            )
            raise NotSupported(msg)
        if not _is_a(self.table_class, JournalTable):
            msg = (
                "The catalog's storage takes single documents, never whole tables; derive "
                f"{_name_of(self.table_class)} from JournalTable."
            )
            raise NotSupported(msg)
        self._archive = archive
        super().__init__(archive, storage=storage)

    def tables(self) -> set[str]:
        """The names of all tables, Heirloom's that hold something included."""
        return set(JournalStorage(self._archive).names())

    def drop_table(self, name: str) -> None:
        """Drop a table of the user's; there may be none of that name.

        Raises:
            NotSupported: It is one of Heirloom's own.
        """
        if name in OWN:
            msg = f"Table {name!r} is Heirloom's own and is not dropped."
            raise NotSupported(msg)
        self._drop({name})

    def drop_tables(self) -> None:
        """Drop every table of the user's; Heirloom's own stay."""
        self._drop(self.tables() - OWN)

    def _drop(self, names: set[str]) -> None:
        archive = self._archive

        def drop() -> Callable[[], None]:
            there = [name for name in sorted(names) if Rows(archive, name).exists()]
            if there:
                archive.append([("x", name, None, None) for name in there])
            return archive.promise()

        archive.mending(lambda: archive.alone(drop))()
        for name in names:
            self._tables.pop(name, None)


def _is_a(given: Any, kind: type) -> bool:
    return inspect.isclass(given) and issubclass(given, kind)


def _name_of(given: Any) -> str:
    return getattr(given, "__name__", None) or type(given).__name__
