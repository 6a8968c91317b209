"""Makes the golden journals of a format, and what a catalog has to say of each, for ever.

    cd tests/catalog/golden
    PYTHONPATH=../../../toolkit python make.py format-1
    PYTHONPATH=../../../toolkit python make.py format-1-rewritten format-1
    PYTHONPATH=../../../toolkit python make.py format-1-shared format-1

Run once for each format, when it is frozen; a file that was released is never made anew. A new
kind of record, in the same format, goes into a new file beside it.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tinydb import where

from heirloom.catalog import Batch, Catalog
from heirloom.catalog.salvage import salvage
from heirloom.records.binds import FiringPartition, FiringTime, Input
from heirloom.records.clauses import Clause
from heirloom.records.declarations import Declaration
from heirloom.records.executions import KINDS, Execution, Item, Read
from heirloom.records.ledger import LEDGER_STATES, LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.redactions import Text
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion, Card

_BEGAN = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
_DIGEST = "sha256:" + "ab" * 32
_ONE = Payload(format="json", type_name="int", kind="value", size=1, digest=_DIGEST, value=1)

PAYLOADS = {
    "number": _ONE,
    "nothing": Payload(format="json", type_name="NoneType", kind="value", size=4, value=None),
    "nested": Payload(
        format="json", type_name="dict", kind="value", size=30, value={"a": [1, "é"]}
    ),
    "frame": Payload(
        format="parquet",
        type_name="pandas.DataFrame",
        kind="data",
        size=2048,
        digest=_DIGEST,
        schema={"rows": 3, "columns": {"day": "datetime64[ns]", "sum": "float64"}},
        meta={"index": False},
    ),
    "model": Payload(
        format="skops",
        type_name="sklearn.linear_model.LogisticRegression",
        kind="model",
        size=4096,
        digest=_DIGEST,
        meta={"types": []},
    ),
    "link": Payload(
        format="link",
        type_name="File",
        kind="file",
        size=9,
        link="s3://bucket/key",
        meta={"etag": "x"},
    ),
    "elsewhere": Payload(
        format="text",
        type_name="str",
        kind="data",
        size=5000,
        digest=_DIGEST,
        store="store00000000001",
    ),
    "alive": Payload(format="alive", type_name="app.Client", kind="value"),
}


class Maker:
    """Commits one record after the other, a minute apart."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.minutes = 0
        self.runs = 0

    def time(self) -> datetime:
        self.minutes += 1
        return _BEGAN + timedelta(minutes=self.minutes)

    def write(self, **records: Any) -> None:
        self.catalog.commit(lambda _: Batch(**records))

    def execution(self, id: str = "", **given: Any) -> Execution:
        self.runs += 1
        own = id or f"run{self.runs:013}"
        made: dict[str, Any] = {
            "kind": "task",
            "name": "work",
            "state": "succeeded",
            "root_id": own,
            "project": "acme",
            "created_by": "ada",
            "started_at": self.time(),
        }
        return Execution(id=own, **(made | given))

    def emit(self, name: str, payload: Payload = _ONE, **given: Any) -> ArtifactVersion:
        run = self.execution()
        made: dict[str, Any] = {
            "project": "acme",
            "payload": payload,
            "partitions": {},
            "created_at": self.time(),
            "created_by": "ada",
            "execution_id": run.id,
            "root_id": run.id,
            "path": "",
            "output": "o0",
        }
        emission = ArtifactVersion(name=name, version=0, **(made | given))

        def prepare(view: Any) -> Batch:
            version, _ = view.number(emission)
            ended = {"ended_at": self.time(), "outputs": {"o0": Item(version.ref)}}
            return Batch(versions=[version], executions=[_with(run, **ended)])

        return self.catalog.commit(prepare).versions[0]

    def mark(self, version: ArtifactVersion, said: str, /, **data: Any) -> None:
        named: dict[str, Any] = {"project": version.project, "name": version.name}
        by: dict[str, Any] = {"version": version.version, "at": self.time(), "by": "bo"}
        self.write(marks=[Mark(**named, **by, kind=said, data=data)])

    def plan(self, name: str, version: int = 1, **given: Any) -> LaunchPlanRecord:
        made: dict[str, Any] = {
            "workflow": "flow",
            "kind": "workflow",
            "code": _DIGEST,
            "digest": f"sha256:{name}{version}",
            "registered_by": "ada",
            "session_id": "s1",
        }
        when = self.time()
        return LaunchPlanRecord(
            project="acme", name=name, version=version, registered_at=when, **(made | given)
        )


