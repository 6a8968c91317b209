"""The derived index: anyone may delete, spoil or replace it, and nobody notices."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogUnavailable
from heirloom.records.queries import Query
from heirloom.records.search import parse_search

Everything = Callable[[Catalog], Any]


def _fill(make: Any) -> None:
    for value in range(4):
        version = make.emit("sales", value, partitions={"region": "emea"})
        make.emit("forecast", reads=(version.ref,))
    make.mark(version, "alias", alias="champion")
    table = make.catalog.db.table("mine")
    ids = table.insert_multiple([{"n": n} for n in range(3)])
    table.remove(doc_ids=ids[1:2])


def _spoil(home: Path, how: str) -> None:
    index = home / "index.sqlite"
    match how:
        case "deleted":
            index.unlink()
        case "deleted with its log":
            for path in home.glob("index.sqlite*"):
                path.unlink()
        case "log deleted":
            for path in home.glob("index.sqlite-*"):
                path.unlink()
        case "garbage":
            index.write_bytes(random.Random(7).randbytes(8192))
        case "empty":
            index.write_bytes(b"")
        case "cut":
            index.write_bytes(index.read_bytes()[: index.stat().st_size // 2])
        case "another schema":
            with sqlite3.connect(index) as db:
                db.execute("UPDATE place SET schema=0")
        case "another journal":
            with sqlite3.connect(index) as db:
                db.execute("UPDATE place SET journal='x'")
        case "another chain":
            with sqlite3.connect(index) as db:
                db.execute("UPDATE place SET chain='00000000'")
        case "ahead":
            with sqlite3.connect(index) as db:
                db.execute("UPDATE place SET at=at+1000, n=n+1")
        case "wrong places":
            with sqlite3.connect(index) as db:
                db.execute("UPDATE versions SET at=at+1")
        case "swapped places":
            with sqlite3.connect(index) as db:
                db.execute("UPDATE versions SET at=(SELECT at FROM versions WHERE id=1)")
                db.execute("UPDATE versions SET size=(SELECT size FROM versions WHERE id=1)")


_SPOILS = [
    *("deleted", "deleted with its log", "log deleted", "garbage", "empty", "cut"),
    *("another schema", "another journal", "another chain", "ahead"),
    *("wrong places", "swapped places"),
]


@pytest.mark.parametrize("how", _SPOILS)
def test_spoiled_before_opening(
    make: Any, home: Path, opened: Any, everything: Everything, how: str, maker: Any
) -> None:
    """An index that is gone, damaged or another's is made anew when the home is opened."""
    _fill(make)
    expected = everything(make.catalog)
    make.catalog.close()
    _spoil(home, how)
    catalog = opened()
    assert everything(catalog) == expected
    assert maker(catalog).emit("sales").version == 5
    assert verify(home).ok


@pytest.mark.parametrize("how", _SPOILS)
def test_spoiled_under_an_open_handle(
    make: Any, home: Path, everything: Everything, how: str
) -> None:
    """An open handle goes on, and commits, whatever happens to the index's file."""
    _fill(make)
    expected = everything(make.catalog)
    if how in {"garbage", "empty", "cut", "log deleted"}:
        shutil.copy(home / "index.sqlite", home / "copy")
        (home / "index.sqlite").unlink()
        (home / "copy").rename(home / "index.sqlite")
    _spoil(home, how)
    assert make.emit("sales").version == 5
    found = everything(make.catalog)
    assert found["mine"] == expected["mine"]
    assert len(found["versions seen"]) == 9
    assert make.emit("forecast").version == 5


@pytest.mark.parametrize("behind", [1, 3, 9])
def test_index_behind_catches_up(
    make: Any, home: Path, opened: Any, everything: Everything, behind: int
) -> None:
    """An older index goes on from where it stands."""
    _fill(make)
    make.catalog.names()
    make.catalog.close()
    shutil.copy(home / "index.sqlite", home.parent / "old")
    other = opened()
    for _ in range(behind):
        other.db.table("mine").insert({"more": behind})
    expected = everything(other)
    other.close()
    shutil.copy(home.parent / "old", home / "index.sqlite")
    for path in home.glob("index.sqlite-*"):
        path.unlink()
    assert verify(home).index == "behind"
    assert everything(opened()) == expected


def test_another_homes_index_that_stands_further_on(
    make: Any, home: Path, catalog: Catalog, tmp_path: Path
) -> None:
    """Put under an open handle it is told apart before it is asked anything, and made anew."""
    make.emit("sales")
    with_more = Catalog(tmp_path / "another")
    for _ in range(20):
        with_more.db.insert({"n": 1})
    with_more.view().latest_number("p", "sales")
    with_more.close()
    make.emit("sales")
    (tmp_path / "another" / "index.sqlite").replace(home / "index.sqlite")
    make.emit("sales")
    assert catalog.view().latest_number("p", "sales") == 3
    assert [version.version for version in catalog.search(parse_search(""))[0]] == [3, 2, 1]


