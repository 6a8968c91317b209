"""A catalog under several handles is the one in memory, whatever is done to its files."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tinydb import where

from heirloom.catalog import Batch, Catalog, protocol
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogError, CatalogUnavailable, Fenced, InputError, NotFound
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.items import version_item
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.search_tree import Node
from heirloom.records.versions import ArtifactVersion, Card
from heirloom.testing.memory import MemoryCatalog
from heirloom.testing.strategies import (
    ALIASES,
    KEYS,
    NAMES,
    TYPES,
    moments,
    partitions,
    queries,
    searches,
    texts,
)

_steps: Counter[str] = Counter()
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = [sign * 16 for sign in "37acm"]
PLANS = ("p1", "p2")
ITEMS = [version_item("p", name, number) for name in NAMES for number in (1, 2)]
VALUES = [*ITEMS, *(f"value:{run}/out" for run in RUNS)]
TABLES = ("mine", "theirs")

# ---------------------------------------------------------------------- what is written

names, runs, plans = map(st.sampled_from, (NAMES, RUNS, PLANS))
reads = st.lists(
    st.builds(
        Read,
        st.sampled_from(VALUES),
        st.sampled_from(["", "x"]),
        st.sampled_from(["read", "query"]),
    ),
    max_size=2,
).map(tuple)


def _versions() -> st.SearchStrategy[Any]:
    facts = {
        "partitions": partitions,
        "time_partition": moments,
        "state": st.sampled_from(["live", "live", "live", "draft"]),
        "created_by": st.sampled_from(["Ada", "bob"]),
        "card": st.none() | texts.map(Card),
    }
    outputs, values = st.sampled_from("abcd"), texts | st.none() | st.integers(-5, 5)
    made = st.fixed_dictionaries(facts)
    return st.tuples(st.just("version"), names, runs, outputs, made, values, reads)


step = st.one_of(
    _versions(),
    _versions(),  # another one: the same would not count twice
    _versions(),
    st.tuples(
        st.just("mark"),
        names,
        st.integers(1, 4),
        st.sampled_from(["yank", "restore", "purge", "note", "card", *ALIASES]),
        texts,
    ),
    st.tuples(st.just("declare"), names, st.sampled_from([{}, TYPES]), texts),
    st.tuples(st.just("plan"), plans, names),
    st.tuples(st.just("switch"), plans, st.integers(1, 3), st.booleans()),
    st.tuples(
        st.just("run"),
        runs,
        st.sampled_from(["queued", "running", "succeeded", "failed"]),
        st.integers(0, 2),
        st.none() | runs,
        st.none() | plans,
        reads,
        st.booleans(),
    ),
    st.tuples(
        st.just("row"),
        plans,
        st.sampled_from(ITEMS),
        st.sampled_from(["queued", "waiting", "paused", "coalesced", "skipped", "unmet"]),
        st.none() | runs,
    ),
    st.tuples(st.just("code"), st.sampled_from(["sha256:1", "sha256:2"]), texts),
)


@dataclass(frozen=True)
class Recipe:
    """How to make one transaction, the same on every catalog that says the same."""

    steps: Sequence[Sequence[Any]]
    fence: tuple[str, int] | None = None
    anew: bool = True
    fails: str = ""
    minutes: int = 0

    def commit(self, catalog: protocol.Catalog) -> Any:
        """What comes of it there."""
        try:
            made = catalog.commit(self.prepare, self.decide)
        except (CatalogError, Fenced, InputError, ZeroDivisionError) as error:
            return type(error)
        return made.versions, made.executions, made.rows

    def prepare(self, view: protocol.View) -> Batch:
        batch = Batch(fence=self.fence)
        for number, each in enumerate(self.steps):
            at = BEGINNING + timedelta(minutes=self.minutes, seconds=number)
            _add(batch, view, each, at, anew=self.anew)
        if self.fails == "nan":
            batch.codes["sha256:3"] = {"source": float("nan")}
        return batch if self.fails != "prepare" else _fail()

    def decide(self, view: protocol.View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
        for version in fresh:
            for plan, switch in view.listening(version.project, version.name):
                fired = view.last_fired(
                    ("p", plan.name), (version.project, version.name), version.conditions
                )
                state = "queued" if switch.active and fired is None else "paused"
                batch.rows.append(_row(plan.name, version.ref, state, None, version.created_at))
        if self.fails == "decide":
            _fail()


_FENCES = [(run, attempt) for run in RUNS[:2] for attempt in (1, 2)]
recipes = st.builds(
    Recipe,
    st.lists(step, min_size=1, max_size=4).map(tuple),
    fence=st.sampled_from([*[None] * 40, *_FENCES]),
    anew=st.sampled_from([*[True] * 9, False]),
    fails=st.sampled_from([*[""] * 20, "prepare", "decide", "nan"]),
)


def _add(batch: Batch, view: protocol.View, given: Any, at: datetime, *, anew: bool) -> None:
    match given:
        case ["version", name, run, output, facts, value, read]:
            link = "s3://x" if value is None else None
            kind = "file" if link else "value"
            payload = Payload(format="json", type_name="int", kind=kind, link=link)
            if link is None:
                payload = Payload(format="json", type_name="int", kind=kind, value=value)
            emission = ArtifactVersion(
                project="p",
                name=name,
                version=0,
                payload=payload,
                created_at=at,
                execution_id=run,
                root_id=run,
                path="",
                output=output,
                **facts,
            )
            version, fresh = view.number(emission)
            known = view.execution(run)
            outputs = {**(known.outputs if known else {}), output: Item(version.ref)}
            batch.executions.append(_run(run, at, outputs=outputs, reads=_real(view, read)))
            if fresh or not anew:
                batch.versions.append(version)
        case ["mark", name, number, said, text]:
            data = {"alias": said} if said in ALIASES else {"text": text, "kind": "data"}
            kind = "alias" if said in ALIASES else said
            if anew and view.version("p", name, number) is None:
                return
            batch.marks.append(
                Mark(project="p", name=name, version=number, kind=kind, at=at, by="a", data=data)
            )
        case ["declare", name, types, text]:
            known_declaration = view.declaration("p", name)
            batch.declarations.append(
                Declaration(
                    project="p",
                    name=name,
                    version=known_declaration.version + 1 if known_declaration else 1,
                    keys=tuple(types),
                    types=types,
                    description=text,
                    declared_at=at,
                    declared_by="a",
                )
            )
        case ["plan", name, on]:
            newest = view.plan("p", name)
            number = newest.version if newest else 0
            batch.plans.append(_plan(name, number + anew, on, at))
        case ["switch", plan, number, active]:
            batch.switches.append(_switch(plan, number, active, at))
        case ["run", run, state, attempt, parent, plan, read, made]:
            outputs = {"out": Payload(format="json", type_name="int", kind="value", value=1)}
            facts = {"state": state, "attempt": attempt, "parent_id": parent, "plan": plan}
            batch.executions.append(
                _run(run, at, outputs=outputs if made else {}, reads=_real(view, read), **facts)
            )
        case ["row", plan, ref, state, run]:
            batch.rows.append(_row(plan, ref, state, run, at))
        case ["code", digest, text]:
            batch.codes[digest] = {"source": text}


def _real(view: protocol.View, reads: Sequence[Read]) -> tuple[Read, ...]:
    """Reads of what is there, by the ref that it has: a name may be spelled in several ways."""
    found = []
    for read in reads:
        name, at, number = read.item.rpartition("/")[2].partition("@")
        version = view.version("p", name, int(number)) if at else None
        if version is not None or not at:
            found.append(replace(read, item=version.ref if version else read.item))
    return tuple(found)


def _run(run: str, at: datetime, **given: Any) -> Execution:
    facts = {"state": "succeeded", "root_id": RUNS[RUNS.index(run) // 2]} | given
    return Execution(
        id=run,
        kind="task",
        name=f"work {run[0]}",  # of one execution always the same
        project="p",
        created_by="a",
        started_at=at,
        **facts,
    )


def _plan(name: str, number: int, on: str, at: datetime) -> LaunchPlanRecord:
    return LaunchPlanRecord(
        project="p",
        name=name,
        version=number,
        workflow="w",
        kind="workflow",
        code="sha256:1",
        digest="d",
        registered_at=at,
        registered_by="a",
        session_id="s",
        trigger=Trigger(on=(Query(name=on),)),
    )


def _switch(plan: str, number: int, active: bool, at: datetime) -> Switch:
    return Switch(
        project="p",
        plan=plan,
        version=number,
        active=active,
        person=True,
        at=at,
        by="a",
        session_id="s",
    )


def _row(plan: str, ref: str, state: str, run: str | None, at: datetime) -> LedgerRow:
    waits: dict[str, Any] = {"waits": "debounce", "lane": "lane", "due": at}
    return LedgerRow(
        project="p",
        plan=plan,
        plan_version=1,
        refs=(ref,),
        state=state,
        at=at,
        execution_id=run,
        **(waits if state == "waiting" else {}),
    )


def _fail() -> Any:
    raise ZeroDivisionError


# ---------------------------------------------------------------------- what is asked


def said(view: protocol.View) -> Any:
    """What every lookup says, as plain data."""
    every = [
        (v, v.aliases, v.state, v.card, v.notes)
        for name in ("sales", "größe", "costs")
        for number in range(1, view.latest_number("p", name) + 1)
        if (v := view.version("p", name, number)) is not None
    ]
    return {
        "versions": every,
        "declarations": view.declarations(),
        "declaration": [view.declaration("p", name) for name in NAMES],
        "aliases": [view.aliases("p", name) for name in NAMES],
        "executions": view.executions(),
        "filtered": [
            view.executions(state="succeeded", limit=3),
            view.executions(state="queued", newest=True),
            view.executions(root=RUNS[0]),
            view.executions(parent=RUNS[1], plan="p1"),
            view.executions(name="work 3"),
        ],
        "producers": [view.producer(item) for item in VALUES],
        "consumers": [view.consumers(item) for item in VALUES],
        "outputs": [view.outputs(run) for run in RUNS],
        "related": [view.related(item, way) for item in VALUES[:4] for way in ("up", "down")],
        "plans": (view.plans(), [view.plan("p", plan) for plan in PLANS]),
        "switches": (view.switches(), [view.switch("p", plan) for plan in PLANS]),
        "listening": [view.listening("p", name) for name in NAMES],
        "ledger": (view.ledger(), view.ledger(plan="p1", limit=2), view.ledger(ref=ITEMS[0])),
        "states": (view.ledger(state="queued"), view.ledger(execution=RUNS[0])),
        "waiting": [view.waiting("lane", plan=plan, project="p") for plan in PLANS],
        "due": (view.due(datetime.max.replace(tzinfo=UTC)), view.next_due()),
        "fired": [view.last_fired(("p", plan), ("p", "sales"), {}) for plan in PLANS],
        "code": [view.code(f"sha256:{number}") for number in (1, 2, 3)],
    }


def completed(catalog: protocol.Catalog) -> Any:
    """What completion says."""
    values = [catalog.partition_values("p", name, key) for name in NAMES for key in KEYS]
    return catalog.names(), catalog.names("SA"), catalog.partition_keys(), values


def paged(catalog: protocol.Catalog, node: Node, limit: int) -> Any:
    """Every page of a search."""
    pages, cursor = [], None
    try:
        while True:
            page, cursor, total = catalog.search(node, project="p", limit=limit, cursor=cursor)
            pages.append((page, [(v.aliases, v.state, v.notes) for v in page], total))
            if cursor is None:
                return pages
    except NotFound as error:
        return type(error)


# ---------------------------------------------------------------------- who asks and writes


class Elsewhere:
    """A handle in another process."""

    def __init__(self, home: Path) -> None:
        context = multiprocessing.get_context("fork")
        self._ours, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(home, theirs), daemon=True)
        with warnings.catch_warnings():
            # The child takes over no lock but the catalog's, which know of forks.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        theirs.close()

    def ask(self, question: Callable[..., Any], *given: Any) -> Any:
        """What `question` says of the other process's catalog."""
        self._ours.send((question, given))
        return self._ours.recv()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self._ours.close()


