"""A script of transactions, one of every shape, and what a catalog says after each.

Every record is the same in every run, so that whatever is found after an accident must be, word
for word, what the script left after some step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tinydb import where

from heirloom.catalog import Batch, Catalog, View
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["STEPS", "told"]

Step = Callable[[Catalog], Any]
_PROJECT = "p"
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def _at(number: int) -> datetime:
    return _WHEN + timedelta(minutes=number)


def execution(number: int, state: str = "succeeded", **given: Any) -> Execution:
    """The script's execution of that number."""
    own = f"{number:016x}"
    made = {"id": own, "kind": "task", "name": "work", "root_id": own, "created_by": "ada"}
    return Execution(project=_PROJECT, state=state, started_at=_at(number), **(made | given))


def emission(number: int, name: str, value: Any, **given: Any) -> ArtifactVersion:
    """What that execution emits; `given` are other fields of the version."""
    own = f"{number:016x}"
    made = {"partitions": {}, "execution_id": own, "root_id": own}
    return ArtifactVersion(
        project=_PROJECT,
        name=name,
        version=0,
        payload=Payload(format="json", type_name="str", kind="value", value=value),
        created_at=_at(number),
        created_by="ada",
        path="",
        output=name,
        **(made | given),
    )


def emit(
    number: int,
    *names: str,
    value: Any = 1,
    reads: Iterable[str] = (),
    fires: str = "",
    **given: Any,
) -> Step:
    """One version of each name, their execution, and the row and the run that they cause."""

    def prepare(view: View) -> Batch:
        made = [view.number(emission(number, name, value, **given))[0] for name in names]
        run = execution(
            number,
            outputs={version.output: Item(version.ref) for version in made},
            reads=tuple(Read(item, "", "read") for item in reads),
        )
        return Batch(versions=made, executions=[run])

    def decide(_: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
        batch.executions.append(execution(number + 1000, "queued", plan=fires))
        batch.rows.append(_row(fires, fresh[0].ref, "queued", f"{number + 1000:016x}"))

    return lambda catalog: catalog.commit(prepare, decide if fires else None)


def _row(plan: str, ref: str, state: str, execution_id: str | None = None) -> LedgerRow:
    return LedgerRow(
        project=_PROJECT,
        plan=plan,
        plan_version=1,
        refs=(ref,),
        state=state,
        at=_WHEN,
        execution_id=execution_id,
    )


def _write(**records: Any) -> Step:
    return lambda catalog: catalog.commit(lambda _: Batch(**records))


def _mark(kind: str, **data: Any) -> Step:
    mark = Mark(project=_PROJECT, name="sales", version=1, kind=kind, at=_WHEN, by="ada", data=data)
    return _write(marks=[mark])


def _declaration(version: int) -> Declaration:
    return Declaration(
        project=_PROJECT,
        name="sales",
        version=version,
        keys=("region",),
        types={"region": "str"},
        declared_at=_WHEN,
        declared_by="ada",
    )


_PLAN = LaunchPlanRecord(
    project=_PROJECT,
    name="p1",
    version=1,
    workflow="flow",
    kind="workflow",
    code="sha256:0",
    digest="d",
    registered_at=_WHEN,
    registered_by="ada",
    session_id="s",
    trigger=Trigger(on=(Query(name="sales"),)),
)
_SWITCH = Switch(
    project=_PROJECT,
    plan="p1",
    version=1,
    active=True,
    person=True,
    at=_WHEN,
    by="ada",
    session_id="s",
)

STEPS: dict[str, Step] = {
    "declare": _write(declarations=[_declaration(1)]),
    "emit": emit(1, "sales", value="x" * 40, partitions={"region": "emea"}),
    "code": _write(codes={"sha256:0": {"source": "a = 1\n"}}),
    "plan": _write(plans=[_PLAN], switches=[_SWITCH]),
    "emit and fire": emit(2, "sales", reads=["heirloom://p/sales@1"], fires="p1"),
    "alias": _mark("alias", alias="champion", reason="best"),
    "insert": lambda c: c.db.table("mine").insert({"a": 1}),
    "insert many": lambda c: c.db.table("mine").insert_multiple({"n": n} for n in range(4)),
    "update": lambda c: c.db.table("mine").update({"b": 2}, where("n") >= 2),
    "emit many": emit(3, *(f"part/of{n}" for n in range(6)), value={"é": ["\u2028", None]}),
    "claim": _write(
        executions=[execution(1002, "running", plan="p1")],
        rows=[_row("p1", "heirloom://p/sales@2", "coalesced")],
    ),
    "remove": lambda c: c.db.table("mine").remove(where("n") == 1),
    "upsert": lambda c: c.db.table("mine").upsert({"n": 9, "c": 3}, where("n") == 9),
    "note": _mark("note", text="seen\nby me"),
    "empty": lambda c: c.db.table("mine").truncate(),
    "insert again": lambda c: c.db.table("mine").insert({"z": 1}),
    "touch": lambda c: c.db.table("other").update({"b": 1}),
    "drop": lambda c: c.db.drop_table("mine"),
    "yank": _mark("yank", reason="wrong"),
    "long emit": emit(4, "sales", value="long " * 300),
}
"""Each is one transaction; together they use every operation of the journal."""


def told(catalog: Catalog) -> dict[str, Any]:
    """All that a catalog says, by every way of asking, as plain data."""
    view, tables = catalog.view(), sorted(catalog.db.tables())
    found: dict[str, Any] = {
        name: [(doc.doc_id, dict(doc)) for doc in catalog.db.table(name)] for name in tables
    }
    for name in catalog.names():
        seen = view.versions(Query(name=name, project=_PROJECT))
        newest = view.resolve(Query(name=name, project=_PROJECT))
        found[f"versions of {name}"] = [repr((v, v.aliases, v.state, v.notes)) for v in seen]
        found[f"newest of {name}"] = (view.latest_number(_PROJECT, name), repr(newest))
    found["runs"] = [run.to_doc() for run in view.executions()]
    return found
