"""What of a journal its present state needs; the rest was overtaken by later lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from heirloom.catalog.ids import Ids
from heirloom.catalog.line import Line
from heirloom.catalog.rewriting import Entry

__all__ = ["Present"]

_Where = tuple[int, int]


class Present:
    """The newest line of each document that has several, and which tables are there.

    A document keeps its id and its place among the others: its newest text stands where it
    was first inserted. Memory is taken by what was changed or removed, hardly by what is there.

    Attributes:
        next_ids: The first id of each table that was never used.
        lines: How many lines were learned.
    """

    def __init__(self, next_ids: dict[str, int]) -> None:
        """Know only which ids an earlier journal had used."""
        self.next_ids = dict(next_ids)
        self.lines = 0
        self._newest: dict[str, dict[int, _Where | None]] = {}
        self._emptied: dict[str, int] = {}
        self._there: dict[str, bool] = {}
        self._live: defaultdict[str, Ids] = defaultdict(Ids)

    @property
    def needed(self) -> int:
        """How many lines the present state takes."""
        empty = [name for name, there in self._there.items() if there and not self._live[name]]
        return sum(map(len, self._live.values())) + len(empty)

    def learn(self, transactions: Iterable[list[Line]]) -> None:
        """Take in every transaction, oldest first."""
        for transaction in transactions:
            self.lines += len(transaction)
            for line in transaction:
                self._learn(line)

    def _learn(self, line: Line) -> None:
        table = line.table
        self._there[table] = line.op != "x"
        if line.op in "cx":
            self._emptied[table] = line.n
            self._newest.pop(table, None)
            self._live[table] = Ids()
        elif line.op in "iur":
            self.next_ids[table] = max(self.next_ids.get(table, 1), line.id + 1)
            if line.op == "r":
                self._live[table].discard(line.id)
            else:  # of an update, a salvage may have lost the insert
                self._live[table].add(line.id)
            newest = self._newest.setdefault(table, {})
            if line.op != "i" or line.id in newest:
                newest[line.id] = None if line.op == "r" else (line.at, line.size)

    def entries(
        self,
        transactions: Iterable[list[Line]],
        read: Callable[[int, int], Line],
        without: Collection[int] = frozenset(),
    ) -> Iterator[list[Entry]]:
        """The same transactions again, of what is needed; once only.

        Args:
            transactions: All that were learned.
            read: Gives the line at a byte, of a size.
            without: Ids of executions that are left out, too.
        """
        empty = {table for table, there in self._there.items() if there}
        for transaction in transactions:
            found = [
                entry
                for line in transaction
                if not (line.table == "executions" and line.id in without)
                and (entry := self._entry(line, read)) is not None
            ]
            empty.difference_update(entry.table for entry in found)
            if found:
                yield found
        for table in sorted(empty):
            yield [Entry("t", table)]

    def _entry(self, line: Line, read: Callable[[int, int], Line]) -> Entry | None:
        """The document of `line` at its newest; `None` where it stands elsewhere or is gone."""
        if line.op not in "iu" or line.n <= self._emptied.get(line.table, -1):
            return None
        newest = self._newest.get(line.table, {})
        if line.id not in newest:
            return Entry.of(line)
        where = newest[line.id]
        if where is None:
            return None
        newest[line.id] = None
        return Entry.of(read(*where))._replace(op="i")