def test_made_anew_is_the_same(make: Any, home: Path, opened: Any, everything: Everything) -> None:
    """An index that grew line by line and one made at once hold the same rows."""
    for step in range(3):
        _fill(make)
        make.catalog.names()
        make.mark(make.emit("sales"), "note", text=f"note {step}")
    make.catalog.db.drop_table("mine")
    make.catalog.names()
    grown = _dump(home / "index.sqlite")
    make.catalog.close()
    (home / "index.sqlite").unlink()
    opened()
    assert _dump(home / "index.sqlite") == grown


def _dump(path: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(path) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {table: sorted(map(repr, db.execute(f"SELECT * FROM {table}"))) for table in tables}


def test_two_handles_make_it_anew_once(
    make: Any, home: Path, opened: Any, everything: Everything
) -> None:
    """Two handles that find the index broken agree on one new file."""
    _fill(make)
    other = opened()
    expected = everything(other)
    _spoil(home, "wrong places")
    assert everything(make.catalog) == expected
    made = (home / "index.sqlite").stat().st_ino
    assert everything(other) == expected
    assert (home / "index.sqlite").stat().st_ino == made


def test_replaced_while_a_thread_opens_it(
    make: Any, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that opened the index as another made it anew asks the new one from then on."""
    make.emit("sales")
    index, opened, go_on, emitted = catalog._archive.index, Event(), Event(), Event()
    real, found = index._connect, list[int]()

    def connect() -> sqlite3.Connection:
        connection = real()
        if current_thread() is late:
            opened.set()
            go_on.wait(10)
        return connection

    def ask() -> None:
        query = Query(name="sales", project="p")
        found.append(len(catalog.view().versions(query)))
        emitted.wait(10)
        found.append(len(catalog.view().versions(query)))

    late = Thread(target=ask)
    monkeypatch.setattr(index, "_connect", connect)
    late.start()
    opened.wait(10)
    catalog._archive.rebuild()
    go_on.set()
    make.emit("sales")
    catalog.names()
    emitted.set()
    late.join()
    assert found[1] == 2


def test_own_commit_is_read(make: Any, catalog: Catalog) -> None:
    """A handle reads its own commit at once, a search included."""
    for number in range(1, 6):
        version = make.emit("sales", f"value{number}")
        assert catalog.search(parse_search(f"value{number}"))[0] == [version]


def test_busy_index_is_waited_for(make: Any, catalog: Catalog, opened: Any) -> None:
    """A reader waits while another process advances the index."""
    make.emit("sales")
    db = opened()._archive.index.connection()
    make.emit("sales")
    db.execute("BEGIN IMMEDIATE")
    from threading import Timer

    began = time.monotonic()
    Timer(0.1, lambda: db.execute("ROLLBACK")).start()
    assert catalog.view().latest_number("p", "sales") == 2
    assert time.monotonic() - began > 0.05


def test_closed_while_others_read(make: Any, opened: Any) -> None:
    """To close a handle ends no thread that reads through it, and none is left open."""
    for value in range(300):
        make.emit("sales", f"value{value}")
    for _ in range(20):
        handle, reading = opened(), Event()
        wrong: list[int] = []

        def read(
            handle: Catalog = handle, reading: Event = reading, wrong: list[int] = wrong
        ) -> None:
            for _ in range(30):
                reading.set()
                try:
                    found = handle.view().versions(Query(name="sales", project="p"))
                except CatalogUnavailable:
                    return
                wrong.extend([] if len(found) == 300 else [len(found)])

        threads = [Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        reading.wait()
        handle.close()
        for thread in threads:
            thread.join()
        assert not wrong


def test_the_first_answer_takes_no_second_row(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants the newest of many has few rows read: what it costs does not grow with them."""
    for value in range(200):
        make.emit("sales", value)
    view = make.catalog.view()
    assert len(view.versions(Query(name="sales", project="p"))) == 200
    read: list[int] = []

    class Reading(sqlite3.Cursor):
        def fetchmany(self, size: int | None = None) -> list[Any]:
            rows = super().fetchmany(size or self.arraysize)
            read.append(len(rows))
            return rows

    connection = make.catalog._archive.index.connection()

    class Connected:
        def execute(self, sql: str, params: Any = ()) -> Any:
            return connection.cursor(Reading).execute(sql, params)

    monkeypatch.setattr(make.catalog._archive.index, "connection", Connected)
    assert view.resolve(Query(name="sales", project="p")).version == 200
    assert 0 < sum(read) <= 5