def _with(execution: Execution, **given: Any) -> Execution:
    return Execution(**{name: getattr(execution, name) for name in execution.__slots__} | given)


def fill(catalog: Catalog) -> None:
    """Write every operation, every table and every kind of record."""
    make = Maker(catalog)
    _declare(make)
    versions = _emit(make)
    _say(make, versions)
    _run(make, versions)
    _react(make, versions)
    _pace(make, versions)
    _place(make)
    _own_tables(catalog)


def _declare(make: Maker) -> None:
    by: dict[str, Any] = {"declared_by": "ada", "where": "cell 3 of sales.ipynb"}
    types = {"region": "str", "day": "date"}
    for version, keys in enumerate((("region",), ("region", "day")), 1):
        declaration = Declaration(
            project="acme",
            name="Sales",
            version=version,
            keys=keys,
            types={key: types[key] for key in keys},
            granularity="day" if version == 2 else None,
            owner="ada",
            description="Daily sales, cleaned",
            declared_at=make.time(),
            **by,
        )
        make.write(declarations=[declaration])


def _emit(make: Maker) -> dict[str, ArtifactVersion]:
    found = {
        name: make.emit("team/things", payload, output=name) for name, payload in PAYLOADS.items()
    }
    for region, day in (("emea", 1), ("emea", 2), ("apac", 1)):
        when = datetime(2026, 2, day, tzinfo=UTC)
        found[f"{region}{day}"] = make.emit(
            "Sales",
            partitions={"region": region, "day": f"2026-02-0{day}"},
            time_partition=when,
            card=Card(f"# {region} {day}", "data"),
            attachments={"plot": _DIGEST},
            partial=("prices",),
        )
    found["draft"] = make.emit("Sales", state="draft", partitions={"region": "emea"})
    found["last"] = make.emit("Sales", partitions={"region": "emea"})
    return found


def _say(make: Maker, versions: dict[str, ArtifactVersion]) -> None:
    make.mark(versions["emea1"], "alias", alias="champion", reason="best so far")
    make.mark(versions["apac1"], "alias", alias="champion", reason="better")
    make.mark(versions["emea1"], "alias", alias="baseline", reason="")
    make.mark(versions["emea1"], "card", text="# revised", kind="")
    make.mark(versions["emea1"], "note", text="a note\nwith two lines")
    make.mark(versions["emea1"], "note", text="a second note")
    make.mark(versions["last"], "yank", reason="wrong account")
    make.mark(versions["last"], "restore", reason="it was right")
    make.mark(versions["last"], "yank", reason="wrong currency")
    make.mark(versions["nothing"], "purge")


def _run(make: Maker, versions: dict[str, ArtifactVersion]) -> None:
    root = make.execution("root000000000001", kind="workflow", state="running", claimant="host:1")
    make.write(executions=[root], codes={_DIGEST: _CODE})
    for number, kind in enumerate(KINDS):
        under: dict[str, Any] = {"parent_id": root.id, "root_id": root.id, "path": f"n{number}"}
        make.write(executions=[make.execution(kind=kind, ended_at=make.time(), **under)])
    for state in ("queued", "failed", "dead", "cancelled"):
        error = "ValueError: no" if state in {"failed", "dead"} else None
        make.write(executions=[make.execution(state=state, error=error, attempt=2)])
    whole = make.execution(
        "full000000000001",
        code_version=_DIGEST,
        plan="nightly",
        plan_version=2,
        inputs={"raw": Item(versions["emea1"].ref, "trigger"), "days": _ONE},
        outputs={"o0": Item(versions["frame"].ref), "o1": PAYLOADS["nested"]},
        reads=(Read(versions["model"].ref, "", "free-variable", ("cell 2", "cell 3")),),
        ended_at=make.time(),
        parent_id=root.id,
        path="n1/2",
        depth=2,
        chain="chain00000000001",
        triggered_by=(versions["emea1"].ref,),
        cache_key=_DIGEST,
        cached_from="run0000000000001",
        rerun_of="run0000000000002",
        tries=2,
        printed="done\n",
        log=_DIGEST,
        claimant="host:1",
        bound="client",
        anchor={"notebook": "sales.ipynb", "cell": "c1", "source": _DIGEST},
        partial=("prices",),
        error="x",
    )
    make.write(executions=[whole])
    make.write(executions=[_with(root, state="succeeded", claimant=None, ended_at=make.time())])


