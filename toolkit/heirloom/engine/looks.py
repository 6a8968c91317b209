"""Looks: the catalog asked for versions, executions, lineage; none of them is a read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.ancestry import Lineage, walk
from heirloom.catalog.protocol import Catalog, View
from heirloom.codecs.needs import need
from heirloom.declare.artifact import Artifact
from heirloom.declare.conditions import clauses
from heirloom.declare.specs import as_query
from heirloom.engine.finding import find_each, find_version
from heirloom.engine.found import found_execution
from heirloom.engine.history import History
from heirloom.engine.items import found_item
from heirloom.engine.stores import Stores
from heirloom.errors import RefError, did_you_mean
from heirloom.records.executions import Execution, Read
from heirloom.records.given import given_count, given_text
from heirloom.records.queries import Query
from heirloom.records.refs import Ref, parse_query_string
from heirloom.records.search import parse_search
from heirloom.records.search_tree import FIELDS, Node, parts_of
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Looks", "Page"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some versions, in the order asked for; `cursor` continues, `None` on the last page."""

    versions: tuple[ArtifactVersion, ...]
    cursor: str | None
    total: int

    def __iter__(self) -> Iterator[ArtifactVersion]:
        return iter(self.versions)

    def __len__(self) -> int:
        return len(self.versions)

    def __getitem__(self, at: int) -> ArtifactVersion:
        return self.versions[at]

    def rows(self) -> list[dict[str, Any]]:
        """One row a version."""
        return [
            {
                "name": v.name,
                "version": v.version,
                "partitions": ", ".join(f"{k}={x}" for k, x in v.conditions.items()),
                "kind": v.kind,
                "type": v.type_name,
                "created": v.created_at,
                "by": v.created_by,
                "size": v.size,
            }
            for v in self.versions
        ]

    def to_frame(self) -> Any:
        """The page as a pandas DataFrame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        pandas = need("pandas", "frames", "A frame")
        return pandas.DataFrame(self.rows())

    def __repr__(self) -> str:
        return f"<{len(self.versions)} of {self.total} versions>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = self.rows()
        lines = [f"{r['name']}@{r['version']}  {r['partitions']}  {r['kind']}" for r in rows]
        return {
            "text/plain": "\n".join([repr(self), *lines]),
            "text/html": render.frame(repr(self).strip("<>"), _table(rows)),
        }


def _table(rows: list[dict[str, Any]]) -> render.Html:
    headers = list(rows[0]) if rows else []
    return render.table([list(row.values()) for row in rows], headers)


@dataclass(frozen=True, slots=True)
class Edges:
    """A view of the catalog as lineage walks it."""

    view: View

    def record(self, item: str) -> ArtifactVersion | Value | None:
        """The version or value that an item names."""
        return found_item(self.view, item)

    def execution(self, execution_id: str) -> Execution | None:
        """An execution by its whole id."""
        return self.view.execution(execution_id)

    def producer(self, item: str) -> Execution | None:
        """What made an item."""
        return self.view.producer(item)

    def consumers(self, item: str) -> Sequence[tuple[Execution, Read]]:
        """What read an item, and how."""
        return self.view.consumers(item)

    def outputs(self, execution_id: str) -> Sequence[str]:
        """The items that an execution made."""
        return self.view.outputs(execution_id)


@dataclass(slots=True)
class Looks:
    """The questions that a session answers."""

    catalog: Catalog
    project: str
    stores: Stores

    def query(self, ref: Any, partitions: Mapping[str, Any] | None = None) -> Query:
        """What a ref (text, artifact, query, version) with more conditions asks for.

        Raises:
            RefError: It is no ref; the message points at the spot.
        """
        if isinstance(ref, ArtifactVersion):
            ref = Ref.parse(ref.ref)
        if isinstance(ref, str):
            ref = Ref.parse(parse_query_string(ref))
        if not isinstance(ref, Artifact | Ref | Query):
            msg = f"A ref is text such as 'sales[region=emea]@7'; got {ref!r:.60}."
            raise RefError(msg, text=repr(ref))
        query: Query = as_query(ref)
        query = query.within(self.project)
        return replace(query, clauses=(*query.clauses, *clauses(partitions or {})))

    def get(self, ref: Any, partitions: Mapping[str, Any] | None = None) -> ArtifactVersion:
        """The version that a ref means."""
        return self.shown(find_version(self.catalog.view(), self.query(ref, partitions)))

    def latest_per(
        self, ref: Any, keys: Sequence[str], partitions: Mapping[str, Any] | None = None
    ) -> Page:
        """The version that a ref means under each value of some keys, the newest first.

        Raises:
            PartitionError: No key is named, or one that the artifact does not have.
        """
        query = self.query(ref, partitions)
        found = find_each(self.catalog.view(), query.per(*(keys or query.each)))
        return Page(tuple(map(self.shown, found)), None, len(found))

    def history(self, ref: Any) -> History:
        """What was said of a version, or of all versions of a name, oldest first."""
        view, query = self.catalog.view(), self.query(ref)
        project = query.project or ""
        if query.at is None and not query.clauses and view.declaration(project, query.name):
            return History(query.name, tuple(view.marks(project, query.name)))
        version = find_version(view, query)
        marks = view.marks(version.project, version.name, version.version)
        return History(f"{version.name}@{version.version}", tuple(marks))

    def shown(self, version: ArtifactVersion) -> ArtifactVersion:
        """The version with the line that pulls it, and the place of its payload."""
        short = version.ref
        if version.project == self.project:
            short = f"{version.name}@{version.version}"
        line = f'{version.variable} = hl.pull("{short}")'
        place = self.stores.place(version.payload)
        return replace(version, snippet=line, uri=place or version.ref)

    def search(self, text: str, limit: int, cursor: str | None, order: str) -> Page:
        """A page of what a search line finds.

        Raises:
            RefError: It does not parse, or names a key that nothing has but something like it.
        """
        node = parse_search(given_text(text, "A search"))
        found, following, total = self.catalog.search(
            node,
            project=self.project,
            limit=given_count(limit, "limit"),
            cursor=cursor,
            order=order,
        )
        if not found:
            self.check_keys(node, text)
        return Page(tuple(map(self.shown, found)), following, total)

    def check_keys(self, node: Node, text: str) -> None:
        """Of a search that finds nothing: point at a key that is another's near miss."""
        known = (*self.catalog.partition_keys(), "time")
        for part in parts_of(node):
            key = part.clause.key
            if key not in known and (near := did_you_mean(key, (*known, *FIELDS))):
                message = f"Nothing has the partition key {key!r}.{near}"
                raise RefError.pointing(message, text, part.at)

    def lineage(
        self, ref: Any, up: int | None, down: int | None, as_of: datetime | None, limit: int
    ) -> Lineage:
        """The lineage around a version."""
        version = self.get(ref)
        edges = Edges(self.catalog.view())
        return walk(edges, version.ref, up, down, as_of=as_of, limit=limit)

    def execution(self, execution_id: str) -> Execution:
        """An execution by its id, or by six signs or more that begin it.

        Raises:
            ExecutionNotFound: There is none.
        """
        return found_execution(self.catalog.view(), execution_id)
