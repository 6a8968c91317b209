"""Commits: numbers, keys, fences, decisions; all or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from heirloom.catalog import Batch, Catalog, View
from heirloom.errors import CatalogError, Fenced, InputError
from heirloom.records.versions import ArtifactVersion


def test_numbers_count_per_folded_name(make: Any, catalog: Catalog) -> None:
    """Versions of a name are 1, 2, 3 in commit order, whatever the case of the name."""
    assert [make.emit("sales").version for _ in range(3)] == [1, 2, 3]
    assert make.emit("costs").version == 1
    assert catalog.view().latest_number("p", "SALES") == 3


def test_numbers_count_on_inside_one_commit(make: Any, catalog: Catalog) -> None:
    """Two emissions of one name in one commit get two numbers."""
    made: list[ArtifactVersion] = []

    def prepare(view: View) -> Batch:
        made.extend(view.number(make.emission("sales"))[0] for _ in range(2))
        return Batch(versions=list(made))

    committed = catalog.commit(prepare)
    assert [v.version for v in committed.versions] == [1, 2]


@pytest.mark.parametrize("settled", [True, False])
def test_emission_key_exists_once(make: Any, catalog: Catalog, settled: bool) -> None:
    """The same emission again gives the version that it made first, in the index or not."""
    first = make.emit("sales", 7, run="0123456789abcdef")
    if settled:
        catalog.view().version("p", "sales", 1)
    seen: list[Any] = []

    def prepare(view: View) -> Batch:
        seen.append(view.number(make.emission("sales", 8, run="0123456789abcdef")))
        return Batch()

    catalog.commit(prepare)
    version, fresh = seen[0]
    assert (version.version, version.payload.value, fresh) == (1, 7, False)
    assert version == first


def test_same_emission_twice_in_one_commit_is_one(make: Any, catalog: Catalog) -> None:
    """An emission numbered twice in a commit keeps its number."""
    emission = make.emission("sales")
    seen: list[tuple[int, bool]] = []

    def prepare(view: View) -> Batch:
        for _ in range(2):
            version, fresh = view.number(emission)
            seen.append((version.version, fresh))
        return Batch()

    catalog.commit(prepare)
    assert seen == [(1, True), (1, False)]


def test_numbering_needs_a_commit(make: Any, catalog: Catalog) -> None:
    """Outside a commit nothing is numbered."""
    with pytest.raises(CatalogError, match="only inside a commit"):
        catalog.view().number(make.emission("sales"))


@pytest.mark.parametrize("number", [0, 1, 3])
def test_wrong_number_is_refused(make: Any, catalog: Catalog, number: int) -> None:
    """A version that is not the next of its name is refused, and nothing is written."""
    make.emit("sales")
    before = catalog.position()
    with pytest.raises(CatalogError, match="next version"):
        make.write(versions=[make.emission("sales").numbered(number)])
    assert catalog.position() == before


def test_known_emission_key_is_refused(make: Any, catalog: Catalog) -> None:
    """A second version of an emission key is refused."""
    make.emit("sales", run="0123456789abcdef")
    again = make.emission("sales", run="0123456789abcdef").numbered(2)
    with pytest.raises(CatalogError, match="exists already"):
        make.write(versions=[again])


def test_plan_version_exists_once(make: Any) -> None:
    """A version of a plan is registered once."""
    make.write(plans=[make.plan("p1")])
    with pytest.raises(CatalogError, match="already"):
        make.write(plans=[make.plan("p1")])


def test_declaration_versions_count(make: Any) -> None:
    """A declaration that is not the next of its name is refused."""
    made = make.declare("sales")
    with pytest.raises(CatalogError, match="next version"):
        make.write(declarations=[made])


@pytest.mark.parametrize("where", ["prepare", "decide"])
def test_exception_leaves_the_catalog_as_it_was(
    make: Any, catalog: Catalog, everything: Callable[..., Any], where: str
) -> None:
    """What prepare or decide raises passes through, and nothing is written."""
    make.emit("sales")
    before = everything(catalog)

    def prepare(view: View) -> Batch:
        version, _ = view.number(make.emission("sales"))
        if where == "prepare":
            raise ZeroDivisionError
        return Batch(versions=[version])

    def decide(view: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
        batch.executions.append(make.execution())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        catalog.commit(prepare, decide)
    assert everything(catalog) == before
    assert make.emit("sales").version == 2


def test_decide_adds_to_the_same_transaction(make: Any, catalog: Catalog) -> None:
    """Rows and executions of the decision are committed with the versions."""

    def prepare(view: View) -> Batch:
        return Batch(versions=[view.number(make.emission("sales"))[0]])

    def decide(view: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
        started = make.execution(state="queued", attempt=0)
        batch.executions.append(started)
        batch.rows.append(make.row("p1", fresh[0].ref, execution_id=started.id))

    committed = catalog.commit(prepare, decide)
    assert len(committed.rows) == len(committed.executions) == 1
    view = catalog.view()
    assert view.row(committed.rows[0].key) == committed.rows[0]
    assert view.ledger(execution=committed.executions[0].id) == list(committed.rows)
    assert committed.sequence == catalog.position()


def test_drafts_are_not_decided_on(make: Any, catalog: Catalog) -> None:
    """A draft fires nothing: decide is not called for it alone."""

    def prepare(view: View) -> Batch:
        return Batch(versions=[view.number(make.emission("sales", state="draft"))[0]])

    def decide(*_: Any) -> None:
        raise AssertionError

    assert catalog.commit(prepare, decide).versions[0].state == "draft"


@pytest.mark.parametrize("state", ["queued", "succeeded", "cancelled", None, "attempt"])
def test_fence(make: Any, catalog: Catalog, everything: Callable[..., Any], state: Any) -> None:
    """Only the running attempt of the root commits; any other records nothing."""
    root = make.execution(state="running" if state == "attempt" else state or "running", attempt=2)
    if state is not None:
        make.write(executions=[root])
    before = everything(catalog)
    attempt = 1 if state == "attempt" else 2
    with pytest.raises(Fenced) as caught:
        make.write(executions=[make.execution()], fence=(root.id, attempt))
    assert (caught.value.execution_id, caught.value.attempt) == (root.id, attempt)
    assert everything(catalog) == before


def test_fence_lets_the_running_attempt_through(make: Any, catalog: Catalog) -> None:
    """The attempt that runs commits, its own end included."""
    root = make.execution(state="running", attempt=2)
    make.write(executions=[root])
    ended = make.execution(root.id, state="succeeded", attempt=2)
    make.write(executions=[ended], fence=(root.id, 2))
    found = catalog.view().execution(root.id)
    assert found is not None
    assert found.state == "succeeded"


def test_empty_batch_writes_nothing(catalog: Catalog, make: Any) -> None:
    """An empty batch leaves the journal as it is."""
    size = (catalog.home / "journal.jsonl").stat().st_size
    make.write()
    assert (catalog.home / "journal.jsonl").stat().st_size == size


def test_upserts_keep_their_place(make: Any, catalog: Catalog) -> None:
    """A new state of a known execution, switch or row replaces the old one."""
    first, second = make.execution(state="queued"), make.execution(state="queued")
    make.write(executions=[first, second], switches=[make.switch("p1")])
    make.write(
        executions=[make.execution(first.id, state="running"), make.execution(second.id)],
        switches=[make.switch("p1", active=False)],
    )
    view = catalog.view()
    assert [e.id for e in view.executions(state="running")] == [first.id]
    assert [e.id for e in view.executions()] == [second.id, first.id]
    assert [s.active for s in view.switches()] == [False]
    assert len(catalog.db.table("executions")) == 2


def test_code_is_kept_once(make: Any, catalog: Catalog) -> None:
    """A closure that is known is passed over."""
    make.write(codes={"sha256:1": {"source": "a"}})
    before = catalog.position()
    make.write(codes={"sha256:1": {"source": "a"}})
    assert catalog.position() == before
    assert catalog.view().code("sha256:1") == {"source": "a", "digest": "sha256:1"}
    assert catalog.view().code("sha256:2") is None


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        [1, {"a": float("inf")}],
        1 << 64,
        "half \ud800",
        {1: 2},
        object(),
        "x" * 1_000_001,
    ],
)
def test_hostile_values_are_refused(make: Any, catalog: Catalog, value: Any) -> None:
    """What JSON cannot hold is refused in one line before a byte is written."""
    before = (catalog.home / "journal.jsonl").read_bytes()
    with pytest.raises(InputError) as caught:
        make.emit("sales", value)
    assert "\n" not in str(caught.value)
    assert (catalog.home / "journal.jsonl").read_bytes() == before
    assert make.emit("sales").version == 1


def test_deep_documents_are_refused(make: Any) -> None:
    """A record nests 64 deep at most."""
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    with pytest.raises(InputError, match="deeper"):
        make.emit("sales", deep)


@pytest.mark.parametrize(
    "value", [None, 'a\nb\r\u2028\u0085{"c":', "\x00", -(1 << 63), 1e308, "null", [None, 0.1]]
)
def test_odd_values_come_back(make: Any, catalog: Catalog, value: Any) -> None:
    """Every value that JSON holds comes back equal."""
    make.emit("sales", value)
    found = catalog.view().version("p", "sales", 1)
    assert found is not None
    assert found.payload.value == value


def test_commit_inside_commit_is_an_error(make: Any, catalog: Catalog) -> None:
    """A commit begun inside a commit raises instead of waiting for itself."""

    def prepare(view: View) -> Batch:
        make.write(executions=[make.execution()])
        return Batch()

    with pytest.raises(CatalogError, match="inside a commit"):
        catalog.commit(prepare)
    assert make.emit("sales").version == 1


def test_threads_commit_at_once(make: Any, catalog: Catalog) -> None:
    """Eight threads on one handle: every number once, none lost."""
    numbers: list[int] = []

    def work() -> None:
        for _ in range(20):
            mine = make.emit("sales").version
            numbers.append(mine)
            assert catalog.view().latest_number("p", "sales") >= mine

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 161))
