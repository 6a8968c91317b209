"""What every part of a view stands on: rows of the index, documents of the journal."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

from heirloom.catalog.archive import Archive
from heirloom.catalog.question import question
from heirloom.catalog.tables import Doc
from heirloom.catalog.tail import Tail

__all__ = ["Lookup", "asked"]

P = ParamSpec("P")
T = TypeVar("T")
L = TypeVar("L", bound="Lookup")

_NOTHING = Tail()
_AT_ONCE = 64


class Lookup:
    """Asks the index and, inside a commit, the lines that it does not have yet."""

    def __init__(self, archive: Archive, *, inside: bool = False) -> None:
        self._archive = archive
        self._inside = inside
        self._tail = archive.tail if inside else _NOTHING

    def _ask(self, question: Callable[[], T]) -> T:
        return question() if self._inside else self._archive.reading(question)

    def _rows(self, sql: str, *params: Any) -> Iterator[sqlite3.Row | tuple[Any, ...]]:
        """Row by row at first: of many questions only the first answer is wanted."""
        size = 1
        with question():
            cursor = self._archive.index.connection().execute(sql, params)
            rows = cursor.fetchmany(size)
        while rows:
            yield from rows
            size = min(4 * size, _AT_ONCE)
            with question():
                rows = cursor.fetchmany(size)

    def _row(self, sql: str, *params: Any) -> tuple[Any, ...] | None:
        with question():
            row = self._archive.index.connection().execute(sql, params).fetchone()
        found: tuple[Any, ...] | None = row
        return found

    def _doc(self, table: str, id: int, at: int, size: int) -> Doc:
        return self._archive.line(table, id, at, size).doc

    def _one(self, table: str, key: Any, sql: str, *params: Any) -> Doc | None:
        """The document of that key: from the tail, else by `sql` giving id, at, size."""
        line = self._tail.find(table, key)
        if line is not None:
            return line.doc
        row = self._row(f"SELECT id, at, size FROM {table} WHERE {sql}", *params)
        return self._doc(table, *row) if row else None

    def _many(
        self,
        table: str,
        where: str,
        params: tuple[Any, ...],
        holds: Callable[[Doc], bool],
        *,
        newest: bool = False,
        limit: int | None = None,
    ) -> list[Doc]:
        """Documents by the order in which they were first written.

        Args:
            table: One of Heirloom's.
            where: The condition in SQL.
            params: Its parameters.
            holds: The same condition on a document that the index lacks.
            newest: The newest first.
            limit: At most so many.
        """
        fresh = self._tail.rows(table)
        found = [(id, doc) for id, doc in self._tail.docs(table) if holds(doc)]
        order = "DESC" if newest else "ASC"
        sql = f"SELECT id, at, size FROM {table} WHERE {where} ORDER BY id {order}"
        if limit is not None:
            sql += f" LIMIT {limit + len(fresh)}"
        for id, at, size in self._rows(sql, *params):
            if id not in fresh:
                found.append((id, self._doc(table, id, at, size)))
        if fresh:
            found.sort(key=lambda pair: pair[0], reverse=newest)
        return [doc for _, doc in found[:limit]]


def asked(
    method: Callable[Concatenate[L, P], T],
) -> Callable[Concatenate[L, P], T]:
    """A public question: outside a commit it is asked of an index at the journal's end."""

    @functools.wraps(method)
    def ask(self: L, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._ask(lambda: method(self, *args, **kwargs))

    return ask
