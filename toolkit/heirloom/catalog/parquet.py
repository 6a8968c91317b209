"""A catalog's tables as Parquet files, in columns that a person asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from heirloom.catalog.edges import edges_of
from heirloom.catalog.export import fresh_directory
from heirloom.catalog.snapshot import Snapshot
from heirloom.errors import MissingExtra
from heirloom.records.clock import unstamp
from heirloom.records.executions import Execution
from heirloom.records.items import version_item
from heirloom.records.marks import Mark, state_after
from heirloom.records.names import fold

__all__ = ["write_parquet"]

_Doc = Mapping[str, Any]
_Row = dict[str, Any]
_ROWS = 10_000

_COLUMNS: Mapping[str, str] = {
    "versions": """
        project name version:int ref state aliases:list partitions:map time_partition:time kind
        type format size:int digest link value schema created_at:time created_by execution root
        path output card""",
    "executions": """
        id kind name state project root parent path attempt:int by started_at:time ended_at:time
        seconds:float plan plan_version:int depth:int triggered_by:list code cached_from rerun_of
        inputs outputs error log""",
    "edges": "execution direction item name how",
    "declarations": """
        project name version:int keys:list types:map granularity owner description shared:list
        declared_at:time declared_by where""",
    "plans": """
        project name version:int workflow kind code registered_at:time registered_by trigger
        defaults fixed max_concurrent max_per_hour:int emits:list""",
    "switches": "project plan version:int active:bool person:bool at:time by",
    "ledger": """
        project plan plan_version:int refs:list state reason due:time waits lane execution
        at:time""",
    "stores": "id url at:time by",
    "marks": "project name version:int ref kind at:time by data",
    "code": "digest kind name source",
}
"""Columns of each file, text where no type is said."""


def write_parquet(snapshot: Snapshot, directory: Path) -> None:
    """``TABLE.parquet`` of each of Heirloom's tables, and ``edges.parquet`` of the lineage.

    Times are UTC timestamps, partitions a map, what nests deeper JSON text. The user's own
    tables, which have no columns, are in the other forms of an export only.

    Raises:
        MissingExtra: pyarrow is not installed.
        CatalogUnavailable: Something is there already, or the disk refused; nothing was left.
    """
    try:
        import pyarrow
        import pyarrow.parquet as files
    except ImportError as error:
        msg = 'Parquet needs pyarrow. Next: pip install "jupyter-heirloom[frames]"'
        raise MissingExtra(msg, extra="frames") from error
    with fresh_directory(directory) as aside:
        for table, columns in _COLUMNS.items():
            kinds = dict(_split(column) for column in columns.split())
            schema = pyarrow.schema([(n, _type(pyarrow, kind)) for n, kind in kinds.items()])
            with files.ParquetWriter(aside / f"{table}.parquet", schema) as out:
                for rows in _batches(_rows(snapshot, table)):
                    fitted = [_fitted(row, kinds) for row in rows]
                    out.write_table(pyarrow.Table.from_pylist(fitted, schema))


def _split(column: str) -> tuple[str, str]:
    name, _, kind = column.partition(":")
    return name, kind or "text"


def _type(pyarrow: Any, kind: str) -> Any:
    text = pyarrow.string()
    match kind:
        case "int":
            return pyarrow.int64()
        case "float":
            return pyarrow.float64()
        case "bool":
            return pyarrow.bool_()
        case "time":
            return pyarrow.timestamp("us", "UTC")
        case "list":
            return pyarrow.list_(text)
        case "map":
            return pyarrow.map_(text, text)
    return text


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while batch := list(islice(rows, _ROWS)):
        yield batch


def _rows(snapshot: Snapshot, table: str) -> Iterator[_Row]:
    if table == "edges":
        docs = (line.doc for line in snapshot.lines("executions"))
        yield from chain.from_iterable(map(_edges, docs))
    elif table == "versions":
        yield from _versions(snapshot)
    else:
        shape = _SHAPES.get(table, dict)
        yield from (shape(line.doc) for line in snapshot.lines(table))


def _edges(doc: _Doc) -> Iterator[_Row]:
    for edge in edges_of(Execution.from_doc(doc)):
        yield {
            "execution": edge.execution,
            "direction": "output" if edge.made else "input",
            "item": edge.item,
            "name": edge.input,
            "how": edge.how,
        }


def _versions(snapshot: Snapshot) -> Iterator[_Row]:
    """Versions as their marks leave them."""
    said: dict[str, list[str]] = defaultdict(list)
    pointed: dict[tuple[str, str, str], str] = {}
    for line in snapshot.lines("marks"):
        mark = Mark.from_doc(line.doc)
        ref = version_item(mark.project, fold(mark.name), mark.version)
        if mark.kind == "alias":
            pointed[mark.project, fold(mark.name), mark.data["alias"]] = ref
        said[ref].append(mark.kind)
    aliases: dict[str, list[str]] = defaultdict(list)
    for (_, _, alias), ref in pointed.items():
        aliases[ref].append(alias)
    for line in snapshot.lines("versions"):
        doc = line.doc
        ref = version_item(doc["project"], fold(doc["name"]), doc["version"])
        state = made = "draft" if doc.get("draft") else "live"
        for kind in said.get(ref, ()):
            state = state_after(kind, state, made)
        yield _version(doc) | {"state": state, "aliases": aliases.get(ref, [])}


def _version(doc: _Doc) -> _Row:
    payload = doc["payload"]
    return {
        **payload,
        **doc,
        "ref": version_item(doc["project"], doc["name"], doc["version"]),
        "time_partition": doc.get("time"),
        "value": _json(payload["value"]) if "value" in payload else None,
        "card": doc["card"]["text"] if "card" in doc else None,
    }


def _execution(doc: _Doc) -> _Row:
    ended = doc.get("ended_at")
    took = (unstamp(ended) - unstamp(doc["started_at"])).total_seconds() if ended else None
    return {"path": "", "depth": 0, "triggered_by": [], **doc, "seconds": took}


def _mark(doc: _Doc) -> _Row:
    return {**doc, "ref": version_item(doc["project"], doc["name"], doc["version"])}


def _code(doc: _Doc) -> _Row:
    return {**doc, "source": "\n\n\n".join(each["source"] for each in doc.get("fragments", ()))}


_SHAPES: Mapping[str, Callable[[_Doc], _Row]] = {
    "executions": _execution,
    "marks": _mark,
    "code": _code,
}


def _fitted(row: _Row, kinds: Mapping[str, str]) -> _Row:
    return {name: _fit(row.get(name), kind) for name, kind in kinds.items()}


def _fit(value: Any, kind: str) -> Any:
    match kind:
        case "text":
            return value if value is None or isinstance(value, str) else _json(value)
        case "time":
            return unstamp(value) if value else None
        case "map":
            return list((value or {}).items())
    return value


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