class Here:
    """A handle in this process."""

    def __init__(self, home: Path, **options: Any) -> None:
        self.catalog = Catalog(home, **options)

    def ask(self, question: Callable[..., Any], *given: Any) -> Any:
        """What `question` says of the catalog."""
        return question(self.catalog, *given)

    def kill(self) -> None:
        """Close it."""
        self.catalog.close()


def _serve(home: Path, pipe: Connection) -> None:
    with closing(Catalog(home, sync="none")) as catalog:
        while True:
            question, given = pipe.recv()
            pipe.send(question(catalog, *given))


def _commit(catalog: protocol.Catalog, recipe: Recipe) -> Any:
    return recipe.commit(catalog)


def _said(catalog: protocol.Catalog) -> Any:
    return said(catalog.view()), completed(catalog)


def _resolved(catalog: protocol.Catalog, query: Query) -> Any:
    return catalog.view().resolve(query), catalog.view().versions(query)


def _inside(catalog: protocol.Catalog, query: Query) -> Any:
    """The same in a commit that writes nothing: the index stays where it is."""
    told: list[Any] = []

    def prepare(view: protocol.View) -> Batch:
        told.append((said(view), view.resolve(query), view.versions(query)))
        return Batch()

    catalog.commit(prepare)
    return told[0]


