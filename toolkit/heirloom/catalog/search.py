"""Pages of versions that a search is true of, and what completion offers."""

from __future__ import annotations

import functools
from itertools import islice
from typing import Any

from heirloom.catalog.archive import Archive
from heirloom.catalog.orders import arranged
from heirloom.catalog.question import IndexBroken, question
from heirloom.catalog.runs import Runs
from heirloom.catalog.search_sets import Finder
from heirloom.catalog.sets import set_of, term
from heirloom.catalog.text import searchable
from heirloom.catalog.versions import COLUMNS, Versions
from heirloom.errors import InputError, VersionNotFound
from heirloom.records.given import given_choice, given_text
from heirloom.records.names import fold
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.search_tree import ORDERS, Node
from heirloom.records.versions import ArtifactVersion

__all__ = ["Search"]

_PROJECT = "default"
_END = "\U0010ffff"
_KEYS = """
    WITH RECURSIVE known (key) AS (
        SELECT min(key) FROM parts UNION ALL
        SELECT (SELECT min(key) FROM parts WHERE key > known.key) FROM known
        WHERE known.key IS NOT NULL
    ) SELECT key FROM known WHERE key IS NOT NULL"""  # a step in an index a key, at any size
_VALUES = """
    WITH RECURSIVE known (value) AS (
        SELECT min(value) FROM parts WHERE key=? AND value >= ? AND value < ? UNION ALL
        SELECT (SELECT min(value) FROM parts WHERE key=? AND value > known.value AND value < ?)
        FROM known WHERE known.value IS NOT NULL
    ) SELECT value FROM known WHERE value IS NOT NULL AND EXISTS (
        SELECT 1 FROM parts WHERE key=? AND value=known.value AND name =
        (SELECT id FROM names WHERE project=? AND folded=?)
    ) LIMIT ?"""  # a step in an index a value, however many versions have it
_LONGEST_CURSOR = 18
_OFFERED = {
    "name": "SELECT name FROM names WHERE project=? AND instr(folded, ?) "
    "ORDER BY instr(folded, ?) > 1, folded LIMIT ?",
    "alias": "SELECT DISTINCT alias FROM aliases a JOIN names n ON n.id=a.name WHERE "
    "n.project=? AND instr(lower(alias), ?) ORDER BY instr(lower(alias), ?) > 1, alias LIMIT ?",
}
_TERMS = (
    "SELECT field, value FROM terms WHERE field IN (?, ?) AND instr(folded, ?) "
    "ORDER BY instr(folded, ?) > 1, folded"
)


