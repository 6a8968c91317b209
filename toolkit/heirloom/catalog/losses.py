"""What damage took: versions and executions that other records, or gaps in numbers, tell of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from heirloom.catalog.edges import items_of
from heirloom.catalog.line import Line
from heirloom.catalog.tables import Doc
from heirloom.records.executions import Execution
from heirloom.records.items import made_version, version_item
from heirloom.records.names import fold
from heirloom.records.refs import SCHEME

__all__ = ["Losses"]

_Name = tuple[str, str]
_VERSION = re.compile(rb'"project":"([^"\\]+)","name":"([^"\\]+)","version":(\d{1,9}),"payload":')


class Losses:
    """Learns every intact line, then says what is spoken of and not there."""

    def __init__(self) -> None:
        """Know nothing."""
        self._names: dict[_Name, str] = {}
        self._there: dict[_Name, set[int]] = defaultdict(set)
        self._spoken: dict[_Name, set[int]] = defaultdict(set)
        self._runs: set[str] = set()
        self._spoken_runs: set[str] = set()

    def learn(self, line: Line) -> None:
        """Take in an intact line of a whole transaction."""
        if line.op not in "iu":
            return
        if line.table == "versions":
            self._there[self._name(line.doc)].add(line.doc["version"])
        elif line.table == "executions":
            self._runs.add(line.doc["id"])
        self.hear(line)

    def hear(self, line: Line) -> None:
        """Take in what a line speaks of, be it lost itself."""
        doc = line.doc
        if line.table in {"versions", "marks"}:
            self._spoken[self._name(doc)].add(doc["version"])
        if line.table == "versions":
            self._spoken_runs.add(doc["execution"])
        elif line.table == "ledger":
            self._hear_refs(doc["refs"])
            self._spoken_runs.update(filter(None, [doc["execution"]]))
        elif line.table == "executions":
            self._spoken_runs.update(doc[key] for key in ("id", "parent") if key in doc)
            self._hear_refs(items_of(Execution.from_doc(doc)))

    def guess(self, text: bytes, lines: int) -> None:
        """Take in versions that damaged bytes seem to hold, where the numbers are likely."""
        for project, name, number in _VERSION.findall(text):
            key = (project.decode(errors="replace"), fold(name.decode(errors="replace")))
            newest = max(self._there.get(key, ()), default=0)
            if key in self._there and 0 < int(number) <= newest + lines:
                self._spoken[key].add(int(number))

    def _hear_refs(self, items: Iterable[str]) -> None:
        for item in items:
            if item.startswith(SCHEME):
                project, name, number = made_version(item)
                if number:
                    key = (project, fold(name))
                    self._names.setdefault(key, name)
                    self._spoken[key].add(number)

    def _name(self, doc: Doc) -> _Name:
        key = (doc["project"], fold(doc["name"]))
        self._names[key] = doc["name"]
        return key

    def versions(self) -> Iterator[str]:
        """Full refs of the versions that are lost, by name and number."""
        for key in sorted(self._names):
            there = self._there.get(key, set())
            every = self._spoken[key] | set(range(1, max(there, default=0)))
            for number in sorted(every - there):
                yield version_item(key[0], self._names[key], number)

    def numbers(self) -> list[list[Any]]:
        """Project, folded name and number, where a number beyond the newest was given."""
        return [
            [*key, max(spoken)]
            for key, spoken in sorted(self._spoken.items())
            if spoken and max(spoken) > max(self._there.get(key, ()), default=0)
        ]

    def executions(self) -> list[str]:
        """Ids of the executions that are lost, as far as something speaks of them."""
        return sorted(self._spoken_runs - self._runs)
