"""Lookups: what the index answers is what the records' own definitions answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heirloom.catalog import Catalog, View
from heirloom.catalog.archive import Archive
from heirloom.catalog.text import searchable
from heirloom.errors import ExecutionNotFound, InputError
from heirloom.records.clauses import Clause
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.payloads import Payload
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.search import parse_search
from heirloom.records.search_tree import AllOf, AnyOf, Field, Negated, Node, Part, Word, asks_for
from heirloom.records.versions import ArtifactVersion

NAMES = ("sales", "costs", "Größe")
KEYS = ("region", "n", "day", "time")
BIG = ("9007199254740992", "9007199254740993", "9007199254740993.5", f"-1{'0' * 400}")
"""Whole numbers that floats cannot tell apart, one that lies between, one that none is."""
VALUES = (
    "emea",
    "EMEA",
    "7",
    "10",
    "-1.5",
    "true",
    "nan",
    "inf",
    *BIG,
    "2026-01-31",
    "2025-12-01T05:00:00Z",
)
TYPES = {"region": "str", "n": "int", "day": "date"}
WORDS = (
    "7",
    "emea",
    "a card",
    "card of 1",
    "note of 2",
    "note",
    "größe",
    "GRÖSSE",
    "work",
    "int",
    "ada",
    "old",
    "xyz",
    "",
)

values = st.sampled_from(VALUES)
clause = st.one_of(
    st.builds(
        lambda key, op, value, negated: Clause(key, op, (value,), negated),
        st.sampled_from(KEYS),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        values,
        st.booleans(),
    ),
    st.builds(
        lambda key, several, negated: Clause(key, "in", tuple(several), negated),
        st.sampled_from(KEYS),
        st.lists(values, min_size=1, max_size=3),
        st.booleans(),
    ),
)
partitions = st.dictionaries(st.sampled_from(KEYS[:3]), values, max_size=3)
moments = st.none() | st.integers(0, 3).map(lambda d: datetime(2026, 1, 1 + d, tzinfo=UTC))
emission = st.tuples(
    st.just("emit"), st.sampled_from(NAMES), partitions, moments, st.booleans(), st.booleans()
)
mark = st.tuples(
    st.just("mark"),
    st.sampled_from(NAMES),
    st.integers(1, 4),
    st.sampled_from(["yank", "restore", "purge", "note", "card", "champion", "old"]),
)
declaration = st.tuples(st.just("declare"), st.sampled_from(NAMES), st.booleans())
steps = st.lists(st.one_of(emission, emission, mark, declaration), max_size=14)
queries = st.builds(
    lambda name, clauses, at, latest, types: Query(
        name=name, project="p", clauses=tuple(clauses), at=at, latest=latest, types=types
    ),
    st.sampled_from([*NAMES, "none"]),
    st.lists(clause, max_size=2),
    st.sampled_from([None, None, None, "latest", 1, 2, "champion", "old"]),
    st.sampled_from(["commit", "time_partition"]),
    st.sampled_from([{}, TYPES]),
)
fields = st.one_of(
    st.sampled_from(NAMES).map(lambda name: Field("name", name.upper())),
    st.sampled_from(["value", "data"]).map(lambda kind: Field("kind", kind)),
    st.sampled_from(["ADA", "bob"]).map(lambda user: Field("by", user)),
    st.sampled_from(["champion", "old"]).map(lambda alias: Field("alias", alias)),
    st.sampled_from(["draft", "yanked", "purged", "value", "linked"]).map(lambda v: Field("is", v)),
    st.tuples(st.sampled_from(["since", "until"]), st.integers(0, 40)).map(
        lambda pair: Field(pair[0], datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=pair[1]))
    ),
    st.tuples(st.sampled_from(["up", "down"]), st.sampled_from(NAMES)).map(
        lambda pair: Field(pair[0], f"heirloom://p/{pair[1]}@1")
    ),
)
leaves = st.one_of(st.sampled_from(WORDS).map(Word), clause.map(Part), fields)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Negated),
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=4,
)


@contextmanager
def _fresh(maker: Callable[[Catalog], Any]) -> Iterator[Any]:
    with TemporaryDirectory() as home:
        catalog = Catalog(Path(home), sync="none")
        yield maker(catalog)
        catalog.close()


def _take(make: Any, step: Sequence[Any]) -> None:
    """One step of a made-up history."""
    match step:
        case ["emit", name, parts, when, draft, linked]:
            payload = Payload(
                format="json",
                type_name="int",
                kind="data" if linked else "value",
                value=7,
                link="s3://x" if linked else None,
            )
            known = make.look(lambda view: view.version("p", "sales", 1))
            make.emit(
                name,
                payload=payload,
                partitions=dict(parts),
                time_partition=when,
                state="draft" if draft else "live",
                reads=(known.ref,) if known else (),
                created_by="Ada" if draft else "bob",
                card=make.card("A card\nof text") if linked else None,
            )
        case ["mark", name, number, kind]:
            version = make.look(lambda view: view.version("p", name, number))
            if version is None:
                return
            if kind in {"champion", "old"}:
                make.mark(version, "alias", alias=kind)
            else:
                make.mark(version, kind, text=f"A {kind} of {number}", kind="")
        case ["declare", name, typed]:
            make.declare(name, types=TYPES if typed else {}, description="Old ÄGE")


def _all(view: View) -> list[ArtifactVersion]:
    found = []
    for name in NAMES:
        for number in range(1, view.latest_number("p", name) + 1):
            version = view.version("p", name, number)
            assert version is not None
            found.append(version)
    return found


@pytest.fixture(scope="module")
def history(maker: Callable[[Catalog], Any]) -> Iterator[Any]:
    """A long made-up history: the catalog, its versions newest first, what it knows of them."""
    chance = random.Random(2026)
    with _fresh(maker) as make:
        for name in NAMES:
            make.emit(name)
        for _ in range(150):
            _take(make, _some_step(chance))
            if chance.random() < 0.2:
                make.catalog.names()
        catalog, view = make.catalog, make.catalog.view()
        docs = catalog.db.table("versions").all()
        every = [view.version("p", doc["name"], doc["version"]) for doc in reversed(docs)]
        yield catalog, every, _Facts(catalog)


def _some_step(chance: random.Random) -> tuple[Any, ...]:
    name, kind = chance.choice(NAMES), chance.random()
    if kind < 0.6:
        keys = chance.sample(KEYS[:3], chance.randint(0, 3))
        parts = {key: chance.choice(VALUES) for key in keys}
        when = chance.choice([None, *(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))])
        return ("emit", name, parts, when, chance.random() < 0.1, chance.random() < 0.4)
    if kind < 0.95:
        said = chance.choice(
            ["yank", "restore", "purge", "note", "card", "card", "champion", "old"]
        )
        return ("mark", name, chance.randint(1, 20), said)
    return ("declare", name, name != "costs")


@given(query=queries)
@settings(max_examples=400)
@example(
    query=Query(name="sales", project="p", clauses=(Clause("n", "<=", ("nan",)),), types=TYPES)
)
@example(query=Query(name="sales", project="p", latest="time_partition"))
@example(
    query=Query(name="sales", project="p", clauses=(Clause("n", "<", (BIG[1],)),), types=TYPES)
)
@example(
    query=Query(
        name="sales", project="p", clauses=(Clause("n", ">=", (BIG[1],), True),), types=TYPES
    )
)
def test_resolve_is_pick_of_all(query: Query, history: Any) -> None:
    """`resolve` gives what `Query.pick` picks among all versions; `versions`, all that match."""
    catalog, every, _ = history
    view = catalog.view()
    assert view.resolve(query) == query.pick(every)
    matching = [version for version in every if query.matches(version)]
    assert view.versions(query) == sorted(matching, key=lambda v: -v.version)


@given(steps=steps, query=queries, before=st.integers(0, 14))
@settings(max_examples=100)
def test_inside_a_commit_lookups_are_the_same(
    steps: Any, query: Query, before: int, maker: Any
) -> None:
    """A commit sees, over an index that lags behind, what a reader of a current one sees."""
    with _fresh(maker) as make:
        for step in steps[:before]:
            _take(make, step)
        make.catalog.names()
        for step in steps[before:]:
            _take(make, step)
        behind = make.look(lambda view: _answers(view, query))
        with closing(Catalog(make.catalog.home)) as other:
            expected = _answers(other.view(), query)
        ahead = make.look(lambda view: _answers(view, query))
        assert behind == ahead == expected == _answers(make.catalog.view(), query)


def _answers(view: View, query: Query) -> Any:
    every = _all(view)
    return (
        every,
        view.resolve(query),
        view.versions(query),
        view.declarations("p"),
        [view.declaration("p", name.upper()) for name in NAMES],
        [view.aliases("p", name) for name in NAMES],
        view.executions(),
        view.executions(state="succeeded", limit=3),
        [view.producer(version.ref) for version in every],
        [view.consumers(version.ref) for version in every],
        [view.outputs(version.execution_id) for version in every],
        sorted(view.related("heirloom://p/sales@1", "down")),
    )


class _Facts:
    """What the catalog knows, gathered once from its records alone."""

    def __init__(self, catalog: Catalog) -> None:
        view = catalog.view()
        self._declared = {d.name: d for d in view.declarations("p")}
        self._runs = {execution.id: execution for execution in view.executions()}

    def text(self, version: ArtifactVersion) -> str:
        declared = self._declared.get(version.name)
        producer = self._runs[version.execution_id].name
        return searchable(version, declared.description if declared else "", producer)

    def producer(self, version: ArtifactVersion) -> str:
        return self._runs[version.execution_id].name

    def related(self, ref: str, direction: str) -> frozenset[str]:
        seen, ring = set[str](), {ref}
        while ring:
            ring = {each for item in ring for each in self._next(item, direction)} - seen - {ref}
            seen |= ring
        return frozenset(seen)

    def _next(self, item: str, direction: str) -> set[str]:
        found = set[str]()
        for run in self._runs.values():
            read = {read.item for read in run.all_reads()}
            made = {output.id for output in run.outputs.values() if isinstance(output, Item)}
            before, after = (made, read) if direction == "up" else (read, made)
            found |= after if item in before else set()
        return found

    def types(self, version: ArtifactVersion) -> Any:
        declared = self._declared.get(version.name)
        return declared.types if declared else {}


@given(node=nodes, limit=st.integers(1, 40))
@settings(max_examples=400)
@example(node=Part(Clause("day", ">", ("2026-01-01",))), limit=9)
@example(node=Part(Clause("n", "<", ("10",))), limit=9)
@example(node=Part(Clause("region", ">", ("a",), negated=True)), limit=9)
@example(node=Word("äge"), limit=9)
@example(node=Word("a note"), limit=9)
def test_search_is_what_the_node_matches(node: Node, limit: int, history: Any) -> None:
    """Pages of a search hold, newest first, exactly the versions that the node is true of."""
    catalog, every, facts = history
    hidden = [state for state in ("draft", "yanked", "purged") if not asks_for(node, state)]
    expected = [v for v in every if v.state not in hidden and node.matches(v, facts)]
    found, cursor = [], None
    while True:
        page, cursor, total = catalog.search(node, limit=limit, cursor=cursor, project="p")
        assert total == len(expected)
        found += page
        if cursor is None:
            break
        assert len(page) == limit
    assert found == expected


def test_pages_are_stable_while_others_write(make: Any, catalog: Catalog) -> None:
    """What is written between two pages is on neither, and shifts nothing."""
    for value in range(5):
        make.emit("sales", value)
    first, cursor, total = catalog.search(parse_search(""), limit=2)
    make.emit("sales", 99)
    second, _, now = catalog.search(parse_search(""), limit=10, cursor=cursor)
    assert [v.version for v in first + second] == [5, 4, 3, 2, 1]
    assert (total, now) == (5, 6)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "9" * 30, "\u0661"])
def test_a_wrong_cursor_is_an_error(catalog: Catalog, cursor: str) -> None:
    """A cursor that no page gave is refused."""
    with pytest.raises(InputError, match="cursor"):
        catalog.search(parse_search(""), cursor=cursor)


def test_search_of_one_project(make: Any, catalog: Catalog) -> None:
    """A search may keep to one project."""
    make.emit("sales")
    make.project = "q"
    make.emit("sales")
    assert [v.project for v in catalog.search(parse_search(""), project="q")[0]] == ["q"]
    assert catalog.search(parse_search("name=sales"))[2] == 2


def test_relation_takes_any_ref(make: Any, catalog: Catalog) -> None:
    """`down=` takes the text of a ref: an alias, a clause, the latest."""
    first = make.emit("sales", partitions={"region": "emea"})
    second = make.emit("forecast", reads=(first.ref,))
    make.mark(first, "alias", alias="champion")
    for text in ("down=sales", "down=sales@champion", 'down="sales[region=emea]"'):
        assert catalog.search(parse_search(text), project="p")[0] == [second]


def test_marks_are_in_the_version(make: Any, catalog: Catalog) -> None:
    """A version comes with its newest card, its notes, its aliases and its state."""
    first, second = make.emit("sales"), make.emit("sales")
    make.mark(first, "card", text="New", kind="data")
    make.mark(first, "note", text="one")
    make.mark(first, "note", text="two")
    make.mark(first, "alias", alias="b")
    make.mark(first, "alias", alias="a")
    make.mark(second, "alias", alias="b")
    make.mark(first, "yank", reason="wrong")
    found = catalog.view().version("p", "sales", 1)
    assert found is not None
    assert (str(found.card), found.notes, found.aliases) == ("New", ("one", "two"), ("a",))
    assert found.state == "yanked"
    assert catalog.view().aliases("p", "Sales") == {"a": 1, "b": 2}


def test_completion(make: Any, catalog: Catalog) -> None:
    """Names by prefix, case aside, and the values that a key has had."""
    for name, region in (("Sales", "emea"), ("salt", "apac"), ("costs", "emea")):
        make.emit(name, partitions={"region": region})
    make.emit("salt", partitions={"region": "amer"})
    assert catalog.names("SAL") == ["Sales", "salt"]
    assert catalog.names() == ["Sales", "costs", "salt"]
    assert catalog.partition_values("p", "SALT", "region") == ["amer", "apac"]


def _many_runs(make: Any) -> list[Execution]:
    root = make.execution(kind="workflow", name="flow", state="running")
    runs = [
        make.execution(root_id=root.id, parent_id=root.id, path=f"{n}", plan="p1", plan_version=1)
        for n in range(3)
    ]
    make.write(executions=[root, *runs])
    return [root, *runs]


def test_executions_by_filter(make: Any, catalog: Catalog) -> None:
    """Executions by state, root, parent, plan and name: oldest first by state, else newest."""
    root, *runs = _many_runs(make)
    view = catalog.view()
    assert view.executions(state="running") == [root]
    assert view.executions(root=root.id, state="succeeded") == runs
    assert view.executions(parent=root.id) == runs[::-1]
    assert view.executions(plan="p1", limit=1) == runs[-1:]
    assert view.executions(name="flow") == [root]
    assert view.executions(state="x' OR 1") == []


def test_find_execution(make: Any, catalog: Catalog) -> None:
    """An execution by the beginning of its id, if it is one and long enough."""
    make.write(executions=[make.execution("abcdef01"), make.execution("abcdef02")])
    view = catalog.view()
    assert view.find_execution("abcdef02") == view.execution("abcdef02")
    assert view.find_execution("abcde") is None
    assert view.find_execution("zzzzzz") is None
    with pytest.raises(ExecutionNotFound) as caught:
        view.find_execution("abcdef0")
    assert caught.value.closest == ("abcdef01", "abcdef02")


def test_edges(make: Any, catalog: Catalog) -> None:
    """Edges both ways; a value is an item like a version."""
    sales = make.emit("sales")
    payload = Payload(format="json", type_name="int", kind="value", value=1)
    first = make.execution(inputs={"raw": Item(sales.ref, "query")}, outputs={"out": payload})
    make.write(executions=[first])
    item = f"value:{first.id}/out"
    forecast = make.emit("forecast", reads=(item,))
    view = catalog.view()
    assert view.consumers(sales.ref) == [(first, Read(sales.ref, "raw", "query"))]
    assert view.outputs(first.id) == [item]
    assert view.producer(item) == first
    assert view.producer(sales.ref) == view.execution(sales.execution_id)
    assert view.producer("heirloom://p/none@1") is None
    assert view.outputs(forecast.execution_id) == [forecast.ref]
    assert [(run.id, read.item) for run, read in view.consumers(item)] == [
        (forecast.execution_id, item)
    ]
    assert view.related(sales.ref, "down") == {item, forecast.ref}
    assert view.related(forecast.ref, "up") == {item, sales.ref}


def test_ended_execution_replaces_its_edges(make: Any, catalog: Catalog) -> None:
    """An execution that was rewritten has the edges of its newest record only."""
    sales, costs = make.emit("sales"), make.emit("costs")
    run = make.execution(state="running", inputs={"a": Item(sales.ref)})
    make.write(executions=[run])
    assert [e.id for e, _ in catalog.view().consumers(sales.ref)] == [run.id]
    make.write(executions=[make.execution(run.id, inputs={"a": Item(costs.ref)})])
    assert catalog.view().consumers(sales.ref) == []
    assert [e.id for e, _ in catalog.view().consumers(costs.ref)] == [run.id]


@pytest.mark.parametrize("settled", [True, False])
def test_listening(make: Any, settled: bool) -> None:
    """A plan listens from its first activation on, by the active version's trigger."""
    make.write(plans=[make.plan("p1", on="sales"), make.plan("p2", on="costs"), make.plan("p3")])
    make.write(switches=[make.switch("p1")])
    assert _heard(make, "SALES", settled) == [("p1", 1, True)]
    make.write(plans=[make.plan("p1", on="costs", version=2)])
    assert _heard(make, "sales", settled) == [("p1", 1, True)]
    make.write(switches=[make.switch("p1", version=2, active=False)])
    assert _heard(make, "sales", settled) == []
    assert _heard(make, "costs", settled) == [("p1", 2, False)]


