"""The catalog as a TinyDB: its API over the journal, Heirloom's tables to read only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import tinydb
from tinydb import Query, where
from tinydb.middlewares import CachingMiddleware, Middleware
from tinydb.operations import add, delete, increment
from tinydb.storages import JSONStorage, MemoryStorage
from tinydb.table import Document, Table

from heirloom.catalog import Catalog
from heirloom.catalog.table import Database, JournalStorage, JournalTable
from heirloom.catalog.tables import OWN
from heirloom.errors import InputError, NotSupported


@pytest.fixture
def db(catalog: Catalog) -> tinydb.TinyDB:
    """The catalog's database, with three documents in its default table."""
    catalog.db.insert_multiple({"int": 1, "char": char} for char in "abc")
    return catalog.db


def test_it_is_a_tinydb(db: Any) -> None:
    """The database and its tables are TinyDB's classes, ours below them."""
    assert isinstance(db, tinydb.TinyDB)
    assert isinstance(db.table("t"), tinydb.table.Table)
    assert repr(db).startswith("<Database tables=")


def test_insert_search_get(db: Any) -> None:
    """Documents are inserted, searched, counted, got by id and by query."""
    assert db.insert({"int": 2}) == 4
    assert [doc["char"] for doc in db.search(where("int") == 1)] == ["a", "b", "c"]
    assert db.count(where("char").one_of(["a", "b"])) == 2
    assert db.get(doc_id=2) == {"int": 1, "char": "b"}
    assert db.get(doc_id=9) is None
    assert db.get(Query().char.matches("[cd]")).doc_id == 3
    assert [doc.doc_id for doc in db.get(doc_ids=[3, 1, 9])] == [1, 3]
    assert db.contains(where("int") == 2)
    assert len(db) == 4
    assert [doc.doc_id for doc in db] == [1, 2, 3, 4]
    assert db.all() == list(db)


def test_insert_keeps_given_ids(db: Any) -> None:
    """A Document keeps its id; the next id is beyond it; a taken id is an error."""
    assert db.insert(Document({"a": 1}, doc_id=10)) == 10
    assert db.insert({"a": 2}) == 11
    assert db.insert_multiple([Document({"a": 3}, doc_id=20), {"a": 4}]) == [20, 21]
    with pytest.raises(ValueError, match="already exists"):
        db.insert(Document({"a": 1}, doc_id=10))
    with pytest.raises(ValueError, match="already exists"):
        db.insert_multiple([{"a": 5}, Document({"a": 1}, doc_id=10)])
    assert db.count(where("a") == 5) == 0


@pytest.mark.parametrize("document", [[1], "x", {1, 2}, None])
def test_insert_takes_mappings_only(db: Any, document: Any) -> None:
    """What is no mapping is refused, as TinyDB does."""
    with pytest.raises(ValueError, match="Mapping"):
        db.insert(document)
    with pytest.raises(ValueError, match="Mapping"):
        db.insert_multiple([{"a": 1}, document])
    assert len(db) == 3


def test_update(db: Any) -> None:
    """Updates by fields, by operation, by ids, by query, by several queries."""
    assert db.update({"int": 5}, where("char") == "a") == [1]
    assert db.update(increment("int"), doc_ids=[1]) == [1]
    assert db.update(add("int", 10)) == [1, 2, 3]
    assert db.update(delete("char"), where("char") == "c") == [3]
    assert db.all() == [{"int": 16, "char": "a"}, {"int": 11, "char": "b"}, {"int": 11}]
    assert db.update_multiple([({"x": 1}, where("int") == 11)]) == [2, 3]


def test_update_that_raises_changes_nothing(db: Any) -> None:
    """An operation that fails half-way leaves every document as it was."""
    before = db.all()

    def fail(doc: Any) -> None:
        doc["int"] = 99
        if doc["char"] == "b":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        db.update(fail)
    assert db.all() == before


def test_upsert(db: Any) -> None:
    """Upsert updates what matches, else inserts; a Document by its id."""
    assert db.upsert({"int": 7, "char": "a"}, where("char") == "a") == [1]
    assert db.upsert({"int": 9, "char": "x"}, where("char") == "x") == [4]
    assert db.upsert(Document({"int": 8}, doc_id=2)) == [2]
    assert db.get(doc_id=2) == {"int": 8, "char": "b"}
    with pytest.raises(ValueError, match="doc_id"):
        db.upsert({"a": 1})


