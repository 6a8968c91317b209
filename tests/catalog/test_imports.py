"""Exports taken into homes: equal answers, nothing that runs, and nothing hostile."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from heirloom.catalog import Catalog, arriving, importing
from heirloom.catalog.export import ABOUT, write_tinydb
from heirloom.catalog.importing import import_export
from heirloom.catalog.snapshot import OWN_IN_ORDER
from heirloom.catalog.tables import OWN
from heirloom.catalog.verify import verify
from heirloom.durable import sync_directory
from heirloom.errors import CatalogError, CatalogUnavailable, FormatTooNew
from heirloom.records.executions import Item, Read
from heirloom.records.payloads import Payload
from heirloom.records.plans import Trigger
from heirloom.records.queries import Query
from heirloom.records.stores import StoreRecord
from heirloom.rights import SHARED

Open = Callable[..., Catalog]
Tell = Callable[[Catalog], Mapping[str, Any]]
DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def full(catalog: Catalog, make: Any) -> Catalog:
    """A catalog in which everything has ended but what waits."""
    make.declare("sales", types={"region": "str"})
    first = make.emit("sales", partitions={"region": "emea"}, card=make.card("# Sales"))
    root = make.execution(kind="workflow")
    value = Payload(format="json", type_name="int", kind="value", value=3)
    inner = make.execution(
        root_id=root.id, parent_id=root.id, path="/a", outputs={"o0": value}, chain=root.id
    )
    outer = make.execution(
        reads=(Read(f"value:{inner.id}/o0", "", "read"),), inputs={"x": Item(first.ref, "query")}
    )
    make.write(executions=[root, inner, outer])
    second = make.emit("sales", partitions={"region": "apac"}, reads=(first.ref,))
    make.mark(first, "alias", alias="champion", reason="")
    make.mark(second, "note", text="seen")
    trigger = Trigger(
        on=(Query(name="sales", project="p"),),
        inputs={"x": {"query": Query(name="sales", project="p").to_doc()}},
    )
    plan, emits = make.plan("plan"), ("heirloom://p/forecast", "heirloom://other/x")
    make.write(
        plans=[replace(plan, trigger=trigger, emits=emits)],
        switches=[make.switch("plan")],
    )
    make.write(stores=[StoreRecord(id="s1", url="s3://b/x", at=make.time(), by="ada")])
    make.write(codes={DIGEST: {"kind": "task", "name": "t", "fragments": []}})
    catalog.db.table("own").insert_multiple([{"a": 1}, {"a": [None]}])
    return catalog


@pytest.fixture
def exported(tmp_path: Path) -> Callable[[Catalog], Path]:
    """Exports a catalog to a file."""

    def export(catalog: Catalog) -> Path:
        path = tmp_path / "export.json"
        path.unlink(missing_ok=True)
        with catalog.snapshot() as snapshot:
            write_tinydb(snapshot, path)
        return path

    return export


Export = Callable[[Catalog], Path]


# ------------------------------------------------------------------ into an empty home


def test_an_empty_home_answers_as_the_old_one(
    full: Catalog, exported: Export, opened: Open, tmp_path: Path, everything: Tell
) -> None:
    """Ids, numbers, marks, executions and lineage are equal; only the switches stay behind."""
    told = import_export(exported(full), tmp_path / "new")
    new = opened(tmp_path / "new")
    before, after = dict(everything(full)), dict(everything(new))
    assert before.pop("switches") != []
    assert after.pop("switches", []) == []
    assert after == before
    assert told == {name: len(docs) for name, docs in before.items() if docs and " " not in name}
    for version in full.view().versions(Query(name="sales", project="p")):
        assert new.view().producer(version.ref) == full.view().producer(version.ref)
        assert new.view().consumers(version.ref) == full.view().consumers(version.ref)
    assert verify(tmp_path / "new").ok
    assert not list((tmp_path / "new").glob("import-*"))


def test_a_home_with_an_empty_journal_is_empty(
    full: Catalog, exported: Export, opened: Open, tmp_path: Path, everything: Tell
) -> None:
    """Also while another process has it open, which then sees what came."""
    waiting = opened(tmp_path / "new")
    import_export(exported(full), tmp_path / "new")
    assert everything(waiting)["versions"] == everything(full)["versions"]


def test_what_tinydb_wrote_can_be_imported(
    full: Catalog, exported: Export, opened: Open, tmp_path: Path
) -> None:
    """The export may have been changed with stock TinyDB, which lays it out anew."""
    path = exported(full)
    with TinyDB(path, indent=4) as db:
        db.table("own").insert({"by": "hand"})
    import_export(path, tmp_path / "new")
    assert opened(tmp_path / "new").db.table("own").all()[-1] == {"by": "hand"}


def test_numbers_go_on_where_they_were(
    full: Catalog, exported: Export, opened: Open, tmp_path: Path, maker: Any
) -> None:
    """The next version and the next id are new ones."""
    import_export(exported(full), tmp_path / "new")
    new = opened(tmp_path / "new")
    assert maker(new).emit("sales").version == 3
    assert new.db.table("own").insert({}) == 3


def test_nothing_that_arrives_runs_or_waits(
    catalog: Catalog, make: Any, exported: Export, opened: Open, tmp_path: Path
) -> None:
    """What was queued or running is cancelled, what waited is skipped, and no plan listens."""
    version = make.emit("sales")
    runs = [make.execution(state=state, claimant="x") for state in ("queued", "running")]
    make.write(
        executions=runs,
        plans=[make.plan("plan", on="sales")],
        switches=[make.switch("plan")],
        rows=[
            make.row("plan", version.ref, "queued", execution_id=runs[0].id),
            make.row(
                "plan", "heirloom://p/a@1", "waiting", due=make.time(), waits="debounce", lane="a"
            ),
            make.row("plan", "heirloom://p/b@1", "paused"),
            make.row("plan", "heirloom://p/c@1", "filtered"),
        ],
    )
    import_export(exported(catalog), tmp_path / "new")
    view = opened(tmp_path / "new").view()
    states = {run.id: (run.state, run.claimant) for run in view.executions()}
    assert [states[run.id] for run in runs] == [("cancelled", None)] * 2
    cancelled = view.execution(runs[0].id)
    assert cancelled is not None
    assert cancelled.error is not None
    assert "queued when it was exported" in cancelled.error
    assert sorted(row.state for row in view.ledger()) == [
        "filtered",
        "queued",
        "skipped",
        "skipped",
    ]
    assert {(row.due, row.waits, row.lane) for row in view.ledger()} == {(None, None, None)}
    assert view.switch("p", "plan") is None
    assert view.plan("p", "plan") is not None


def test_payloads_that_came_along_are_in_the_homes_own_store(
    catalog: Catalog, make: Any, exported: Export, opened: Open, tmp_path: Path
) -> None:
    """Wherever they were, they are here now; without them, each is where its record says."""
    make.write(stores=[StoreRecord(id="s1", url="s3://b/x", at=make.time(), by="ada")])
    there = Payload(format="parquet", type_name="t", kind="data", digest=DIGEST, store="s1")
    make.emit("sales", payload=there)
    path = exported(catalog)
    for carried, store, records in ((True, "home", 0), (False, "s1", 1)):
        import_export(path, tmp_path / f"new-{store}", carried=carried)
        view = opened(tmp_path / f"new-{store}").view()
        (version,) = view.versions(Query(name="sales", project="p"))
        assert version.payload.store == store
        assert len(view.stores()) == records


def test_every_table_has_its_check_and_its_place() -> None:
    """A table that is added to the catalog is exported, and looked at when it arrives."""
    assert set(OWN_IN_ORDER) == OWN == set(arriving._CHECKS)


# ------------------------------------------------------------------ into a home in use


def test_a_home_in_use_is_refused_without_a_project(
    full: Catalog, exported: Export, opened: Open, everything: Tell, tmp_path: Path, maker: Any
) -> None:
    """The way in is named, and the catalog stays as it was."""
    other = opened(tmp_path / "other")
    maker(other, "q").emit("sales")
    before = everything(other)
    with pytest.raises(CatalogError, match="give it a --project"):
        import_export(exported(full), tmp_path / "other")
    assert everything(other) == before


def test_a_new_project_in_a_home_in_use(full: Catalog, exported: Export, everything: Tell) -> None:
    """Even in the home that it came from: refs, edges, ledger and plans are the new project's."""
    before = everything(full)
    import_export(exported(full), full.home, "q")
    view = full.view()
    versions = view.versions(Query(name="sales", project="q"))
    assert sorted(v.version for v in versions) == [1, 2]
    assert {v.project for v in versions} == {"q"}
    old = {run.id for run in view.executions(project="p")}
    new = list(view.executions(project="q"))
    assert len(new) == len(old)
    assert old.isdisjoint(run.id for run in new)
    assert {run.root_id for run in new} <= {run.id for run in new}
    graph = _shape(view, "p"), _shape(view, "q")
    assert graph[0] == graph[1]
    plan = view.plan("q", "plan")
    assert plan is not None
    assert plan.trigger is not None
    assert plan.trigger.on[0].project == "q"
    assert plan.trigger.inputs["x"]["query"]["project"] == "q"
    assert plan.emits == ("heirloom://q/forecast", "heirloom://other/x")
    assert view.switch("q", "plan") is None
    assert {**everything(full), "own": 0}["versions seen"] == before["versions seen"]
    assert verify(full.home).ok
    assert full.db.table("own").all() == [{"a": 1}, {"a": [None]}]