def _react(make: Maker, versions: dict[str, ArtifactVersion]) -> None:
    clauses = (
        Clause("region", "=", ("emea",)),
        Clause("region", "!=", (Input("region"),)),
        Clause("day", ">=", (FiringPartition("Sales", "day"),), negated=True),
        Clause("day", "<", (FiringTime("Sales", timedelta(days=-1)),)),
        Clause("tier", "in", ("x", "y")),
    )
    query = Query(name="Sales", project="acme", clauses=clauses, types={"day": "date"})
    trigger = Trigger(
        on=(query, Query(name="team/things", at="champion", latest="time_partition")),
        condition="all",
        when="change",
        inputs={
            "raw": {"firing": "Sales"},
            "other": {"query": Query(name="team/things", at=1).to_doc(), "optional": True},
            "all": {"query": Query(name="team/things", each=("day",)).to_doc()},
            "day": {"bind": FiringTime("Sales", timedelta(hours=1)).to_doc()},
            "n": {"value": _ONE.to_doc()},
        },
        debounce=1.5,
        max_depth=None,
    )
    make.write(plans=[make.plan("nightly")])
    full: dict[str, Any] = {"trigger": trigger, "defaults": {"n": {"value": _ONE.to_doc()}}}
    fixed = {"q": {"query": query.to_doc()}}
    make.write(
        plans=[
            make.plan(
                "nightly",
                2,
                **full,
                fixed=fixed,
                max_concurrent=None,
                emits=("heirloom://acme/sums",),
            )
        ]
    )
    for active in (True, False, True):
        position: dict[str, Any] = {"version": 2, "active": active, "person": not active}
        by: dict[str, Any] = {"at": make.time(), "by": "ada", "session_id": "s1"}
        make.write(switches=[Switch(project="acme", plan="nightly", **position, **by)])
    for number, state in enumerate(LEDGER_STATES, 1):
        row = LedgerRow(
            project="acme",
            plan="nightly",
            plan_version=number,
            refs=(versions["emea1"].ref, versions["frame"].ref),
            state=state,
            at=make.time(),
            reason="because" if state not in {"queued"} else "",
            due=make.time() if state == "waiting" else None,
            waits="debounce" if state == "waiting" else None,
            lane="Sales[region=emea]" if state == "waiting" else None,
            execution_id="full000000000001" if state == "queued" else None,
        )
        make.write(rows=[row])
        if state == "paused":
            make.write(rows=[_row_with(row, state="skipped", at=make.time())])


def _pace(make: Maker, versions: dict[str, ArtifactVersion]) -> None:
    trigger = Trigger(on=(Query(name="days"),), window="week", cooldown=60.0, countdown=1.5)
    make.write(plans=[make.plan("weekly", trigger=trigger, max_per_hour=6)])
    row = LedgerRow(
        project="acme",
        plan="weekly",
        plan_version=1,
        refs=(versions["emea2"].ref,),
        state="waiting",
        at=make.time(),
        due=make.time(),
        waits="cooldown",
        lane="run on days[]",
    )
    make.write(rows=[row])
    held = make.execution(
        "held000000000001", state="queued", attempt=0, not_before=make.time(), held_by="ada"
    )
    make.write(executions=[held])


def _row_with(row: LedgerRow, **given: Any) -> LedgerRow:
    return LedgerRow(**{name: getattr(row, name) for name in row.__slots__} | given)


def _place(make: Maker) -> None:
    for id, url in (("store00000000001", "s3://bucket/team"), ("home", "/mnt/disk/store")):
        make.write(stores=[StoreRecord(id=id, url=url, at=make.time(), by="ada")])
    moved = StoreRecord(id="store00000000001", url="gs://bucket/team", at=make.time(), by="bo")
    make.write(stores=[moved])


def _own_tables(catalog: Catalog) -> None:
    mine = catalog.db.table('my "own"\ntable')
    mine.insert_multiple({"n": n, "text": "é\u2028\U0001f600"} for n in range(4))
    mine.update({"n": 7}, where("n") == 1)
    mine.remove(where("n") == 2)
    catalog.db.table("empty", persist_empty=True)
    for name, away in (("cleared", "truncate"), ("dropped", "drop")):
        table = catalog.db.table(name)
        table.insert_multiple([{}, {}])
        table.truncate() if away == "truncate" else catalog.db.drop_table(name)
    catalog.db.table("cleared").insert({"after": True})
    catalog.db.insert({"default": [1.5, -0.0, 1e300, None, True]})


_CODE = {
    "kind": "task",
    "name": "clean",
    "fragments": [{"name": "clean", "source": "def clean(x):\n    return x\n", "kind": "function"}],
    "modules": {"mine": "A = 1\n"},
    "distributions": {"pandas": "2.2.0"},
    "bound": None,
    "reason": None,
    "mend": None,
}