def test_remove_and_ids_stay_used(db: Any) -> None:
    """Ids of removed documents are not given again, not by another handle, not after truncate."""
    assert db.remove(where("char") == "c") == [3]
    assert db.insert({"a": 1}) == 4
    assert db.remove(doc_ids=[4]) == [4]
    db.truncate()
    assert len(db) == 0
    assert db.insert({"a": 1}) == 5
    with pytest.raises(RuntimeError):
        db.remove()


def test_tables(db: Any) -> None:
    """Tables are apart, can be dropped, and ids go on after that."""
    table = db.table("mine")
    assert "mine" not in db.tables()
    table.insert_multiple([{"a": 1}, {"a": 2}])
    db.table("empty", persist_empty=True)
    assert db.tables() == {"_default", "mine", "empty"}
    db.drop_table("mine")
    db.drop_table("none")
    assert db.tables() == {"_default", "empty"}
    assert db.table("mine").insert({"a": 3}) == 3
    db.drop_tables()
    assert db.tables() == set()
    assert len(db) == 0


def test_a_table_kept_empty_is_not_emptied(db: Any, opened: Any) -> None:
    """Asking for a table to be there takes nothing from one that holds something."""
    assert opened().db.table("_default", persist_empty=True).all() == db.all() != []


def test_query_cache_is_never_stale(db: Any, opened: Any) -> None:
    """A query asked again sees what another handle wrote in between."""
    query = where("int") == 1
    assert db.count(query) == 3
    assert len(db.table("_default")._query_cache) == 1
    opened().db.insert({"int": 1})
    assert db.count(query) == 4


def test_a_result_that_another_thread_overtook_is_not_kept(db: Any, opened: Any) -> None:
    """What was written while a query looked is seen when it is asked again."""
    other, first = opened().db, [True]

    def meanwhile(value: Any) -> bool:
        if first and first.pop():
            other.insert({"int": 1})
            thread = Thread(target=db.search, args=(where("int") == 99,))
            thread.start()
            thread.join()
        return bool(value == 1)

    query = where("int").test(meanwhile)
    db.search(query)
    assert db.search(query) == other.search(query)


def test_documents_are_private_copies(db: Any) -> None:
    """Changing a document that was returned changes nothing, a cached one neither."""
    db.insert({"list": [1]})
    query = where("list").exists()
    for doc in (db.search(query)[0], db.search(query)[0], db.get(query), db.all()[-1]):
        doc["list"].append(2)
        doc["more"] = 1
        assert db.search(query) == [{"list": [1]}]
    given = {"nested": {"a": 1}}
    db.insert(given)
    given["nested"]["a"] = 2
    assert db.search(query) == [{"list": [1]}]
    assert db.search(where("nested").exists()) == [{"nested": {"a": 1}}]


def test_a_dropped_table_comes_back_with_the_next_write(db: Any) -> None:
    """Also one that finds nothing to write, and before anybody has looked: as TinyDB does."""
    for fresh in (db, tinydb.TinyDB(storage=MemoryStorage)):
        fresh.table("mine").insert({"value": 1})
        fresh.drop_table("mine")
        fresh.table("mine").remove(where("value") == 1)
        assert "mine" in fresh.tables()


@pytest.mark.parametrize(
    "value", [float("nan"), 1 << 65, "\ud800", {1: 2}, {1, 2}, b"x", Path("/"), object()]
)
def test_hostile_documents_are_refused(db: Any, value: Any) -> None:
    """What JSON cannot hold is refused, alone or among others, and nothing is written."""
    before = db.all()
    with pytest.raises(InputError):
        db.insert({"value": value})
    with pytest.raises(InputError):
        db.insert_multiple([{"fine": 1}, {"value": [value]}])
    with pytest.raises(InputError):
        db.update({"value": value}, doc_ids=[1])
    assert db.all() == before


@pytest.mark.parametrize("name", ["", "x" * 200, "\ud800", "heirloom.plans"])
def test_hostile_table_names_are_refused(db: Any, name: str) -> None:
    """A table's name is text of 1 to 128 characters, and not one kept for later formats."""
    with pytest.raises(InputError):
        db.table(name)


def test_odd_table_names_are_kept(db: Any) -> None:
    """A table may be called anything else; its name is no path and no line."""
    for name in ('a"b\n{', "../../etc", "日本", "code.x", " "):
        db.table(name).insert({"a": name})
        assert db.table(name).all() == [{"a": name}]
        assert name in db.tables()


