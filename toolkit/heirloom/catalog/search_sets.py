"""A search as a set of versions, from the sets that the index keeps; exactly `Node.matches`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from heirloom.catalog.lexicon import in_texts, written
from heirloom.catalog.sets import BLOCK, members, set_of, set_of_ids, term
from heirloom.records.clauses import Clause
from heirloom.records.clock import stamp
from heirloom.records.names import fold
from heirloom.records.refs import SCHEME
from heirloom.records.search_tree import (
    AllOf,
    AnyOf,
    Field,
    Negated,
    Node,
    OfTypes,
    Part,
    Word,
    asks_for,
    relations_of,
)

__all__ = ["Finder", "Related"]

Related = Callable[[str, str], frozenset[str]]
_HIDDEN = ("draft", "yanked", "purged")
_FULL = (1 << BLOCK) - 1
_FEW = 2_000
"""So many texts are read sooner than a common word is found."""


class Finder:
    """Finds the versions of one search, in one state of the index."""

    def __init__(
        self, db: sqlite3.Connection, related: Related, has_text: Callable[[int, str], bool]
    ) -> None:
        """Ask that connection.

        Args:
            db: The index.
            related: Full refs of the ancestors (``up``) or descendants (``down``) of a ref.
            has_text: Whether the whole text of a version, by its document's id, has a word.
        """
        self._db = db
        self._related = related
        self._has_text = has_text
        self._every = 0
        self._relatives: dict[tuple[str, str], frozenset[str]] = {}

    def find(self, node: Node, project: str | None) -> int:
        """The set of a project's versions, or of all, that `node` is true of.

        Those whose state is hidden are left out unless the search asks for it. Whatever
        else the search says, a ref whose relatives it asks for must be of a version.
        """
        self._relatives = {each: self._related(*each) for each in relations_of(node)}
        projects = [project] if project is not None else self._values("project")
        self._every = self._set("project", projects)
        hidden = [state for state in _HIDDEN if not asks_for(node, state)]
        return self._every & self._node(node) & ~self._set("state", hidden)

    def _set(self, field: str, values: Iterable[object]) -> int:
        return set_of(self._db, (term(field, value) for value in values))

    def _values(self, field: str) -> list[str]:
        return self._column("SELECT value FROM terms WHERE field=?", field)

    def _column(self, sql: str, *params: Any) -> list[Any]:
        return [row[0] for row in self._db.execute(sql, params)]

    def _node(self, node: Node) -> int:
        match node:
            case AllOf(nodes):
                return self._all(nodes)
            case AnyOf(nodes):
                found = 0
                for part in nodes:
                    found |= self._node(part)
                return found
            case Negated(inner):
                return self._every & ~self._node(inner)
            case OfTypes(names):
                return self._set("python", names)
            case Word(text):
                return self._word(fold(text), self._every)
            case Part(clause):
                return self._part(clause)
            case Field(key, value):
                return self._field(key, value)
        msg = f"A search has no {type(node).__name__}."
        raise TypeError(msg)

    def _all(self, nodes: Sequence[Node]) -> int:
        """Words last, among what the others leave."""
        words = [fold(node.text) for node in nodes if isinstance(node, Word)]
        found = self._every
        for node in nodes:
            if found and not isinstance(node, Word):
                found &= self._node(node)
        for word in words:
            if found:
                found &= self._word(word, found)
        return found

    # ------------------------------------------------------------------ partitions, fields

    def _part(self, clause: Clause) -> int:
        found = self._met(clause)
        return self._every & ~found if clause.negated else found

    def _met(self, clause: Clause) -> int:
        field = f"part:{clause.key}"
        match clause.op:
            case "=" | "in":
                return self._set(field, clause.values)
            case "!=":
                return self._every & ~self._set(field, clause.values)
        values, typed = self._values(field), 0
        plain = Clause(clause.key, clause.op, clause.values)
        found = 0
        for kind in self._values(f"type:{clause.key}"):
            of_kind = self._set(f"type:{clause.key}", [kind])
            typed |= of_kind
            found |= of_kind & self._compared(plain, values, kind)
        return found | (self._compared(plain, values, "str") & ~typed)

    def _compared(self, clause: Clause, values: list[str], kind: str) -> int:
        types = {clause.key: kind}
        return self._set(
            f"part:{clause.key}", (v for v in values if clause.holds({clause.key: v}, types))
        )

    def _field(self, key: str, value: Any) -> int:
        match key:
            case "name":
                return self._named("folded=?", fold(value))
            case "kind":
                return self._set("kind", [value])
            case "by":
                return self._by(fold(value))
            case "since":
                return self._since(stamp(value))
            case "until":
                return self._every & ~self._since(stamp(value))
            case "alias":
                return self._aliased(value)
            case "up" | "down":
                return self._items(self._relatives[value, key])
        if value == "linked":
            return self._set("linked", [""])
        return self._set("kind" if value == "value" else "state", [value])

    def _by(self, who: str) -> int:
        """What a person emitted, or a task or cell of that name made."""
        sql = "SELECT value FROM terms WHERE field='maker' AND folded=?"
        return self._set("by", [who]) | self._set("maker", self._column(sql, who))

    def _named(self, where: str, *params: Any) -> int:
        return self._set("name", self._column(f"SELECT id FROM names WHERE {where}", *params))

    def _since(self, when: str) -> int:
        """Whole blocks where all were made since, and what is in the others one by one."""
        found = 0
        for block, low in self._db.execute("SELECT block, low FROM spans WHERE high>=?", (when,)):
            if low >= when:
                found |= _FULL << block * BLOCK
                continue
            sql = "SELECT id FROM versions WHERE id>=? AND id<? AND created>=?"
            first = block * BLOCK
            found |= set_of_ids(self._column(sql, first, first + BLOCK, when))
        return found

    def _aliased(self, alias: str) -> int:
        sql = (
            "SELECT v.id FROM aliases a JOIN versions v ON v.name=a.name AND v.number=a.number "
            "WHERE a.alias=?"
        )
        return set_of_ids(self._column(sql, alias))

    def _items(self, items: Iterable[str]) -> int:
        """Versions by their full refs; a nameless value is none."""
        numbers: dict[str, list[int]] = {}
        for item in items:
            named, at, number = item.rpartition("@")
            if at and named.startswith(SCHEME) and number.isdigit():
                numbers.setdefault(named.removeprefix(SCHEME), []).append(int(number))
        sql = (
            "SELECT id FROM versions WHERE name=(SELECT id FROM names WHERE project=? AND "
            "folded=?) AND number IN (SELECT value FROM json_each(?))"
        )
        ids: list[int] = []
        for named, some in numbers.items():
            project, _, name = named.partition("/")
            ids += self._column(sql, project, fold(name), orjson.dumps(some).decode())
        return set_of_ids(ids)

    # ------------------------------------------------------------------ text

    def _word(self, word: str, among: int) -> int:
        """The versions among these whose text has `word`."""
        lines = [line for line in word.split("\n") if line]
        if lines == [word]:
            return self._having(word, among)
        found = among
        for line in lines:
            found &= self._having(line, found)
        return set_of_ids(id for id in members(found) if self._has_text(id, word))

    def _having(self, line: str, among: int) -> int:
        """Versions, at least of those among these, that have `line` in any of their fields."""
        found = self._written(line, among)
        for more in (self._named_with, self._made_with, self._parted_with):
            if among & ~found:
                found |= more(line)
        return found

    def _named_with(self, word: str) -> int:
        """Versions with `word` in their name or its description."""
        sql = "SELECT id, instr(folded, ?) OR instr(described, ?) FROM names"
        return self._of_one("name", self._db.execute(sql, (word, word)))

    def _made_with(self, word: str) -> int:
        """Versions with `word` in the name of their maker or of their type."""
        sql = "SELECT value, instr(folded, ?) FROM terms WHERE field=?"
        maker, python = (
            self._of_one(field, self._db.execute(sql, (word, field)))
            for field in ("maker", "python")
        )
        return maker | python

    def _of_one(self, field: str, values: Iterable[tuple[object, int]]) -> int:
        """By a field that each version has once: through the values with the word, or without."""
        sides: tuple[list[object], list[object]] = ([], [])
        for value, has in values:
            sides[bool(has)].append(value)
        without, having = sides
        if len(having) <= len(without):
            return self._set(field, having)
        return self._every & ~self._set(field, without)

    def _parted_with(self, word: str) -> int:
        """Versions with `word` in the value of a partition."""
        sql = "SELECT field, value FROM terms WHERE field LIKE 'part:%' AND instr(folded, ?)"
        keys = [term(field, value) for field, value in self._db.execute(sql, (word,))]
        return set_of(self._db, keys)

    def _written(self, word: str, among: int) -> int:
        """Versions, at least of those among these, whose card, notes or value have `word`."""
        if among.bit_count() <= _FEW:
            return in_texts(self._db, word, among)
        return written(self._db, word, among)
