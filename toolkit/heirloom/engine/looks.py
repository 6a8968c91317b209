"""Looks: the catalog asked for versions, executions, lineage; none of them is a read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.ancestry import Lineage, walk
from heirloom.catalog import Catalog, View
from heirloom.declare.artifact import Artifact
from heirloom.declare.conditions import clauses
from heirloom.declare.interface import as_query
from heirloom.engine.resolve import find_version
from heirloom.errors import ExecutionNotFound, RefError
from heirloom.records.executions import Execution, Read
from heirloom.records.payloads import Payload
from heirloom.records.queries import Query
from heirloom.records.refs import SCHEME, Ref, parse_query_string
from heirloom.records.search import parse_search
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Looks", "Page"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some versions, newest first; `cursor` continues, `None` on the last page."""

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
        """The page as a pandas DataFrame."""
        import pandas

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
        if item.startswith(SCHEME):
            ref = Ref.parse(item)
            at = ref.at if isinstance(ref.at, int) else 0
            return self.view.version(ref.project or "", ref.name, at)
        execution_id, _, output = item.removeprefix("value:").partition("/")
        made = self.view.execution(execution_id)
        payload = made.outputs.get(output) if made else None
        if not isinstance(payload, Payload):
            return None
        return Value(execution_id=execution_id, output=output, payload=payload)

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
            msg = f"A ref is text such as 'sales[region=emea]@7'; got a {type(ref).__name__}."
            raise RefError(msg, text=str(ref))
        query: Query = as_query(ref)
        query = query.within(self.project)
        return replace(query, clauses=(*query.clauses, *clauses(partitions or {})))

    def get(self, ref: Any, partitions: Mapping[str, Any] | None = None) -> ArtifactVersion:
        """The version that a ref means."""
        return self.shown(find_version(self.catalog.view(), self.query(ref, partitions)))

    def shown(self, version: ArtifactVersion) -> ArtifactVersion:
        """The version with the line that pulls it."""
        short = version.ref
        if version.project == self.project:
            short = f"{version.name}@{version.version}"
        word = version.name.rpartition("/")[2].replace("-", "_").replace(".", "_")
        return replace(version, snippet=f'{word} = hl.pull("{short}")')

    def search(self, text: str, limit: int, cursor: str | None) -> Page:
        """A page of what a search line finds, newest first."""
        node = parse_search(text)
        found, following, total = self.catalog.search(
            node, project=self.project, limit=limit, cursor=cursor
        )
        return Page(tuple(map(self.shown, found)), following, total)

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
        found = self.catalog.view().find_execution(execution_id)
        if found is None:
            msg = f"No execution {execution_id!r}."
            raise ExecutionNotFound(msg, name=execution_id)
        return found
