"""What a purge takes out of the journal, and what nobody may miss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tinydb.table import Document

from heirloom.ancestry import walk
from heirloom.catalog import Catalog
from heirloom.catalog.salvage import salvage
from heirloom.catalog.verify import verify
from heirloom.records.executions import Item, Read
from heirloom.records.payloads import Payload

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
VALUE = Payload(format="json", type_name="int", kind="value", value=1)


def _value(run: str) -> str:
    return f"value:{run}/out"


@pytest.fixture
def run(make: Any) -> Callable[..., Any]:
    """Writes an execution that ended long ago."""

    def write(**given: Any) -> Any:
        ended = given.pop("ended_at", LONG_AGO)
        execution = make.execution(started_at=LONG_AGO, ended_at=ended, **given)
        make.write(executions=[execution])
        return execution

    return write


def _kept(catalog: Catalog) -> set[str]:
    return {execution.id for execution in catalog.view().executions()}


def _purge(catalog: Catalog, before: datetime = LONG_AGO + timedelta(days=1)) -> set[str]:
    """What a purge takes, which is what it said that it would."""
    there = _kept(catalog)
    looked = catalog.purge("ada", before, dry_run=True)
    assert _kept(catalog) == there
    done = catalog.purge("ada", before)
    assert (looked.executions, looked.lines) == (done.executions, done.lines)
    assert there - _kept(catalog) == set(done.executions)
    return set(done.executions)


def test_a_run_that_left_nothing(catalog: Catalog, run: Any) -> None:
    """Old runs that made and read no version go, with all their steps; younger ones stay."""
    failed = run(state="failed", error="no")
    envelope = run(kind="workflow")
    step = run(root_id=envelope.id, parent_id=envelope.id, outputs={"out": VALUE})
    after = run(root_id=envelope.id, parent_id=envelope.id, inputs={"x": Item(_value(step.id))})
    young = run(ended_at=LONG_AGO + timedelta(days=2))
    assert _purge(catalog) == {failed.id, envelope.id, step.id, after.id}
    assert _kept(catalog) == {young.id}


def test_what_something_needs_stays(catalog: Catalog, make: Any, run: Any) -> None:
    """A run stays if a version, a ledger row, another run, or its own unfinished step needs it."""
    version = make.emit("sales")
    reader = run(state="failed", reads=(Read(version.ref, "", "read"),))
    row = run()
    make.write(rows=[make.row("plan", version.ref, execution_id=row.id)])
    giver = run(outputs={"out": VALUE})
    taker = run(inputs={"x": Item(_value(giver.id))})
    reused = run()
    cached = run(cached_from=reused.id, reads=(Read(version.ref, "", "read"),))
    again = run()
    rerun = run(rerun_of=again.id, ended_at=LONG_AGO + timedelta(days=9))
    half = run(kind="workflow")
    running = run(root_id=half.id, parent_id=half.id, state="running", ended_at=None)
    needed = (reader, row, giver, taker, reused, cached, again, rerun, half, running)
    assert _purge(catalog) == set()
    assert {each.id for each in needed} <= _kept(catalog)


def test_lineage_does_not_change(catalog: Catalog, make: Any, run: Any) -> None:
    """Every lineage of every version is the same before and after."""
    first = make.emit("sales")
    flow = run(kind="workflow", reads=(Read(first.ref, "", "read"),))
    made = run(root_id=flow.id, parent_id=flow.id, outputs={"out": VALUE})
    inner = {"root_id": flow.id, "parent_id": flow.id, "inputs": {"x": Item(_value(made.id))}}
    run(**inner)
    second = make.emit("sales", reads=(first.ref, _value(made.id)))
    make.emit("other", reads=(second.ref,))
    for _ in range(5):
        run(state="failed")

    def lineages() -> list[Any]:
        view = catalog.view()
        edges = _Edges(view)
        items = ("heirloom://p/sales@1", "heirloom://p/sales@2", "heirloom://p/other@1")
        return [
            walk(edges, item, up, down) for item in items for up in (1, None) for down in (1, None)
        ]

    before = lineages()
    assert len(_purge(catalog)) == 5
    assert lineages() == before


class _Edges:
    """The catalog's edges, as the walk asks for them."""

    def __init__(self, view: Any) -> None:
        self._view = view
        self.execution, self.producer = view.execution, view.producer
        self.consumers, self.outputs = view.consumers, view.outputs

    def record(self, item: str) -> Any:
        if item.startswith("value:"):
            maker = self._view.producer(item)
            return next(iter(maker.values()), None) if maker else None
        name, _, number = item.rpartition("/")[2].partition("@")
        return self._view.version("p", name, int(number))


