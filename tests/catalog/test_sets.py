"""Sets of ids in the index: what is added is there, in blocks of any density."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import pytest

from heirloom.catalog.schema import TABLES
from heirloom.catalog.sets import BLOCK, SetRows, members, set_of, set_of_ids


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An empty index."""
    found = sqlite3.connect(":memory:")
    found.executescript(TABLES)
    yield found
    found.close()


@pytest.mark.parametrize("many", [1, 255, 256, 4000])
def test_what_is_added_is_there(db: sqlite3.Connection, many: int) -> None:
    """Sparse and dense blocks, written in several goes, hold just the ids that were added."""
    ids = random.Random(many).sample(range(3 * BLOCK), many)
    for some in (ids[: many // 2], ids[many // 2 :]):
        rows = SetRows(db)
        for id in some:
            rows.add("a=1", id)
        rows.add("b=1", 2 * BLOCK)
        rows.flush()
    assert list(members(set_of(db, ["a=1"]))) == sorted(ids, reverse=True)
    assert set_of(db, ["a=1", "b=1", "none"]) == set_of_ids([*ids, 2 * BLOCK])
    assert set_of(db, ["b=1", "a=1"]) == set_of_ids([*ids, 2 * BLOCK])


def test_discarded_and_moved(db: sqlite3.Connection) -> None:
    """What is taken away is gone, and what is moved changes its set, written or not."""
    rows = SetRows(db)
    for id in range(300):
        rows.add("old", id)
        rows.add("some" if id % 2 else "others", id)
    rows.discard("old", 299)
    rows.discard("old", 999)
    rows.move("some", "old", "new")
    rows.flush()
    assert set_of(db, ["old"]) == set_of_ids(range(0, 300, 2))
    assert set_of(db, ["new"]) == set_of(db, ["some"]) == set_of_ids(range(1, 300, 2))


def test_a_long_run_is_written_on_the_way(db: sqlite3.Connection) -> None:
    """What is gathered does not grow without end, and nothing of it is lost."""
    rows = SetRows(db)
    for id in range(60_000):
        rows.add(f"n={id}", id)
    assert db.execute("SELECT count(*) FROM sets").fetchone()[0] >= 50_000
    rows.flush()
    assert set_of(db, ["n=7", "n=59999"]) == 1 << 7 | 1 << 59_999