@pytest.mark.parametrize("id", [-1, 1 << 64, "x", None])
def test_odd_ids_are_refused(db: Any, id: Any) -> None:
    """An id is a whole number from 0."""
    with pytest.raises(InputError):
        db.insert(Document({"a": 1}, doc_id=id))


@pytest.mark.parametrize("table", sorted(OWN))
def test_own_tables_refuse_raw_writes(db: Any, make: Any, table: str) -> None:
    """No API of TinyDB changes Heirloom's tables."""
    make.emit("sales")
    before = db.storage.read()
    own = db.table(table)
    writes: list[Callable[[], Any]] = [
        lambda: own.insert({"a": 1}),
        lambda: own.insert_multiple([{"a": 1}]),
        lambda: own.update({"a": 1}),
        lambda: own.update(increment("version")),
        lambda: own.update(lambda doc: doc.clear(), doc_ids=[1]),
        lambda: own.update_multiple([({"a": 1}, where("a") == 1)]),
        lambda: own.upsert({"a": 1}, where("a") == 1),
        lambda: own.upsert(Document({"a": 1}, doc_id=1)),
        lambda: own.remove(where("name") == "sales"),
        lambda: own.remove(doc_ids=[1]),
        lambda: own.truncate(),
        lambda: db.drop_table(table),
        lambda: db.storage.write({}),
    ]
    for write in writes:
        with pytest.raises(NotSupported) as caught:
            write()
        assert "\n" not in str(caught.value)
    db.drop_tables()
    del before["_default"]
    assert db.storage.read() == before


def test_own_tables_are_read(db: Any, make: Any) -> None:
    """Heirloom's records are found by TinyDB's queries."""
    version = make.emit("sales", 7, partitions={"region": "emea"})
    table = db.table("versions")
    assert table.search(where("name") == "sales") == [version.to_doc()]
    assert table.search(Query().partitions.region == "emea")[0].doc_id == 1
    assert table.get(Query().payload.value == 7)["version"] == 1
    assert {"versions", "executions"} <= db.tables()


def test_stock_tinydb_opens_what_is_read(db: Any, make: Any, tmp_path: Path) -> None:
    """The storage's whole state is a file of stock TinyDB."""
    make.emit("sales")
    (tmp_path / "db.json").write_text(json.dumps(db.storage.read()))
    with tinydb.TinyDB(tmp_path / "db.json") as stock:
        assert stock.tables() == db.tables()
        assert stock.table("versions").all() == db.table("versions").all()
        assert stock.all() == db.all()


class _Loud(Middleware):
    def write(self, data: Any) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("storage", "name"),
    [
        (CachingMiddleware(JSONStorage), "CachingMiddleware"),  # type: ignore[no-untyped-call]
        (_Loud(JournalStorage), "_Loud"),
        (MemoryStorage, "MemoryStorage"),
        (print, "print"),
    ],
)
def test_middleware_is_refused(catalog: Catalog, storage: Any, name: str) -> None:
    """A storage that the tables would pass by is refused, by name, when the database is made."""
    with pytest.raises(NotSupported, match=rf"\({name}\) would be passed by"):
        Database(catalog._archive, storage=storage)


def test_another_table_class_is_refused(catalog: Catalog) -> None:
    """A database whose tables would rewrite everything is refused; a class of ours is taken."""

    class Stock(Database):
        table_class = Table

    class Mine(JournalTable):
        pass

    class Ours(Database):
        table_class = Mine

    with pytest.raises(NotSupported, match="derive Table from JournalTable"):
        Stock(catalog._archive)
    assert isinstance(Ours(catalog._archive).table("t"), Mine)


def test_a_stock_table_over_our_storage_only_reads(db: Any) -> None:
    """TinyDB's own table reads through our storage; its writes are refused, nothing changes."""
    stock = Table(db.storage, "_default")
    before = db.storage.read()
    assert stock.all() == db.all()
    for write in (lambda: stock.insert({}), stock.truncate, lambda: stock.update({"int": 2})):
        with pytest.raises(NotSupported, match="no whole database"):
            write()
    assert db.storage.read() == before


def test_closing_the_database_leaves_the_catalog_open(catalog: Catalog, make: Any) -> None:
    """The catalog owns the files: it goes on when its database is closed."""
    with catalog.db:
        catalog.db.insert({"a": 1})
    assert make.emit("sales").version == 1