class Search(Versions, Runs):
    """Searches the index, which is first brought to the journal's end."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive)
        self._found: tuple[Any, int] = (None, 0)

    def page(
        self, node: Node, *, project: str | None, limit: int, cursor: str | None, order: str
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        """One page, the next one's cursor, and the number of all.

        Raises:
            InputError: `cursor` is none that a page gave, `limit` is below 0, or there is no
                such order.
        """
        if limit < 0:
            msg = f"A page's limit is a whole number from 0; got {limit}."
            raise InputError(msg, name="limit", given=str(limit))
        after, order = _after(cursor), given_choice(order, "order", ORDERS)
        return self._ask(lambda: self._page(node, project, limit, after, order))

    def _page(
        self, node: Node, project: str | None, limit: int, after: int | None, order: str
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        every = self._every(node, project)
        with question():
            db = self._archive.index.connection()
            ids = list(islice(arranged(db, every, order, after), limit + 1))
        found = [self._of_id(id) for id in ids[:limit]]
        cursor = str(ids[limit - 1]) if len(ids) > limit and limit else None
        return found, cursor, every.bit_count()

    def _every(self, node: Node, project: str | None) -> int:
        """The set of all that `node` is true of, kept for the pages that follow."""
        asked = node, project, self._archive.known.as_of
        kept, found = self._found
        if kept != asked:
            related = functools.partial(self._related_to, project)
            with question():
                db = self._archive.index.connection()
                found = Finder(db, related, self._has_text).find(node, project)
            self._found = (asked, found)
        return found

    def _has_text(self, id: int, word: str) -> bool:
        """Whether a version's whole text has `word`, line feeds and all."""
        version = self._of_id(id)
        declared = self.declaration(version.project, version.name)
        maker = self.execution(version.execution_id)
        described = declared.description if declared else ""
        return word in searchable(version, described, maker.name if maker else "")

    def _of_id(self, id: int) -> ArtifactVersion:
        row = self._row(f"SELECT {COLUMNS} FROM versions v WHERE v.id=?", id)
        if row is None:
            msg = f"version {id} is gone"
            raise IndexBroken(msg)
        return self._of_row(row)

    def _related_to(self, project: str | None, text: str, direction: str) -> frozenset[str]:
        """The ancestors or descendants of the version that a ref's text means."""
        query = Query.of(Ref.parse(text)).within(project or _PROJECT)
        if query.number is not None:
            version = self.version(query.project or "", query.name, query.number)
        else:
            version = self.resolve(query)
        if version is None:
            msg = f"No version is {text!r}, which {direction}= asks for."
            raise VersionNotFound(msg, name=text)
        return self.related(version.ref, direction)

    def names(self, prefix: str, project: str | None) -> list[str]:
        """Names that begin with `prefix`, case aside, sorted."""
        low = fold(prefix)
        return self._ask(
            lambda: sorted(
                {
                    str(row[0])
                    for row in self._rows(
                        "SELECT name FROM names WHERE folded >= ? AND folded < ? "
                        "AND project=ifnull(?, project)",
                        *(low, low + _END, project),
                    )
                }
            )
        )

    def values(self, key: str, text: str, project: str, limit: int) -> list[str]:
        """What `key` may be in a search, of what is there: with `text` in it, begun with it first.

        A name, an alias, who or what made a version, or the value of a partition.
        """
        return self._ask(lambda: self._values(key, fold(text), project, limit))

    def _values(self, key: str, text: str, project: str, limit: int) -> list[str]:
        db = self._archive.index.connection()
        if key in _OFFERED:
            return [str(row[0]) for row in self._rows(_OFFERED[key], project, text, text, limit)]
        fields = ("by", "maker") if key == "by" else (f"part:{key}",)
        with question():
            among = set_of(db, [term("project", project)])
            rows = db.execute(_TERMS, (fields[0], fields[-1], text, text)).fetchall()
            there = (value for field, value in rows if set_of(db, [term(field, value)]) & among)
            found: dict[str, None] = {}  # a user and a maker may be of one name
            while len(found) < limit and (value := next(there, None)) is not None:
                found[value] = None
            return list(found)

    def partition_keys(self) -> list[str]:
        """The partition keys that versions of any project have had, sorted."""
        return self._ask(lambda: [str(row[0]) for row in self._rows(_KEYS)])

    def type_names(self) -> list[str]:
        """The classes that versions of any project were recorded as, sorted."""
        sql = "SELECT value FROM terms WHERE field='python' ORDER BY value"
        return self._ask(lambda: [str(row[0]) for row in self._rows(sql)])

    def partition_values(
        self, project: str, name: str, key: str, prefix: str, limit: int | None
    ) -> list[str]:
        """The values that a key has had and that begin with `prefix`, sorted; the first ones."""
        end, most = prefix + _END, -1 if limit is None else limit
        asked = key, prefix, end, key, end, key, project, fold(name), most
        return self._ask(lambda: [str(row[0]) for row in self._rows(_VALUES, *asked)])


def _after(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    text = given_text(cursor, "cursor")
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_CURSOR:
        msg = f"{cursor!r:.40} is no cursor; give the one that the page before ended with."
        raise InputError(msg, name="cursor", given=cursor)
    return int(text)
