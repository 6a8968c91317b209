"""A session's `db`: the catalog as a TinyDB, to read beside and to keep one's own tables in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tinydb
from tinydb import Query

import heirloom as hl
from heirloom.errors import CatalogUnavailable, NotSupported


def test_a_table_of_ones_own_is_kept_in_the_home(home: Path) -> None:
    """What a session inserts, updates and removes is there in the next one."""
    first = hl.connect(home)
    assert isinstance(first.db, tinydb.TinyDB)
    owners = first.db.table("owners")
    owners.insert_multiple([{"artifact": "sales", "team": "north"}, {"artifact": "raw"}])
    owners.update({"team": "south"}, Query().artifact == "sales")
    owners.remove(Query().artifact == "raw")
    again = hl.connect(home)
    assert again.db is not first.db
    assert again.db.table("owners").all() == [{"artifact": "sales", "team": "south"}]


def test_heirlooms_tables_are_read_with_a_query(home: Path) -> None:
    """What the verbs recorded is found in its table, at once."""
    session = hl.connect(home)
    hl.publish(1, "sales[region=emea]")
    newest = hl.publish(2, "sales[region=apac]")
    hl.alias("sales@2", "champion")
    versions = session.db.table("versions")
    (found,) = versions.search(Query().partitions.region == "apac")
    assert (found["name"], found["version"]) == ("sales", newest.version)
    (mark,) = session.db.table("marks").search(Query().kind == "alias")
    assert (mark["version"], mark["data"]["alias"]) == (newest.version, "champion")
    assert versions.count(Query().name == "sales") == 2


@pytest.mark.parametrize(
    "write",
    [
        lambda db: db.table("versions").insert({"name": "forged"}),
        lambda db: db.table("versions").update({"version": 9}),
        lambda db: db.table("marks").truncate(),
        lambda db: db.drop_table("executions"),
    ],
)
def test_a_raw_write_to_heirlooms_tables_is_refused(
    home: Path, write: Callable[[Any], object]
) -> None:
    """It is an error, and everything is as it was."""
    session = hl.connect(home)
    hl.publish(1, "sales")
    before = session.db.storage.read()
    with pytest.raises(NotSupported, match="Heirloom's own"):
        write(session.db)
    assert session.db.storage.read() == before


def test_a_home_to_look_into_takes_no_table(home: Path) -> None:
    """Read only, the tables are read, and a write is refused."""
    hl.connect(home).db.table("owners").insert({"team": "north"})
    session = hl.connect(home, read_only=True)
    with pytest.raises(CatalogUnavailable, match="reading only"):
        session.db.table("owners").insert({"team": "south"})
    assert session.db.table("owners").all() == [{"team": "north"}]