def answers(catalog: Catalog) -> dict[str, Any]:
    """What the catalog says of everything in it, as JSON values."""
    view = catalog.view()
    db = catalog.db
    every = [
        version
        for name in catalog.names()
        for number in range(1, view.latest_number("acme", name) + 1)
        if (version := view.version("acme", name, number))
    ]
    found = {
        "tables": {
            name: {str(doc.doc_id): dict(doc) for doc in db.table(name)} for name in db.tables()
        },
        "versions": {
            version.ref: {
                "state": version.state,
                "aliases": list(version.aliases),
                "card": version.card and [version.card.text, version.card.kind],
                "notes": list(version.notes),
                "payload": version.payload.to_doc(),
                "producer": run.id if (run := view.producer(version.ref)) else None,
                "readers": [[run.id, read.how] for run, read in view.consumers(version.ref)],
            }
            for version in every
        },
        "aliases": {name: view.aliases("acme", name) for name in catalog.names()},
        "latest": {
            name: version.ref if (version := view.resolve(query)) else None
            for name, query in _questions().items()
        },
        "executions": {run.id: run.to_doc() for run in view.executions()},
        "plans": [plan.to_doc() for plan in view.plans()],
        "switches": [switch.to_doc() for switch in view.switches()],
        "listening": [plan.name for plan, _ in view.listening("acme", "sales")],
        "ledger": [row.to_doc() for row in view.ledger()],
        "declarations": [declaration.to_doc() for declaration in view.declarations()],
        "code": view.code(_DIGEST),
        "position": catalog.position(),
    }
    read_back: dict[str, Any] = json.loads(json.dumps(found))
    return read_back


def _questions() -> dict[str, Query]:
    emea = (Clause("region", "=", ("emea",)),)
    sales: dict[str, Any] = {"name": "SALES", "project": "acme"}
    return {
        "sales": Query(**sales),
        "sales of emea": Query(**sales, clauses=emea),
        "champion": Query(**sales, at="champion"),
        "by time": Query(**sales, latest="time_partition"),
        "the fifth": Query(**sales, at=5),
        "things": Query(name="team/things", project="acme"),
        "nothing": Query(name="nothing", project="acme"),
    }


def next_ids(catalog: Catalog) -> dict[str, int]:
    """The id that the next document of each table of a user's would get."""
    tables = ("_default", 'my "own"\ntable', "cleared", "dropped", "empty", "new")
    return {name: catalog.db.table(name).insert({}) for name in tables}


def share(home: Path) -> None:
    """Go on with the journal of `home`: others emit under a name, who said `allow_shared`."""
    catalog = Catalog(home, sync="none")
    make = Maker(catalog)
    make.runs, make.minutes = 100, 1000
    declaration = Declaration(
        project="acme",
        name="Shared",
        version=1,
        keys=(),
        declared_at=make.time(),
        declared_by="ada",
        where="cell 3 of shared.ipynb",
        shared=("bo", "cy"),
    )
    make.write(declarations=[declaration])
    make.emit("Shared", created_by="bo")
    catalog.close()


def rewrite(home: Path) -> None:
    """Redact, purge, damage and salvage the journal of `home`, and go on with it."""
    catalog = Catalog(home, sync="none")
    catalog.redact(Text("wrong currency"), "bo", "a customer's")
    catalog.purge("bo")
    catalog.close()
    journal = home / "journal.jsonl"
    lines = journal.read_bytes().split(b"\n")
    lost = next(line for line in lines if b'"type":"app.Client"' in line)
    journal.write_bytes(b"\n".join(lines).replace(lost, lost.replace(b"Client", b"client"), 1))
    salvage(home, "bo")
    catalog = Catalog(home, sync="none")
    make = Maker(catalog)
    make.runs, make.minutes = 100, 1000
    make.emit("team/things")
    catalog.db.table('my "own"\ntable').insert({"after": "salvage"})
    catalog.close()


def main(stem: Path, origin: Path | None = None) -> None:
    """Write ``STEM.jsonl`` and ``STEM.json``, anew or from what became of another."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        if origin is not None:
            home.mkdir(mode=0o700)
            shutil.copy(origin.with_suffix(".jsonl"), home / "journal.jsonl")
            (share if stem.name.endswith("-shared") else rewrite)(home)
        catalog = Catalog(home, sync="none")
        if origin is None:
            fill(catalog)
        shutil.copy(home / "journal.jsonl", stem.with_suffix(".jsonl"))
        found = answers(catalog)
        found["next"] = next_ids(catalog)
        catalog.close()
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    stem.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
