"""A catalog as files of other programs, at one point of its journal."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from tinydb import TinyDB, where

from heirloom.catalog import Catalog
from heirloom.catalog.export import ABOUT, write_lines, write_tinydb
from heirloom.catalog.parquet import write_parquet
from heirloom.errors import CatalogUnavailable
from heirloom.records.executions import Item
from heirloom.records.payloads import Payload
from heirloom.records.stores import StoreRecord


@pytest.fixture
def full(catalog: Catalog, make: Any) -> Catalog:
    """A catalog with something in each table, the user's own among them."""
    make.declare("sales", types={"region": "str"}, shared=("bo",))
    first = make.emit("sales", partitions={"region": "emea"}, card=make.card("# é ✓"))
    second = make.emit("sales", partitions={"region": "apac"}, reads=(first.ref,))
    make.emit("draft", state="draft")
    make.mark(first, "alias", alias="champion", reason="")
    make.mark(second, "alias", alias="champion", reason="better")
    make.mark(first, "yank", reason="wrong")
    make.write(plans=[make.plan("plan", on="sales")], switches=[make.switch("plan")])
    waits = make.execution(state="queued", plan="plan", triggered_by=(second.ref,))
    make.write(executions=[waits], rows=[make.row("plan", second.ref, execution_id=waits.id)])
    make.write(stores=[StoreRecord(id="s1", url="s3://b/x", at=make.time(), by="ada")])
    make.write(codes={"sha256:" + "0" * 64: {"kind": "task", "name": "t", "fragments": []}})
    own = catalog.db.table("own")
    own.insert_multiple([{"a": 1}, {"a": {"b": [1.5, None, "\u2028"]}}, {}])
    own.remove(doc_ids=[1])
    catalog.db.table("../../etc").insert({"x": 1})
    return catalog


def _stock(path: Path) -> Mapping[str, Any]:
    with TinyDB(path) as db:
        return {
            name: {doc.doc_id: dict(doc) for doc in db.table(name)}
            for name in db.tables()
            if name != ABOUT
        }


def _ours(catalog: Catalog) -> Mapping[str, Any]:
    return {
        name: {doc.doc_id: dict(doc) for doc in catalog.db.table(name)}
        for name in catalog.db.tables()
    }


def test_stock_tinydb_opens_it(full: Catalog, tmp_path: Path) -> None:
    """Every table, id and document is there, and TinyDB's queries answer."""
    path = tmp_path / "export.json"
    with full.snapshot() as snapshot:
        write_tinydb(snapshot, path)
    assert _stock(path) == _ours(full)
    with TinyDB(path) as db:
        assert db.table("versions").count(where("name") == "sales") == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_export_is_one_moment(full: Catalog, make: Any, home: Path, tmp_path: Path) -> None:
    """What others commit meanwhile, and an index made anew, are not in it."""
    before = _ours(full)
    with full.snapshot() as snapshot:
        make.emit("sales", partitions={"region": "emea"})
        full.db.table("own").truncate()
        for left in home.glob("index.sqlite*"):
            left.unlink()
        with Catalog(home).snapshot() as later:
            assert later.counts()["versions"] == 4
        write_tinydb(snapshot, tmp_path / "export.json")
    assert _stock(tmp_path / "export.json") == before


def test_an_empty_catalog_can_be_exported(catalog: Catalog, tmp_path: Path) -> None:
    """It has Heirloom's tables, with nothing in them."""
    with catalog.snapshot() as snapshot:
        write_tinydb(snapshot, tmp_path / "export.json")
    assert all(docs == {} for docs in _stock(tmp_path / "export.json").values())


def test_lines_of_each_table(full: Catalog, tmp_path: Path) -> None:
    """One document a line with its id; no table's name becomes a path."""
    where_to = tmp_path / "lines"
    with full.snapshot() as snapshot:
        write_lines(snapshot, where_to)
    names = json.loads((where_to / "tables.json").read_text())["tables"]
    found = {
        table: {doc.pop("_id"): doc for doc in _lines(where_to / name)}
        for name, table in names.items()
    }
    assert {table: docs for table, docs in found.items() if docs} == _ours(full)
    assert {path.parent for path in where_to.rglob("*")} == {where_to}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "lines"]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def test_parquet_of_each_table(full: Catalog, tmp_path: Path) -> None:
    """Columns that a person filters by: names, times, states, aliases; the lineage as edges."""
    with full.snapshot() as snapshot:
        write_parquet(snapshot, tmp_path / "tables")

    def read(table: str) -> list[dict[str, Any]]:
        rows = pyarrow.parquet.read_table(tmp_path / "tables" / f"{table}.parquet").to_pylist()
        return list(rows)

    versions = read("versions")
    assert [(v["name"], v["version"], v["state"], v["aliases"]) for v in versions] == [
        ("sales", 1, "yanked", []),
        ("sales", 2, "live", ["champion"]),
        ("draft", 1, "draft", []),
    ]
    assert versions[0]["partitions"] == [("region", "emea")]
    assert versions[0]["created_at"].tzinfo is not None
    assert (versions[0]["card"], versions[0]["value"]) == ("# é ✓", "1")
    assert [row["shared"] for row in read("declarations")] == [["bo"]]
    edges = {(edge["direction"], edge["item"]) for edge in read("edges")}
    assert ("input", "heirloom://p/sales@1") in edges
    assert ("output", "heirloom://p/sales@2") in edges
    assert [row["state"] for row in read("ledger")] == ["queued"]
    assert {table: len(read(table)) for table in ("plans", "switches", "marks", "code")} == {
        **{"plans": 1, "switches": 1, "marks": 3, "code": 1}
    }


def test_parquet_takes_every_execution(catalog: Catalog, make: Any, tmp_path: Path) -> None:
    """Values inside inputs and outputs are JSON text, whatever they are."""
    payload = Payload(format="json", type_name="list", kind="value", value=[1, None, {"a": "b"}])
    run = make.execution(inputs={"x": payload, "y": Item("heirloom://p/z@1")})
    make.write(executions=[run])
    with catalog.snapshot() as snapshot:
        write_parquet(snapshot, tmp_path / "tables")
    table = pyarrow.parquet.read_table(tmp_path / "tables" / "executions.parquet")
    (row,) = table.to_pylist()
    assert json.loads(row["inputs"])["x"]["value"]["value"] == [1, None, {"a": "b"}]


@pytest.mark.parametrize("write", [write_tinydb, write_lines, write_parquet])
def test_nothing_is_overwritten_or_left_half(
    full: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., None]
) -> None:
    """What is there stays; an export that fails on its way leaves nothing."""
    there = tmp_path / "there"
    there.write_text("precious")
    with full.snapshot() as snapshot:
        with pytest.raises(CatalogUnavailable, match="exists; nothing was overwritten"):
            write(snapshot, there)
        assert there.read_text() == "precious"
        with pytest.raises(CatalogUnavailable, match="cannot be written"):
            write(snapshot, tmp_path / "no" / "where")

        def broken(table: str) -> Any:
            raise RuntimeError(table)

        monkeypatch.setattr(snapshot, "lines", broken)
        with pytest.raises(RuntimeError):
            write(snapshot, tmp_path / "half")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "there"]
