"""Looking up executions and the edges between them and what they read and made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from heirloom.catalog.apply_runs import begun, reusable
from heirloom.catalog.edges import Edge, edges_of
from heirloom.catalog.lookup import Lookup, asked
from heirloom.errors import ExecutionNotFound
from heirloom.records.executions import Execution, Read
from heirloom.records.items import made_value, made_version
from heirloom.records.names import fold

__all__ = ["Runs"]

_AT_ONCE = 500
_SHORTEST_PREFIX = 6
_CLOSURE = """
    WITH RECURSIVE seen (item) AS (
        SELECT ? UNION
        SELECT beyond.item FROM seen
        JOIN edges at ON at.item=seen.item AND at.made=?
        JOIN edges beyond ON beyond.execution=at.execution AND beyond.made=?
    ) SELECT item FROM seen"""
_FILTERS = ("state", "root", "path", "parent", "plan", "name", "project")


class Runs(Lookup):
    """Executions as they stand; edges as their newest records give them."""

    @asked
    def execution(self, id: str) -> Execution | None:
        """The execution of that id."""
        return self._execution(id)

    @asked
    def find_execution(self, prefix: str) -> Execution | None:
        """The one execution whose id is `prefix`, or, from six signs on, begins so.

        Raises:
            ExecutionNotFound: Several begin so; the error names some.
        """
        found = self._execution(prefix)
        if found is not None or len(prefix) < _SHORTEST_PREFIX:
            return found
        docs = self._many(
            "executions",
            "key >= ? AND key < ?",
            (prefix, prefix + "\U0010ffff"),
            lambda doc: doc["id"].startswith(prefix),
        )
        if len(docs) > 1:
            ids = tuple(doc["id"] for doc in docs[:3])
            msg = f"{len(docs)} executions begin with {prefix!r}: {', '.join(ids)}, for example."
            raise ExecutionNotFound(msg, name=prefix, closest=ids)
        return Execution.from_doc(docs[0]) if docs else None

    @asked
    def executions(
        self,
        *,
        state: str | None = None,
        root: str | None = None,
        path: str | None = None,
        parent: str | None = None,
        plan: str | None = None,
        name: str | None = None,
        project: str | None = None,
        newest: bool | None = None,
        limit: int | None = None,
    ) -> list[Execution]:
        """Executions that meet every filter given, in the order they were first recorded.

        The newest first, but where `state` is given (what is queued is taken in that order) and
        `newest` does not ask for it; `limit` keeps the first so many.
        """
        given = dict(zip(_FILTERS, (state, root, path, parent, plan, name, project), strict=True))
        asked_for = {key: value for key, value in given.items() if value is not None}
        docs = self._many(
            "executions",
            " AND ".join(map(_column, asked_for.items())) or "1",
            tuple(value for key, value in asked_for.items() if key != "state"),
            lambda doc: all(doc.get(key) == value for key, value in asked_for.items()),
            newest=state is None if newest is None else newest,
            limit=limit,
        )
        return list(map(Execution.from_doc, docs))

    @asked
    def states(self, ids: Collection[str]) -> dict[str, str]:
        """The states of those executions that are there, by id."""
        fresh = {id: line.doc for id in ids if (line := self._tail.find("executions", id))}
        found = {id: str(doc["state"]) for id, doc in fresh.items()}
        for some in _batched(set(ids) - set(fresh)):
            sql = f"SELECT key, state FROM executions WHERE key IN ({_marks(some)})"
            found.update((str(key), str(state)) for key, state in self._rows(sql, *some))
        return found

    @asked
    def cached(self, project: str, key: str) -> Execution | None:
        """The newest execution of that cache key whose own body ran and ended well."""
        docs = self._many(
            "executions",
            "cache=? AND project=?",
            (key, project),
            lambda doc: reusable(doc) == key and doc["project"] == project,
            newest=True,
            limit=1,
        )
        return Execution.from_doc(docs[0]) if docs else None

    @asked
    def begun(self, plan: str, project: str, limit: int) -> list[Execution]:
        """Of what the events of a plan started: those that began last, the last of them first."""
        fresh = self._tail.rows("executions")
        docs = [
            doc
            for _, doc in self._tail.docs("executions")
            if (doc.get("plan"), doc["project"]) == (plan, project) and begun(doc)
        ]
        sql = (
            "SELECT id, at, size FROM executions WHERE plan=? AND project=? AND begun IS NOT NULL "
            "ORDER BY begun DESC LIMIT ?"
        )
        for id, at, size in self._rows(sql, plan, project, limit + len(fresh)):
            if id not in fresh:
                docs.append(self._doc("executions", id, at, size))
        docs.sort(key=lambda doc: str(doc["started_at"]), reverse=True)
        return list(map(Execution.from_doc, docs[:limit]))

    # ------------------------------------------------------------------ edges

    @asked
    def producer(self, item: str) -> Execution | None:
        """The execution that made a version (by full ref) or a nameless value."""
        if (value := made_value(item)) is not None:
            return self._execution(value[0])
        project, name, number = made_version(item)
        line = self._tail.find("versions", (project, fold(name), number))
        if line is not None:
            return self._execution(line.doc["execution"])
        row = self._row(
            "SELECT execution FROM versions WHERE number=? AND name = "
            "(SELECT id FROM names WHERE project=? AND folded=?)",
            *(number, project, fold(name)),
        )
        return self._execution(row[0]) if row else None

    @asked
    def consumers(self, item: str) -> list[tuple[Execution, Read]]:
        """Who read `item`, and as what, the oldest first; one pair for each such read."""
        docs = self._many(
            "executions",
            "key IN (SELECT execution FROM edges WHERE item=? AND made=0)",
            (item,),
            lambda _: True,  # what it read is looked at below
        )
        return [
            (execution, read)
            for execution in map(Execution.from_doc, docs)
            for read in execution.all_reads()
            if read.item == item
        ]

    @asked
    def outputs(self, execution_id: str) -> list[str]:
        """Items that the execution made, by the order of its outputs."""
        execution = self._execution(execution_id)
        return [edge.item for edge in edges_of(execution) if edge.made] if execution else []

    @asked
    def related(self, item: str, direction: str) -> frozenset[str]:
        """All ancestors (``up``) or descendants (``down``) of `item`, itself aside."""
        up = direction == "up"
        if not len(self._tail):
            rows = self._rows(_CLOSURE, item, int(up), int(not up))
            return frozenset(str(row[0]) for row in rows) - {item}
        seen, ring = {item}, [item]
        while ring:
            at = self._edges("item", (up,), ring)
            beyond = self._edges("execution", (not up,), {edge.execution for edge in at})
            ring = list({edge.item for edge in beyond} - seen)
            seen.update(ring)
        return frozenset(seen - {item})

    # ------------------------------------------------------------------ unasked

    def _execution(self, id: str) -> Execution | None:
        doc = self._one("executions", id, "key=?", id)
        return Execution.from_doc(doc) if doc else None

    def _edges(self, column: str, made: tuple[bool, ...], keys: Iterable[str]) -> list[Edge]:
        """Edges whose `column` is among `keys`, of those ways."""
        wanted, ways = set(keys), ",".join(str(int(way)) for way in made)
        fresh = {doc["id"]: doc for _, doc in self._tail.docs("executions")}
        found = [
            edge
            for doc in fresh.values()
            for edge in edges_of(Execution.from_doc(doc))
            if getattr(edge, column) in wanted and edge.made in made
        ]
        for some in _batched(wanted):
            sql = (
                "SELECT item, execution, made, input, how FROM edges "
                f"WHERE {column} IN ({_marks(some)}) AND made IN ({ways})"
            )
            rows = self._rows(sql, *some)
            found += [Edge(i, e, bool(m), n, how) for i, e, m, n, how in rows if e not in fresh]
        return found


def _batched(keys: Iterable[str]) -> Iterator[list[str]]:
    """The keys, as many at a time as one statement takes."""
    remaining = iter(keys)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some


def _marks(keys: Sequence[str]) -> str:
    return ",".join("?" * len(keys))


def _column(pair: tuple[str, Any]) -> str:
    key, value = pair
    if key != "state":
        return f"{key}=?"
    quoted = str(value).replace("'", "''")  # in the text, so that the partial index is used
    return f"state='{quoted}'" + ("" if value == "succeeded" else " AND state<>'succeeded'")
