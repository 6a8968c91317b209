"""Looking up versions and what is declared of their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from heirloom.catalog.apply_versions import conditions_key
from heirloom.catalog.clauses_sql import Sql, clause_sql, joined
from heirloom.catalog.line import Line
from heirloom.catalog.lookup import Lookup, asked
from heirloom.catalog.witnesses import newest_number
from heirloom.records.declarations import Declaration
from heirloom.records.marks import Mark, marked
from heirloom.records.names import fold
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["COLUMNS", "HIGHEST", "Versions"]

COLUMNS = "v.id, v.at, v.size, v.name, v.number, v.marked, v.aliased"
_NAMED = "v.name = (SELECT id FROM names WHERE project=? AND folded=?)"
_LIVE = "v.name=? AND v.state='live'"


HIGHEST = (1 << 63) - 1


class Versions(Lookup):
    """Versions come with the aliases, state, card and notes that their marks leave them."""

    @asked
    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name, however it is spelled."""
        fresh = [
            doc
            for _, doc in self._tail.docs("declarations")
            if (doc["project"], fold(doc["name"])) == (project, fold(name))
        ]
        if fresh:
            return Declaration.from_doc(fresh[-1])
        row = self._row(
            "SELECT id, at, size FROM declarations WHERE name = (SELECT id FROM names "
            "WHERE project=? AND folded=?) ORDER BY number DESC LIMIT 1",
            project,
            fold(name),
        )
        return Declaration.from_doc(self._doc("declarations", *row)) if row else None

    @asked
    def declarations(self, project: str | None = None) -> list[Declaration]:
        """The newest declaration of each name, by project and name."""
        docs = self._many(
            "declarations",
            "name IN (SELECT id FROM names WHERE project=ifnull(?, project))",
            (project,),
            lambda doc: project in (None, doc["project"]),
        )
        newest = {(doc["project"], fold(doc["name"])): doc for doc in docs}
        return [Declaration.from_doc(newest[key]) for key in sorted(newest)]

    @asked
    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, drafts and yanked ones included."""
        return self._version(project, name, number)

    @asked
    def latest_number(self, project: str, name: str) -> int:
        """The newest number of a name, drafts and yanked ones counted; 0 where there is none."""
        return self._newest(project, fold(name))

    @asked
    def aliases(self, project: str, name: str) -> dict[str, int]:
        """Where each alias of a name points."""
        return self._aliases(project, fold(name))

    @asked
    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that `query`, its project filled in, means: `Query.pick` of them all."""
        if query.number is not None or query.alias is not None:
            found = self._pinned(query)
            return found if found is not None and query.matches(found) else None
        best = next((v for v in self._candidates(query) if query.matches(v)), None)
        fresh = query.pick(self._fresh(query)) if len(self._tail) else None
        if best is None or fresh is None:
            return best or fresh
        return max(best, fresh, key=query.rank)

    @asked
    def versions(self, query: Query) -> list[ArtifactVersion]:
        """Every version that `query` may give, the newest first."""
        if query.number is not None or query.alias is not None:
            found = self._pinned(query)
            return [found] if found is not None and query.matches(found) else []
        every = {v.version: v for v in (*self._candidates(query), *self._fresh(query))}
        matching = filter(query.matches, every.values())
        return sorted(matching, key=lambda version: version.version, reverse=True)

    # ------------------------------------------------------------------ unasked

    def _version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        if number > HIGHEST:
            return None
        line = self._tail.find("versions", (project, fold(name), number))
        if line is not None:
            return self._of_line(line)
        row = self._row(
            f"SELECT {COLUMNS} FROM versions v WHERE {_NAMED} AND v.number=?",
            *(project, fold(name), number),
        )
        return self._of_row(row) if row else None

    def _emitted(self, emission: str) -> ArtifactVersion | None:
        line = self._tail.emitted(emission)
        if line is not None:
            return self._of_line(line)
        row = self._row(f"SELECT {COLUMNS} FROM versions v WHERE v.emission=?", emission)
        return self._of_row(row) if row else None

    def _newest(self, project: str, folded: str) -> int:
        numbers = self._archive.known.numbers if self._inside else {}
        found = numbers.get((project, folded))
        if found is None:
            stored = newest_number(self._archive.index.connection(), project, folded)
            fresh = self._tail.versions(project, folded)
            found = max(stored, fresh[-1].doc["version"] if fresh else 0)
            numbers[project, folded] = found
        return found

    def _name_row(self, project: str, folded: str) -> tuple[int, int] | None:
        """Row id and widest partition set of a name."""
        names, place = self._archive.known.names, self._archive.known.as_of.place
        known = names.get((project, folded))
        if known is not None and known[0] == place:
            return known[1:]
        row = self._row(
            "SELECT id, widest FROM names WHERE project=? AND folded=?", project, folded
        )
        if row is None:
            return None
        if not self._inside:  # there the index may lag behind
            names[project, folded] = (place, row[0], row[1])
        return row[0], row[1]

    def _aliases(self, project: str, folded: str) -> dict[str, int]:
        rows = self._rows(
            "SELECT alias, number FROM aliases WHERE name = "
            "(SELECT id FROM names WHERE project=? AND folded=?)",
            *(project, folded),
        )
        found = {str(alias): int(number) for alias, number in rows}
        for line in self._tail.marks(project, folded):
            if line.doc["kind"] == "alias":
                found[line.doc["data"]["alias"]] = line.doc["version"]
        return found

    def _pinned(self, query: Query) -> ArtifactVersion | None:
        project, number = query.project or "", query.number
        if query.alias is not None:
            number = self._aliases(project, fold(query.name)).get(query.alias)
        return self._version(project, query.name, number) if number is not None else None

    def _candidates(self, query: Query) -> Iterator[ArtifactVersion]:
        """What the index has, best first; the tail's marks are in each, its versions not."""
        name = self._name_row(query.project or "", fold(query.name))
        if name is None:
            return
        source, where, order = _source(query, *name)
        sql = f"SELECT {COLUMNS} FROM {source} WHERE {where.text} ORDER BY {order}"
        for row in self._rows(sql, *where.params):
            yield self._of_row(row)

    def _fresh(self, query: Query) -> Iterator[ArtifactVersion]:
        """What the index lacks: versions of the tail, and those that it calls live again."""
        project, folded = query.project or "", fold(query.name)
        for line in self._tail.versions(project, folded):
            yield self._of_line(line)
        marks = self._tail.marks(project, folded)
        for number in {line.doc["version"] for line in marks if line.doc["kind"] == "restore"}:
            if (version := self._version(project, folded, number)) is not None:
                yield version

    # ------------------------------------------------------------------ records

    def _of_row(self, row: Any) -> ArtifactVersion:
        id, at, size, name, number, has_marks, has_aliases = row
        version = ArtifactVersion.from_doc(self._doc("versions", id, at, size))
        marks: dict[int, Mark] = {}
        if has_marks:
            said = self._rows(
                "SELECT id, at, size FROM marks WHERE name=? AND number=? ORDER BY id",
                *(name, number),
            )
            marks = {each[0]: Mark.from_doc(self._doc("marks", *each)) for each in said}
        if not (marks or has_aliases or len(self._tail)):
            return version
        return self._present(version, marks, aliased=bool(has_aliases))

    def _of_line(self, line: Line) -> ArtifactVersion:
        return self._present(ArtifactVersion.from_doc(line.doc), {}, aliased=False)

    def _present(
        self, version: ArtifactVersion, marks: dict[int, Mark], *, aliased: bool
    ) -> ArtifactVersion:
        folded = fold(version.name)
        fresh = self._tail.marks(version.project, folded)
        for line in fresh:
            if line.doc["version"] == version.version:
                marks[line.id] = Mark.from_doc(line.doc)
        if marks:
            version = marked(version, marks.values())
        if aliased or fresh:
            found = self._aliases(version.project, folded)
            mine = sorted(alias for alias, number in found.items() if number == version.version)
            version = replace(version, aliases=tuple(mine)) if mine else version
        return version


