"""Rows that a changed bit hides in the index: a commit never goes by what it does not see."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from workload import STEPS, emit, told

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

_TREES = (
    *("names", "names_folded", "sqlite_autoindex_names_1", "tables"),
    *("versions", "versions_emission", "sqlite_autoindex_versions_1"),
    *("executions", "sqlite_autoindex_executions_1", "ledger", "sqlite_autoindex_ledger_1"),
)
_STRIDE = 67
"""The short form changes one bit of so many."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index has all that the journal has."""
    home = tmp_path_factory.mktemp("sound") / "home"
    with closing(Catalog(home, sync="none")) as catalog:
        for step in STEPS.values():
            step(catalog)
        told(catalog)
    return home


def _bits(index: Path, tree: str) -> Iterator[tuple[int, int]]:
    """Byte and bit of all that is written in the root of a tree, which is all of it here."""
    with closing(sqlite3.connect(index)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name=?", (tree,)).fetchone()
    page = index.read_bytes()[(root - 1) * size : root * size]
    return ((at + (root - 1) * size, bit) for at in range(size) if page[at] for bit in range(8))


@pytest.mark.parametrize("tree", _TREES)
def test_no_number_and_no_id_is_given_twice(
    room: Path, sound: Path, tree: str, deep: bool, count: Callable[..., None]
) -> None:
    """Whatever bit of a tree is another: the next number is the next, and every id is new."""
    home = shutil.copytree(sound, room / "home")
    index, text = (sound / "index.sqlite").read_bytes(), (sound / "journal.jsonl").read_bytes()
    mark = (sound / "locks/journal.synced").read_bytes()
    tried = 0
    for at, bit in list(_bits(sound / "index.sqlite", tree))[:: 1 if deep else _STRIDE]:
        changed = bytearray(index)
        changed[at] ^= 1 << bit
        for left in home.glob("index.sqlite*"):
            left.unlink()
        (home / "index.sqlite").write_bytes(changed)
        (home / "journal.jsonl").write_bytes(text)
        (home / "locks/journal.synced").write_bytes(mark)
        with closing(Catalog(home, sync="none")) as catalog:
            emit(50, "sales")(catalog)
            emit(51, "part/of3")(catalog)
            emit(52, "new")(catalog)
            STEPS["claim"](catalog)
            catalog.db.table("other").insert({"q": 1})
        assert _numbers(home, len(text)) == [("sales", 4), ("part/of3", 2), ("new", 1)], (at, bit)
        assert verify(home).problems == [], (at, bit)
        tried += 1
    assert tried
    count(tried=tried, twice=0)


def _numbers(home: Path, size: int) -> list[tuple[str, int]]:
    """Name and number of each version behind that byte of the journal."""
    lines = (home / "journal.jsonl").read_bytes()[size:].splitlines()
    made = [line for line in map(json.loads, lines) if line["t"] == "versions"]
    return [(line["d"]["name"], line["d"]["version"]) for line in made]
