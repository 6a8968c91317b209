"""A table's documents as they stand: the index's, and inside a commit the tail's over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from heirloom.catalog.archive import Archive
from heirloom.catalog.line import Line
from heirloom.catalog.question import IndexBroken, question
from heirloom.catalog.tables import OWN
from heirloom.catalog.tail import Tail

__all__ = ["HIGHEST_ID", "Rows", "TableView"]

T = TypeVar("T")

HIGHEST_ID = (1 << 63) - 2
_NOTHING = Tail()


class Rows:
    """Documents of one table by id, each read from the journal when it is asked for."""

    def __init__(self, archive: Archive, table: str) -> None:
        self._archive = archive
        self.table = table
        tail = archive.tail if archive.inside else _NOTHING
        self._fresh = tail.rows(table)
        self._cleared = tail.cleared(table)
        self._known = tail.there(table)
        own = table in OWN
        self._source = table if own else "docs"
        self._where = "1" if own else "tab=?"
        self._params: tuple[Any, ...] = () if own else (table,)

    def find(self, id: int) -> dict[str, Any] | None:
        """The document of that id, the caller's own copy."""
        line = self._fresh.get(id)
        if line is None and not self._cleared and 0 <= id <= HIGHEST_ID:
            line = self._ask(lambda: self._stored(id))
        return None if line is None or line.op == "r" else line.copy()

    def items(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every id and document, ids rising."""
        for id, where in sorted(self._ask(self._places).items()):
            line = where if isinstance(where, Line) else self._read(id, *where)
            if line is not None:
                yield id, line.copy()

    def ids(self) -> list[int]:
        """Every id, rising."""
        return sorted(self._ask(self._places))

    def exists(self) -> bool:
        """Whether the table is there, be it empty."""
        return self._ask(self._there) if self._known is None else self._known

    def _ask(self, question: Callable[[], T]) -> T:
        return question() if self._archive.inside else self._archive.reading(question)

    def _there(self) -> bool:
        with question():
            row = (
                self._archive.index.connection()
                .execute("SELECT there FROM tables WHERE name=?", (self.table,))
                .fetchone()
            )
        return bool(row and row[0])

    def _stored(self, id: int) -> Line | None:
        rows = self._select("AND id=?", id)
        return self._archive.line(self.table, *rows[0]) if rows else None

    def _read(self, id: int, at: int, size: int) -> Line | None:
        """The line there; `None` where the document went while the index was made anew."""
        try:
            return self._archive.line(self.table, id, at, size)
        except IndexBroken:
            return self._ask(lambda: self._stored(id))

    def _places(self) -> dict[int, Line | tuple[int, int]]:
        found: dict[int, Line | tuple[int, int]] = {}
        if not self._cleared:
            found = {id: (at, size) for id, at, size in self._select("")}
        for id, line in self._fresh.items():
            if line.op == "r":
                found.pop(id, None)
            else:
                found[id] = line
        return found

    def _select(self, more: str, *params: Any) -> list[tuple[int, int, int]]:
        sql = f"SELECT id, at, size FROM {self._source} WHERE {self._where} {more}"
        with question():
            db = self._archive.index.connection()
            return db.execute(sql, (*self._params, *params)).fetchall()


class TableView(Mapping[str, dict[str, Any]]):
    """A table as TinyDB reads it: ids as strings, every document a private copy."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getitem__(self, key: str) -> dict[str, Any]:
        found = self._rows.find(int(key)) if key.removeprefix("-").isdigit() else None
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return map(str, self._rows.ids())

    def __len__(self) -> int:
        return len(self._rows.ids())

    def items(self) -> Any:
        """Id and document of each."""
        return ((str(id), doc) for id, doc in self._rows.items())
