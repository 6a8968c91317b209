"""What a look at the whole journal finds, and what a quick one does."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog.comparing import differences
from heirloom.catalog.index import Index
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogUnavailable
from heirloom.records.executions import Item, Read
from heirloom.records.redactions import Text


def test_what_is_spoken_of_and_not_there(home: Path, make: Any) -> None:
    """Each lost end of an edge, a row, a mark or a parent is a line that says who speaks of it."""
    version = make.emit("sales")
    run = make.execution(
        parent_id="nobody",
        inputs={"x": Item("value:lost/out")},
        reads=(Read("heirloom://p/sales@9", "", "read"),),
    )
    make.write(executions=[run], rows=[make.row("plan", version.ref, execution_id="gone")])
    make.mark(version, "note", text="here")
    report = verify(home)
    assert report.ok
    assert sorted(report.dangling) == sorted(
        [
            f"execution {run.id} speaks of execution nobody, which is not there.",
            f"execution {run.id} speaks of execution lost, which is not there.",
            f"execution {run.id} speaks of heirloom://p/sales@9, which is not there.",
            "a row of plan plan speaks of plan plan v1, which is not there.",
            "a row of plan plan speaks of execution gone, which is not there.",
        ]
    )


def test_all_that_is_spoken_of_is_there(home: Path, make: Any) -> None:
    """What is written later, or in the same transaction, is there."""
    parent = make.execution(state="running")
    child = make.execution(parent_id=parent.id, root_id=parent.id)
    make.write(executions=[child])
    make.write(executions=[parent], plans=[make.plan("plan", "sales")])
    version = make.emit("sales", reads=(f"value:{child.id}/out",))
    make.write(rows=[make.row("plan", version.ref, execution_id=child.id)])
    assert verify(home).dangling == []


def test_quick(home: Path, make: Any) -> None:
    """A quick look reads what is behind the index, and finds a cut or bad end of the journal."""
    make.emit("sales")
    make.catalog.names()
    assert verify(home, quick=True).lines == 0
    make.emit("sales")
    report = verify(home, quick=True)
    assert (report.lines, report.transactions, report.index, report.ok) == (2, 1, "behind", True)
    journal = home / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-40] + b"#" + whole[-39:])
    found = verify(home, quick=True)
    assert not found.ok
    assert found.offset is not None
    assert found.offset > len(whole) // 2
    (home / "index.sqlite").unlink()
    journal.write_bytes(whole)
    assert verify(home, quick=True).lines == verify(home).lines == 5


@pytest.mark.parametrize(
    ("table", "spoil"),
    [
        ("versions", "UPDATE versions SET state='yanked'"),
        ("edges", "DELETE FROM edges"),
        ("names", "UPDATE names SET newest=9"),
        ("aliases", "INSERT INTO aliases VALUES (1, 'champion', 1)"),
        ("tables", "UPDATE tables SET next=1"),
        ("texts", "UPDATE texts SET text='another'"),
    ],
)
def test_an_index_that_says_otherwise(home: Path, make: Any, table: str, spoil: str) -> None:
    """A row too many, too few, or another is found, in whichever table of the index."""
    version = make.emit("sales")
    make.emit("sales", reads=(version.ref,))
    make.catalog.names()
    assert differences(home) == []
    with sqlite3.connect(home / "index.sqlite") as db:
        db.execute(spoil)
    (line,) = differences(home)
    assert f" of {table!r} that the journal does not give" in line


def test_an_index_that_is_behind_or_none_is_no_difference(home: Path, make: Any) -> None:
    """What will be brought on, or made anew, does not differ."""
    make.emit("sales")
    make.catalog.names()
    make.emit("sales")
    assert differences(home) == []
    for path in home.glob("index.sqlite*"):
        os.unlink(path)
    assert differences(home) == []
    (home / "index.sqlite").write_bytes(b"garbage")
    assert differences(home) == []


def test_an_index_that_moves_on(home: Path, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others write while the index is held against the journal is no difference."""
    make.emit("sales")
    make.catalog.names()
    real = Index.rebuild

    def busy(index: Index, *args: Any) -> None:
        make.emit("sales")
        make.catalog.names()
        real(index, *args)

    monkeypatch.setattr(Index, "rebuild", busy)
    assert differences(home) == []


def test_an_export_that_meets_a_redaction(make: Any) -> None:
    """Who reads the old journal when it is redacted is told so in one line."""
    make.emit("sales", "hunter2-hunter2")
    with make.catalog.snapshot() as snapshot:
        make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
        with pytest.raises(CatalogUnavailable, match="redacted, or damaged, while it was read"):
            list(snapshot.lines("versions"))
