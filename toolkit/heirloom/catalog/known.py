"""What a handle knows of the newest things without asking the index."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from heirloom.catalog.line import Line, Place
from heirloom.catalog.tail import emission_key
from heirloom.records.names import fold

__all__ = ["AsOf", "Known"]


class AsOf(NamedTuple):
    """What an answer holds for, or for what came later: kept, it is kept under this.

    Attributes:
        place: The point of the journal at which the index was, or beyond.
        switched: `Known.switched` there.
    """

    place: Place
    switched: int


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
            place for which it holds.
    """

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}
        self.next_ids: dict[str, int] = {}
        self.highest: dict[str, str] = {}
        self.switched = 0
        self.listeners: tuple[int, Any] = (-1, {})
        self.names: dict[tuple[str, str], tuple[Place, int, int]] = {}
        self._here = threading.local()

    @property
    def as_of(self) -> AsOf:
        """What this thread's question is asked as of, wherever other threads have come since."""
        found: AsOf = self._here.as_of
        return found

    def stand(self, place: Place) -> None:
        """Let what this thread asks from now on be as of `place`, to which the index was brought.

        Inside a commit it is the tail that has the rest.
        """
        self._here.as_of = AsOf(place, self.switched)

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