def _shape(view: Any, project: str) -> list[Any]:
    """Who made and read what, with the project left out and executions by their order."""
    runs = sorted(view.executions(project=project), key=lambda run: run.started_at)
    order = {run.id: str(number) for number, run in enumerate(runs)}

    def plain(item: str) -> str:
        for id, number in order.items():
            item = item.replace(id, number)
        return item.replace(f"://{project}/", "://")

    return [
        (
            [plain(read.item) for read in run.all_reads()],
            sorted(plain(o.id) for o in run.outputs.values() if isinstance(o, Item)),
            order.get(run.parent_id or ""),
            order.get(run.chain),
        )
        for run in runs
    ]


def test_several_projects_stay_apart(
    catalog: Catalog, make: Any, maker: Any, exported: Export, opened: Open, tmp_path: Path
) -> None:
    """Each becomes a project below the new name, and what one reads of another is still it."""
    first = make.emit("sales")
    maker(catalog, "other").emit("report", reads=(first.ref,))
    target = opened(tmp_path / "target")
    maker(target, "mine").emit("x")
    import_export(exported(catalog), tmp_path / "target", "team")
    view = target.view()
    (report,) = view.versions(Query(name="report", project="team.other"))
    producer = view.producer(report.ref)
    assert producer is not None
    assert [read.item for read in producer.all_reads()] == ["heirloom://team.p/sales@1"]