def _source(query: Query, name: int, widest: int) -> tuple[str, Sql, str]:
    """What to walk, the condition, and the order; all partition values are one index key."""
    plain = {c.key: c for c in query.clauses if c.op == "=" and not c.negated}
    newest = query.latest == "commit"
    order = "v.number DESC" if newest else "v.moment DESC NULLS LAST, v.number DESC"
    below = [] if query.below is None else [Sql("v.number<?", (query.below,))]
    if len(plain) == len(query.clauses) == widest:
        exact = conditions_key({key: clause.values[0] for key, clause in plain.items()})
        where = Sql(f"{_LIVE} AND v.conditions=?", (name, exact))
        return "versions v", joined("AND", [where, *below], ""), order
    driver = next(iter(plain.values())) if plain and newest else None
    conditions = [clause_sql(c, query.types) for c in query.clauses if c is not driver]
    if driver is None:
        live = Sql(_LIVE, (name,))
        return "versions v", joined("AND", [live, *below, *conditions], ""), order
    driven = "d.name=? AND d.key=? AND d.value=? AND v.state='live'"
    conditions = [Sql(driven, (name, driver.key, *driver.values)), *below, *conditions]
    return "parts d JOIN versions v ON v.id=d.id", joined("AND", conditions, ""), "d.id DESC"