def _heard(make: Any, name: str, settled: bool = False) -> Any:
    def heard(view: View) -> Any:
        return [(p.name, p.version, s.active) for p, s in view.listening("p", name)]

    return heard(make.catalog.view()) if settled else make.look(heard)


def test_another_handle_hears_the_switch(make: Any, maker: Any, opened: Any) -> None:
    """Who listens is known to every handle at its next commit."""
    other = maker(opened())
    assert _heard(other, "sales") == []
    make.write(plans=[make.plan("p1", on="sales")], switches=[make.switch("p1")])
    assert _heard(other, "sales") == [("p1", 1, True)]


def test_plans(make: Any, catalog: Catalog) -> None:
    """Plans in the order they were registered; the newest version unless one is named."""
    plans = [make.plan("p1"), make.plan("p2"), make.plan("p1", version=2)]
    for plan in plans:
        make.write(plans=[plan])
    view = catalog.view()
    assert view.plans("p") == plans
    assert view.plans("q") == []
    assert view.plan("p", "p1") == plans[2]
    assert view.plan("p", "p1", 1) == plans[0]
    assert view.plan("p", "p9") is None
    assert view.switch("p", "p1") is None


def test_ledger(make: Any, catalog: Catalog) -> None:
    """Ledger rows by plan, state, ref and execution, the newest first, in their present state."""
    rows = [make.row("p1", "r1"), make.row("p1", "r2", "paused"), make.row("p2", "r1")]
    make.write(rows=rows)
    make.write(rows=[make.row("p1", "r1", "unmet", execution_id="e1")])
    view = catalog.view()
    assert [(r.plan, r.refs[0]) for r in view.ledger()] == [
        ("p2", "r1"),
        ("p1", "r2"),
        ("p1", "r1"),
    ]
    assert [r.state for r in view.ledger(plan="p1")] == ["paused", "unmet"]
    assert [r.plan for r in view.ledger(ref="r1")] == ["p2", "p1"]
    assert [r.refs for r in view.ledger(execution="e1")] == [("r1",)]
    assert [r.plan for r in view.ledger(state="queued", limit=1)] == ["p2"]
    found = view.row(rows[0].key)
    assert found is not None
    assert found.state == "unmet"