def test_a_project_that_is_there_is_refused(
    full: Catalog, exported: Export, everything: Tell
) -> None:
    """Nothing is added to a project; the second time says so, also right after the first."""
    path = exported(full)
    import_export(path, full.home, "q")
    before = everything(full)
    with pytest.raises(CatalogError, match="project 'q' there already"):
        import_export(path, full.home, "q")
    with pytest.raises(CatalogError, match="project 'p' there already"):
        import_export(path, full.home, "p")
    assert everything(full) == before


def test_an_export_too_large_for_one_transaction(
    full: Catalog, exported: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused with the way out, before the home's lock is taken."""
    monkeypatch.setattr(importing, "_LARGEST", 100)
    with pytest.raises(CatalogError, match="into an empty one"):
        import_export(exported(full), full.home, "q")


# ------------------------------------------------------------------ interrupted


@pytest.mark.parametrize("at", range(4))
def test_an_interrupted_import_was_done_or_was_not(
    full: Catalog,
    exported: Export,
    opened: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    """Whichever step it dies at, the home is empty or whole, and the next import succeeds."""
    path, steps = exported(full), iter(range(9))

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            if next(steps) == at:
                raise KeyboardInterrupt
            return real(*args, **named)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_put", dying(importing._put))
        patch.setattr(Path, "replace", dying(Path.replace))
        patch.setattr("heirloom.catalog.importing.sync_directory", dying(sync_directory))
        patch.setattr(shutil, "rmtree", lambda *a, **b: None)
        with pytest.raises(KeyboardInterrupt):
            import_export(path, tmp_path / "new")
    count = len(opened(tmp_path / "new").view().executions())
    assert count in (0, len(full.view().executions()))
    if count == 0:
        import_export(path, tmp_path / "new")
    assert not list((tmp_path / "new").glob("import-*")) or count


def test_what_a_killed_import_left_is_swept(
    full: Catalog, exported: Export, tmp_path: Path
) -> None:
    """A directory of a process that is gone is taken away by the next import."""
    left = tmp_path / "new" / "import-999999999"
    left.mkdir(parents=True)
    import_export(exported(full), tmp_path / "new")
    assert not left.exists()


def test_another_users_import_is_left_to_it(
    full: Catalog, exported: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory of a live process that is not ours to ask stays until that has ended."""

    def not_ours(process: int, signal: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("heirloom.catalog.importing.os.kill", not_ours)
    left = tmp_path / "new" / "import-999999999"
    left.mkdir(parents=True)
    import_export(exported(full), tmp_path / "new")
    assert left.exists()


def test_a_shared_home_stays_the_groups(full: Catalog, exported: Export, tmp_path: Path) -> None:
    """What an import puts into a group's home is as much the group's as what is made there."""
    home = tmp_path / "team"
    home.mkdir()
    home.chmod(SHARED)
    import_export(exported(full), home)
    made = {path.relative_to(home).as_posix(): path.stat().st_mode for path in home.rglob("*")}
    assert {"journal.jsonl", "locks/journal.synced"} <= made.keys()
    assert {name for name, mode in made.items() if mode & 0o060 != 0o060} == set()


# ------------------------------------------------------------------ hostile


def _change(table: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    def change(doc: dict[str, Any]) -> None:
        first = next(iter(doc[table]))
        doc[table][first].update(fields)

    return change


def _twice(table: str) -> Callable[[dict[str, Any]], None]:
    def change(doc: dict[str, Any]) -> None:
        doc[table]["99"] = dict(next(iter(doc[table].values())))

    return change


_HOSTILE: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "a path for a name": _change("versions", name="../../etc/passwd"),
    "a project that is a path": _change("versions", project="../up"),
    "a number for a name": _change("versions", name=7),
    "a text for a number": _change("versions", version="1"),
    "version 0": _change("versions", version=0),
    "a digest that is a path": _change(
        "versions", payload={"format": "f", "type": "t", "kind": "k", "size": 1, "digest": "../x"}
    ),
    "no payload": _change("versions", payload=None),
    "an id that is a path": _change("executions", id="../../x"),
    "a kind that is none": _change("executions", kind="shell"),
    "a state that is none": _change("executions", state="sudo"),
    "a log that is a path": _change("executions", log="/etc/passwd"),
    "inputs that are none": _change("executions", inputs=[1]),
    "a key that is none": _change("declarations", keys=["a b"]),
    "an alias that is none": _change("marks", data={"alias": "7"}),
    "a mark that is none": _change("marks", kind="chmod"),
    "a plan without trigger": lambda doc: doc["plans"]["1"].pop("trigger"),
    "a version twice": _twice("versions"),
    "an execution twice": _twice("executions"),
    "a record over the limit": _change("own", text="x" * 1_000_001),
    "a record far over the limit": _change("own", text="x" * 5_000_000),
    "an integer beyond": _change("own", number=1 << 70),
    "half a surrogate": _change("own", text="\ud800"),
    "an id that is none": lambda doc: doc["own"].update({"../1": {}}),
    "what is no document": lambda doc: doc["own"].update({"9": [1]}),
    "a table that is none": lambda doc: doc.update(own=[1]),
    "a table's name too long": lambda doc: doc.update({"t" * 200: {"1": {}}}),
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_a_hostile_export_is_refused(
    full: Catalog, exported: Export, tmp_path: Path, everything: Tell, what: str
) -> None:
    """One line, nothing imported: neither into an empty home nor into one in use."""
    path = exported(full)
    doc = json.loads(path.read_text())
    _HOSTILE[what](doc)
    path.write_text(json.dumps(doc))
    before = everything(full)
    for home, project in ((tmp_path / "new", None), (full.home, "q")):
        if project is not None and what in _OWN_ONLY:
            continue
        with pytest.raises(CatalogError, match="nothing was imported") as refused:
            import_export(path, home, project)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 500
    assert everything(full) == before
    assert {each.name for each in (tmp_path / "new").iterdir()} <= {"locks"}


_OWN_ONLY = {"a record over the limit", "an integer beyond", "half a surrogate"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '"heirloom.export"',
        '{"versions": {}}',
        '{"_default": {"1": {"a": 1}}}',
        '{"heirloom.export": {"1": {}}}',
        '{"heirloom.export": {"1": {"format": "1"}}}',
        '{"heirloom.export": {"1": {"format": 1}}} {}',
        '{"heirloom.export": {"1": {"format": 1}}, "own": {"1": {"a": NaN}}}',
        '{"heirloom.export": {"1": {"format": 1}}, "own": {"1": ' + '{"a":' * 5000,
        '{"heirloom.export": {"1": {"format": 1}}, "own": {}, "own": {}}',
        '{"heirloom.export": {"1": {"format": 1}}, "own": {"1": {}, "1": {}}}',
        "\x00" * 100,
    ],
)
def test_what_is_no_export(tmp_path: Path, text: str) -> None:
    """Any other JSON, or none, is refused in one line."""
    (tmp_path / "file").write_text(text)
    with pytest.raises(CatalogError, match="nothing was imported"):
        import_export(tmp_path / "file", tmp_path / "new")
    assert not (tmp_path / "new" / "journal.jsonl").exists()


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A binary file is no export."""
    (tmp_path / "file").write_bytes(b"\xff\xfe" * 50)
    with pytest.raises(CatalogError, match="no export"):
        import_export(tmp_path / "file", tmp_path / "new")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The system's reason is said."""
    with pytest.raises(CatalogUnavailable, match="No such file"):
        import_export(tmp_path / "nowhere", tmp_path / "new")


def test_a_newer_format_is_refused(full: Catalog, exported: Export, tmp_path: Path) -> None:
    """It says what to do."""
    path = exported(full)
    doc = json.loads(path.read_text())
    doc[ABOUT]["1"]["format"] = 2
    path.write_text(json.dumps(doc))
    with pytest.raises(FormatTooNew, match="Install a newer one"):
        import_export(path, tmp_path / "new")


def test_an_export_cut_off_anywhere_is_refused(
    catalog: Catalog, make: Any, exported: Export, tmp_path: Path
) -> None:
    """Every proper beginning of an export is refused, and leaves the home empty."""
    make.emit("sales")
    path = exported(catalog)
    whole = path.read_bytes().rstrip()
    for cut in range(0, len(whole), 29):
        path.write_bytes(whole[:cut])
        with pytest.raises(CatalogError, match="nothing was imported"):
            import_export(path, tmp_path / "new")
    path.write_bytes(whole)
    import_export(path, tmp_path / "new")
