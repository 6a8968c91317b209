"""What a handle knows of the newest things without asking the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from heirloom.catalog.line import Line
from heirloom.catalog.tail import emission_key
from heirloom.records.names import fold

__all__ = ["Known"]


class Known:
    """Kept up from the lines that the handle reads and writes.

    Attributes:
        numbers: The newest version by project and folded name, as far as it is known.
        next_ids: The first id of a table that was never used, as far as it is known.
        highest: The greatest emission key and execution id, under ``versions`` and
            ``executions``, as far as they are known: what is greater exists nowhere.
        switched: Grows whenever a plan or a switch was written.
        listeners: Who listens to what, with the `switched` for which it holds.
        names: Row id and widest partition set by project and folded name, each with the
            number of the next line for which it holds.
    """

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}
        self.next_ids: dict[str, int] = {}
        self.highest: dict[str, str] = {}
        self.switched = 0
        self.listeners: tuple[int, Any] = (-1, {})
        self.names: dict[tuple[str, str], tuple[int, int, int]] = {}

    def forget(self) -> None:
        """Know nothing, as of a journal that was not read."""
        self.numbers.clear()
        self.next_ids.clear()
        self.highest.clear()
        self.names.clear()
        self.switched += 1

    def learn(self, lines: Iterable[Line]) -> None:
        """Take in what others committed."""
        for line in lines:
            self._place(line)
            if line.table == "versions":
                doc = line.doc
                self.numbers[doc["project"], fold(doc["name"])] = doc["version"]
                self._raise("versions", emission_key(doc))
            elif line.table == "executions":
                self._raise("executions", line.doc["id"])

    def learn_own(
        self,
        lines: Iterable[Line],
        numbers: Mapping[tuple[str, str], int],
        highest: Iterable[tuple[str, str]],
    ) -> None:
        """Take in what this handle committed, without parsing it again."""
        for line in lines:
            self._place(line)
        self.numbers.update(numbers)
        for table, key in highest:
            self._raise(table, key)

    def _place(self, line: Line) -> None:
        if line.table in self.next_ids:
            self.next_ids[line.table] = max(self.next_ids[line.table], line.id + 1)
        if line.table in {"plans", "switches"}:
            self.switched += 1

    def _raise(self, table: str, key: str) -> None:
        if key > self.highest.get(table, key):
            self.highest[table] = key
