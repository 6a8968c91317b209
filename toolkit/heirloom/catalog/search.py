"""Pages of versions that a search is true of, and what completion offers."""

from __future__ import annotations

import functools

from heirloom.catalog.archive import Archive
from heirloom.catalog.index import IndexBroken
from heirloom.catalog.runs import Runs
from heirloom.catalog.search_sql import Facts, Related, search_sql
from heirloom.catalog.versions import COLUMNS, Versions
from heirloom.errors import InputError, VersionNotFound
from heirloom.records.names import fold
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.search_tree import Node
from heirloom.records.versions import ArtifactVersion

__all__ = ["Related", "Search"]

_PROJECT = "default"
_NEWEST = 1 << 62
_END = "\U0010ffff"


class Search(Versions, Runs):
    """Searches the index, which is first brought to the journal's end."""

    def __init__(self, archive: Archive, related: Related | None) -> None:
        super().__init__(archive, inside=False)
        self._given = related

    def page(
        self, node: Node, *, project: str | None, limit: int, cursor: str | None
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        """One page, the next one's cursor, and the number of all.

        Raises:
            InputError: `cursor` is none that a page gave.
        """
        before = _before(cursor)
        return self._ask(lambda: self._page(node, project, limit, before))

    def _page(
        self, node: Node, project: str | None, limit: int, before: int
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        related = self._given or functools.partial(self._related_to, project)
        where = search_sql(node, project, Facts(related, self._kinds))
        sql = (
            f"SELECT v.id FROM versions v WHERE {where.text} AND v.id<? ORDER BY v.id DESC LIMIT ?"
        )
        ids = [row[0] for row in self._rows(sql, *where.params, before, limit + 1)]
        found = [self._of_id(id) for id in ids[:limit]]
        if len(ids) > limit or before != _NEWEST:
            count = self._row(f"SELECT count(*) FROM versions v WHERE {where.text}", *where.params)
            total = count[0] if count else 0
        else:
            total = len(ids)
        cursor = str(ids[limit - 1]) if len(ids) > limit and limit else None
        return found, cursor, total

    def _kinds(self, key: str) -> frozenset[str]:
        rows = self._rows("SELECT DISTINCT kind FROM types WHERE key=?", key)
        return frozenset(str(row[0]) for row in rows)

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
                        "AND (?3 IS NULL OR project=?3)",
                        *(low, low + _END, project),
                    )
                }
            )
        )

    def partition_values(self, project: str, name: str, key: str) -> list[str]:
        """The values that a key has had, sorted."""
        return self._ask(
            lambda: [
                str(row[0])
                for row in self._rows(
                    "SELECT DISTINCT value FROM parts WHERE key=? AND name = (SELECT id FROM "
                    "names WHERE project=? AND folded=?) ORDER BY value",
                    *(key, project, fold(name)),
                )
            ]
        )


def _before(cursor: str | None) -> int:
    if cursor is None:
        return _NEWEST
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > 18:
        msg = f"{cursor!r:.40} is no cursor; give the one that the page before ended with."
        raise InputError(msg, name="cursor", given=cursor)
    return int(cursor)