def test_overtaken_lines_go(
    home: Path, catalog: Catalog, make: Any, everything: Callable[..., Any]
) -> None:
    """What later lines overtook goes; every answer, id and order is as it was."""
    runs = [make.execution(state="running") for _ in range(3)]
    make.write(executions=runs)
    make.emit("sales")
    for each in runs:
        make.write(executions=[make.execution(each.id, state="failed")])
    table = catalog.db.table("mine")
    table.insert_multiple([{"n": n} for n in range(6)])
    table.remove(doc_ids=[1, 6])
    table.update({"n": 9}, doc_ids=[2])
    catalog.db.table("emptied").insert({})
    catalog.db.table("emptied").truncate()
    catalog.db.table("again").insert({"n": 1})
    catalog.db.table("again").truncate()
    catalog.db.table("again").insert({"n": 2})
    expected = everything(catalog)
    size = (home / "journal.jsonl").stat().st_size
    lines = (home / "journal.jsonl").read_bytes().count(b"\n")
    found = catalog.purge("ada")
    assert (home / "journal.jsonl").read_bytes().count(b"\n") == lines - found.lines
    assert (home / "journal.jsonl").stat().st_size < size
    assert (found.size, found.size_after) == (size, (home / "journal.jsonl").stat().st_size)
    assert found.lines == 3 + 2 + 2 + 1 + 1 + 2
    assert found.executions == ()
    assert everything(catalog) == expected
    assert verify(home).ok
    assert catalog.purge("ada").lines == 0
    assert table.insert({}) == 7
    assert catalog.db.table("emptied").insert({}) == 2


def test_a_document_whose_insert_was_lost(
    home: Path, opened: Any, maker: Any, everything: Callable[..., Any]
) -> None:
    """After a salvage, what only an update tells of is needed: nothing goes, nothing is written."""
    make = maker(opened())
    run = make.execution(state="running")
    make.write(executions=[run])
    make.write(executions=[make.execution()])
    make.write(executions=[make.execution(run.id, state="failed")])
    make.catalog.close()
    journal = home / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"running", b"runninG")
    journal.write_bytes(b"".join(lines))
    salvage(home, "ada")
    catalog = opened()
    expected, before = everything(catalog), journal.read_bytes()
    assert len(expected["executions"]) == 2
    found = catalog.purge("ada")
    assert (found.lines, found.size_after) == (0, None)
    assert journal.read_bytes() == before
    catalog.db.table("mine").insert_multiple([{"n": n} for n in range(3000)])
    catalog.db.table("mine").update({"n": -1}, doc_ids=[1, 2000])
    assert catalog.purge("ada").lines == 2


def test_a_document_whose_id_was_used_before(catalog: Catalog) -> None:
    """A row that was removed and put back under its id is kept once, in its newest form."""
    table = catalog.db.table("mine")
    for n in range(3):
        table.insert({"n": n})
        table.remove(doc_ids=[1])
        table.upsert(Document({"n": 10 + n}, doc_id=1))
    catalog.purge("ada")
    assert [(doc.doc_id, dict(doc)) for doc in table] == [
        (1, {"n": 12}),
        (2, {"n": 1}),
        (3, {"n": 2}),
    ]


def test_nothing_to_take_away(catalog: Catalog, run: Any) -> None:
    """The journal stays byte for byte: another one would only be longer."""
    run()
    before = (catalog.home / "journal.jsonl").read_bytes()
    found = catalog.purge("ann", None)
    assert (found.lines, found.executions, found.size_after) == (0, (), None)
    assert (catalog.home / "journal.jsonl").read_bytes() == before
