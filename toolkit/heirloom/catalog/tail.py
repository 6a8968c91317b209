"""The journal's lines that the index does not have yet, held in memory and looked up there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from heirloom.catalog.line import Line
from heirloom.catalog.tables import Doc, natural_key
from heirloom.records.names import fold

__all__ = ["Tail"]

_Named = tuple[str, str]


class Tail:
    """Lines in commit order, by table, document id and natural key; replaced, never cut.

    They are sorted in when they are first asked for: many a commit asks for none.

    Attributes:
        lines: All of them.
    """

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        """Begin with `lines`."""
        self.lines: list[Line] = []
        self._sorted = 0
        self._cleared: set[str] = set()
        self._there: dict[str, bool] = {}
        self._rows: dict[str, dict[int, Line]] = {}
        self._highest: dict[str, int] = {}
        self._keys: dict[tuple[str, Hashable], Line] = {}
        self._emissions: dict[str, Line] = {}
        self._versions: dict[_Named, list[Line]] = defaultdict(list)
        self._marks: dict[_Named, list[Line]] = defaultdict(list)
        self.extend(lines)

    def extend(self, lines: Iterable[Line]) -> None:
        """Add what was committed after them."""
        self.lines.extend(lines)

    def _sort(self) -> None:
        for line in self.lines[self._sorted :]:
            self._add(line)
        self._sorted = len(self.lines)

    def _add(self, line: Line) -> None:
        rows = self._rows.setdefault(line.table, {})
        self._there[line.table] = line.op != "x"
        if line.op in "cx":
            self._cleared.add(line.table)
            rows.clear()
            return
        if line.op not in "iur":
            return
        self._highest[line.table] = max(self._highest.get(line.table, 0), line.id)
        rows[line.id] = line
        key = natural_key(line.table, line.doc)
        if key is not None:
            self._keys[line.table, key] = line
        if line.table == "versions":
            self._emissions[emission_key(line.doc)] = line
            self._versions[_named(line.doc)].append(line)
        elif line.table == "marks":
            self._marks[_named(line.doc)].append(line)

    def __len__(self) -> int:
        return len(self.lines)

    def find(self, table: str, key: Hashable) -> Line | None:
        """The newest line of one of Heirloom's documents."""
        self._sort()
        return self._keys.get((table, key))

    def emitted(self, emission: str) -> Line | None:
        """The version of that emission key."""
        self._sort()
        return self._emissions.get(emission)

    def versions(self, project: str, folded: str) -> list[Line]:
        """The versions of a name, oldest first."""
        self._sort()
        return self._versions.get((project, folded), [])

    def marks(self, project: str, folded: str) -> list[Line]:
        """The marks on versions of a name, oldest first."""
        self._sort()
        return self._marks.get((project, folded), [])

    def rows(self, table: str) -> dict[int, Line]:
        """The newest line of each document of a table; ``r`` where it was removed."""
        self._sort()
        return self._rows.get(table, {})

    def cleared(self, table: str) -> bool:
        """Whether the table was emptied or dropped in these lines."""
        self._sort()
        return table in self._cleared

    def there(self, table: str) -> bool | None:
        """Whether these lines leave the table there; `None` where none of them is of it."""
        self._sort()
        return self._there.get(table)

    def highest(self, table: str) -> int:
        """The highest id that these lines use in a table; 0 where they use none."""
        self._sort()
        return self._highest.get(table, 0)

    def greatest(self, table: str) -> str:
        """The greatest emission key (``versions``) or execution id; empty where there is none."""
        self._sort()
        if table == "versions":
            return max(self._emissions, default="")
        return max((line.doc["id"] for line in self.rows(table).values()), default="")

    def docs(self, table: str) -> Iterator[tuple[int, Doc]]:
        """Id and document of each one that is there."""
        for id, line in self.rows(table).items():
            if line.op != "r":
                yield id, line.doc


def emission_key(doc: Doc) -> str:
    """The emission key of a version's document."""
    return f"{doc['root']}|{doc['path']}|{doc['output']}"


def _named(doc: Doc) -> _Named:
    return doc["project"], fold(doc["name"])