def _another_index() -> bytes:
    with TemporaryDirectory() as home, closing(Catalog(home, sync="none")) as catalog:
        catalog.commit(Recipe([("code", "sha256:9", "x")]).prepare)
        catalog.names()
        return (Path(home) / "index.sqlite").read_bytes()


class CatalogMachine(RuleBasedStateMachine):
    """Handles in this process and another, one that only reads, and the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self._directory = TemporaryDirectory()
        self.home = Path(self._directory.name) / "home"
        self.oracle = MemoryCatalog()
        self.handles: dict[str, Here | Elsewhere] = {}
        self.minutes = self.turn = 0
        self.rows: dict[str, dict[int, dict[str, Any]]] = {}
        self.next: dict[str, int] = dict.fromkeys(TABLES, 1)
        self.kept = b""

    def teardown(self) -> None:
        for name in list(self.handles):
            self._end(name)
        try:
            if self.home.exists():
                report = verify(self.home)
                assert report.ok, report.problems
        finally:
            self._directory.cleanup()

    @initialize(some=st.lists(recipes, min_size=2, max_size=6))
    def begin(self, some: list[Recipe]) -> None:
        """A history has a beginning."""
        for recipe in some:
            self._commit("one", recipe)

    def _open(self, name: str) -> None:
        made: dict[str, Callable[[], Here | Elsewhere]] = {
            "one": lambda: Here(self.home, sync="none"),
            "two": lambda: Here(self.home),
            "reader": lambda: Here(self.home, read_only=True),
            "elsewhere": lambda: Elsewhere(self.home),
        }
        self.handles[name] = made[name]()

    def _end(self, name: str) -> None:
        handle = self.handles.pop(name, None)
        if handle is not None:
            handle.kill()

    def _handle(self, name: str) -> Here | Elsewhere:
        """That handle, opened if it is not there."""
        if name not in self.handles:
            self._open(name)
        return self.handles[name]

    writers = st.sampled_from(["one", "one", "two", "elsewhere"])
    anyone = st.sampled_from(["one", "two", "elsewhere", "reader"])

    # ------------------------------------------------------------------ writing

    def _commit(self, name: str, recipe: Recipe) -> None:
        """A transaction does there what it does in memory, and gives the same."""
        self.minutes += 1
        made = replace(recipe, minutes=self.minutes)
        expected = made.commit(self.oracle)
        assert self._handle(name).ask(_commit, made) == expected
        _steps["refused" if isinstance(expected, type) else "committed"] += 1

    @rule(name=writers, some=st.lists(recipes, min_size=1, max_size=4))
    def commit(self, name: str, some: list[Recipe]) -> None:
        """One handle commits, several times in a row."""
        for recipe in some:
            self._commit(name, recipe)

    @rule(some=st.lists(st.tuples(writers, recipes), min_size=2, max_size=5))
    def commit_in_turns(self, some: list[tuple[str, Recipe]]) -> None:
        """Several handles commit in turns."""
        for name, recipe in some:
            self._commit(name, recipe)

    @rule(recipe=recipes)
    def commit_where_one_only_reads(self, recipe: Recipe) -> None:
        """Who only reads writes nothing."""
        assert self._handle("reader").ask(_commit, recipe) is CatalogUnavailable

    @rule(
        name=st.sampled_from(["one", "two"]),
        table=st.sampled_from(TABLES),
        what=st.sampled_from(
            ["insert", "insert", "several", "update", "remove", "empty", "drop", "bad"]
        ),
        value=st.integers(0, 3),
    )
    def change_a_table(self, name: str, table: str, what: str, value: int) -> None:
        """A user's table is a dictionary of documents, whose ids are never used again."""
        handle = self._handle(name)
        assert isinstance(handle, Here)
        db = handle.catalog.db
        rows = self.rows.get(table, {})
        hit = [id for id, doc in rows.items() if doc["value"] == value]
        match what:
            case "insert" | "several":
                docs = [{"value": value, "of": name}] * (1 if what == "insert" else 3)
                ids = db.table(table).insert_multiple(docs)
                assert ids == list(range(self.next[table], self.next[table] + len(docs)))
                self.next[table] += len(docs)
                self.rows[table] = rows | dict(zip(ids, docs, strict=True))
            case "update":
                assert db.table(table).update({"seen": True}, where("value") == value) == hit
                self.rows[table] = rows | {id: {**rows[id], "seen": True} for id in hit}
            case "remove":
                assert db.table(table).remove(where("value") == value) == hit
                self.rows[table] = {id: doc for id, doc in rows.items() if id not in hit}
            case "empty":
                db.table(table).truncate()
                self.rows[table] = {}
            case "drop":
                db.drop_table(table)
                self.rows.pop(table, None)
            case "bad":
                with pytest.raises(InputError):
                    db.table(table).insert({"value": float("nan")})

    # ------------------------------------------------------------------ handles

    @rule(name=anyone, again=st.booleans())
    def close(self, name: str, again: bool) -> None:
        """A handle goes, or its process is killed; it may come again at once."""
        self._end(name)
        if again:
            self._open(name)

    # ------------------------------------------------------------------ what befalls the files

    def _index(self) -> Path:
        return self.home / "index.sqlite"

    @rule(
        how=st.sampled_from(
            [
                "lost",
                "log lost",
                "shm lost",
                "garbage",
                "empty",
                "cut",
                "head",
                "another's",
                "kept",
                "old",
            ]
        ),
        seed=st.integers(0, 1 << 16),
    )
    def damage_the_index(self, how: str, seed: int) -> None:
        """The index is deleted, or half of it, nonsense, an old or another's is put there."""
        path = self.home / "index.sqlite"
        data = bytearray(path.read_bytes() if path.exists() else b"")
        noise = random.Random(seed).randbytes(100)
        match how:
            case "lost":
                path.unlink(missing_ok=True)
            case "log lost":
                path.with_name("index.sqlite-wal").unlink(missing_ok=True)
            case "shm lost":
                path.with_name("index.sqlite-shm").unlink(missing_ok=True)
            case "garbage":
                self._put(path, noise)
            case "empty":
                self._put(path, b"")
            case "cut":
                self._put(path, data[: len(data) * (seed % 100) // 100])
            case "head":
                self._put(path, noise + data[100:])
            case "another's":
                self._put(path, _another_index())
            case "kept":
                self.kept = bytes(data)
            case "old" if self.kept:
                self._put(path, self.kept)

    def _put(self, path: Path, data: bytes | bytearray) -> None:
        """Rename a file in, and away with SQLite's log of the one before."""
        aside = path.with_name("put")
        aside.write_bytes(data)
        for suffix in ("-wal", "-shm"):
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        aside.replace(path)

    @precondition(lambda self: (self.home / "locks" / "journal.synced").exists())
    @rule(recipe=recipes, share=st.floats(0, 0.99))
    def die_while_writing(self, recipe: Recipe, share: float) -> None:
        """A writer dies inside its write: a beginning of a transaction stays behind the end."""
        journal = self.home / "journal.jsonl"
        with TemporaryDirectory() as at:
            twin = Path(at) / "twin"
            shutil.copytree(self.home, twin, ignore=shutil.ignore_patterns("index*"))
            with closing(Catalog(twin, sync="none")) as catalog:
                before = (twin / "journal.jsonl").stat().st_size
                recipe.commit(catalog)
            torn = (twin / "journal.jsonl").read_bytes()[before:-2]
        if before == journal.stat().st_size:
            with journal.open("ab") as file:
                file.write(torn[: int(len(torn) * share)])

    # ------------------------------------------------------------------ asking

    @rule(name=anyone, query=queries)
    def resolve(self, name: str, query: Query) -> None:
        """A query means there what it means in memory."""
        assert self._handle(name).ask(_resolved, query) == _resolved(self.oracle, query)

    @rule(name=anyone, node=searches, limit=st.integers(1, 5))
    def search(self, name: str, node: Node, limit: int) -> None:
        """The pages of a search hold there what they hold in memory."""
        found = self._handle(name).ask(paged, node, limit)
        expected = paged(self.oracle, node, limit)
        assert found == expected

    @rule(name=writers, query=queries)
    def look_inside_a_commit(self, name: str, query: Query) -> None:
        """A commit sees all that a reader sees, over an index that lags behind."""
        assert self._handle(name).ask(_inside, query) == _inside(self.oracle, query)

    @invariant()
    def a_handle_says_what_the_oracle_says(self) -> None:
        """Every lookup, and every row of a user's table, of each handle in its turn."""
        self.turn += 1
        _steps["compared"] += 1
        name = sorted(self.handles)[self.turn % len(self.handles)] if self.handles else "one"
        handle = self._handle(name)
        _same(handle.ask(_said), _said(self.oracle))
        if isinstance(handle, Here):
            db = handle.catalog.db
            assert db.tables() & set(TABLES) == set(self.rows)
            found = {t: {d.doc_id: dict(d) for d in db.table(t)} for t in self.rows}
            assert found == self.rows


def _same(found: Any, expected: Any) -> None:
    (found_said, found_completed), (expected_said, expected_completed) = found, expected
    for key, answer in expected_said.items():
        assert found_said[key] == answer, key
    assert found_completed == expected_completed


@pytest.mark.deep
@pytest.mark.process
@pytest.mark.timeout(1800)
def test_a_catalog_is_what_the_one_in_memory_is(deep: bool, count: Callable[..., None]) -> None:
    """Whatever handles do, and whatever befalls the index and the end of the journal."""
    bounds = settings(
        max_examples=400 if deep else 15,
        stateful_step_count=60 if deep else 30,
        derandomize=not deep,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    _steps.clear()
    run_state_machine_as_test(CatalogMachine, settings=bounds)
    assert _steps["committed"] > 5 * bounds.max_examples, "most steps were refused"
    count(histories=bounds.max_examples, differences=0, **_steps)