@pytest.mark.parametrize("inside", [True, False])
def test_last_fired(make: Any, catalog: Catalog, inside: bool) -> None:
    """The newest version of those partition values at which the plan fired."""
    made = [make.emit("sales", partitions={"region": region}) for region in "aabaa"]
    states = ["queued", "skipped", "queued", "filtered", "unchanged"]
    make.write(rows=[make.row("p1", v.ref, s) for v, s in zip(made, states, strict=True)])

    def found(view: View) -> Any:
        return [
            view.last_fired(("p", "p1"), ("p", "SALES"), {"region": "a"}),
            view.last_fired(("p", "p2"), ("p", "sales"), {"region": "a"}),
            view.last_fired(("p", "p1"), ("p", "sales"), {}),
        ]

    answers = make.look(found) if inside else found(catalog.view())
    assert answers == [made[0], None, None]


def test_last_fired_of_a_long_history(
    make: Any, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a plan fired on last takes one read, whatever came that it did not fire on."""
    read: list[int] = []
    line = Archive.line

    def counted(self: Archive, table: str, id: int, at: int, size: int) -> Any:
        read.append(id)
        return line(self, table, id, at, size)

    monkeypatch.setattr(Archive, "line", counted)

    def reads(plan: str, before: int | None = None) -> tuple[Any, int]:
        read.clear()
        return catalog.view().last_fired(("p", plan), ("p", "sales"), {}, before), len(read)

    first = make.emit("sales")
    make.write(rows=[make.row("once", first.ref), make.row("always", first.ref)])
    for _ in range(40):
        version = make.emit("sales")
        states = {"once": "filtered", "never": "unchanged", "always": "coalesced"}
        make.write(rows=[make.row(plan, version.ref, state) for plan, state in states.items()])
    assert reads("once") == (first, 1)
    assert reads("never") == (None, 0)
    assert reads("always") == (version, 1)
    assert reads("always", 2) == (first, 1)


def test_last_fired_forgets_what_is_unmet(make: Any, catalog: Catalog) -> None:
    """A row that was queued and became `unmet` did not fire, in the index as in a commit."""
    older, newer = make.emit("sales"), make.emit("sales")
    make.write(rows=[make.row("p1", older.ref), make.row("p1", newer.ref)])
    ask = partial(View.last_fired, plan=("p", "p1"), artifact=("p", "sales"), conditions={})
    assert ask(catalog.view()) == newer
    make.write(rows=[make.row("p1", newer.ref, "unmet")])
    assert make.look(ask) == older
    assert ask(catalog.view()) == older


def test_query_of_a_ref(make: Any, catalog: Catalog) -> None:
    """A ref's text as a query finds its version."""
    version = make.emit("team/sales", partitions={"region": "emea"})
    for text in ("team/sales", "team/sales[region=emea]@1", "heirloom://p/team/sales@latest"):
        assert catalog.view().resolve(Query.of(Ref.parse(text)).within("p")) == version


def test_numbers_beyond_all_bounds(make: Any, catalog: Catalog) -> None:
    """A version number that no database holds is a version that is not there."""
    make.emit("sales")
    assert catalog.view().resolve(Query(name="sales", project="p", at=1 << 70)) is None
    assert catalog.view().version("p", "sales", 1 << 70) is None
