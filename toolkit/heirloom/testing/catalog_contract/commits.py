"""Commits: numbers, keys, decisions, fences."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from heirloom.catalog.batch import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.errors import Fenced
from heirloom.records.queries import Query
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion
from heirloom.testing.catalog_contract.given import Given, everything
from heirloom.testing.maker import Maker

__all__ = ["Commits"]

_RUN = "0123456789abcdef"


class Commits(Given):
    """One transaction: all of it or nothing, in an order that everybody sees."""

    def test_numbers_count_per_name(self, make: Maker, catalog: Catalog) -> None:
        """Versions are 1, 2, 3 per project and name, whatever the case of the name."""
        assert [make.emit(name).version for name in ("sales", "Sales", "costs")] == [1, 2, 1]
        make.project = "q"
        assert make.emit("SALES").version == 1
        assert catalog.view().latest_number("p", "sALES") == 2
        assert catalog.view().latest_number("p", "none") == 0

    def test_numbers_count_on_inside_one_commit(self, make: Maker, catalog: Catalog) -> None:
        """Two emissions of one name in one commit get two numbers."""

        def prepare(view: View) -> Batch:
            numbered = [view.number(make.emission("sales")) for _ in range(2)]
            assert all(fresh for _, fresh in numbered)
            return Batch(versions=[version for version, _ in numbered])

        assert [v.version for v in catalog.commit(prepare).versions] == [1, 2]

    def test_stores_are_kept_as_they_stand(self, make: Maker, other: Catalog) -> None:
        """Each store by the order of its first record, with the address of its last."""
        kept, moved = (
            [StoreRecord(id=id, url=url, at=make.time(), by="ada") for id, url in pairs]
            for pairs in ([("one", "s3://a/b"), ("two", "/disk")], [("one", "s3://c")])
        )
        make.write(stores=kept)
        make.write(stores=moved)
        assert Maker(other).look(lambda view: view.stores()) == [*moved, kept[1]]
        assert other.view().stores() == [*moved, kept[1]]

    def test_an_emission_exists_once(self, make: Maker, other: Catalog) -> None:
        """The same emission again, by any handle, is the version that it made first."""
        first = make.emit("sales", 7, run=_RUN)
        again = make.emission("sales", 8, run=_RUN)
        assert Maker(other).look(lambda view: view.number(again)) == (first, False)
        assert make.look(lambda view: view.number(again)) == (first, False)

    def test_an_emission_is_numbered_once_in_a_commit(self, make: Maker) -> None:
        """An emission numbered twice in a commit keeps its number."""
        emission = make.emission("sales")
        seen = make.look(lambda view: [view.number(emission) for _ in range(2)])
        assert [(v.version, fresh) for v, fresh in seen] == [(1, True), (1, False)]

    def test_a_number_that_was_not_committed_is_given_again(self, make: Maker) -> None:
        """Numbering writes nothing: what was numbered and not committed leaves no gap."""
        assert make.look(lambda view: view.number(make.emission("sales"))[0].version) == 1
        assert make.emit("sales").version == 1

    def test_decide_adds_to_the_same_transaction(self, make: Maker, catalog: Catalog) -> None:
        """Rows and executions of the decision are committed with the numbered versions."""

        def decide(view: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
            assert [(v.name, v.version) for v in fresh] == [("sales", 1)]
            assert view.version("p", "sales", 1) is None
            started = make.execution(state="queued", attempt=0)
            batch.executions.append(started)
            batch.rows.append(make.row("p1", fresh[0].ref, execution_id=started.id))

        committed = catalog.commit(_one(make), decide)
        view = catalog.view()
        assert view.ledger(execution=committed.executions[0].id) == list(committed.rows)
        assert view.execution(committed.executions[0].id) == committed.executions[0]
        assert committed.sequence == catalog.position()

    def test_only_fresh_versions_are_decided_on(self, make: Maker, catalog: Catalog) -> None:
        """Nothing is decided where a batch has no version, or drafts alone."""

        def decide(*_: Any) -> None:
            raise AssertionError

        assert catalog.commit(_one(make, state="draft"), decide).versions[0].state == "draft"
        catalog.commit(lambda _: Batch(executions=[make.execution()]), decide)

    @pytest.mark.parametrize("where", ["prepare", "decide"])
    def test_what_is_raised_leaves_nothing(
        self, make: Maker, catalog: Catalog, other: Catalog, where: str
    ) -> None:
        """What prepare or decide raises passes through; nothing is written, and work goes on."""
        make.emit("sales")
        before = everything(catalog)

        def prepare(view: View) -> Batch:
            if where == "prepare":
                _fail()
            return Batch(versions=[view.number(make.emission("sales"))[0]])

        def decide(view: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
            batch.executions.append(make.execution())
            _fail()

        with pytest.raises(ZeroDivisionError):
            catalog.commit(prepare, decide)
        assert everything(catalog) == everything(other) == before
        assert make.emit("sales").version == 2

    def test_a_batch_is_seen_whole(self, make: Maker, catalog: Catalog, other: Catalog) -> None:
        """A reader sees all of a transaction or nothing of it, at any moment."""
        ended = threading.Event()
        counts = set()

        def watch() -> None:
            while not ended.is_set():
                counts.add(len(other.view().executions()) % 3)

        watching = threading.Thread(target=watch)
        watching.start()
        for _ in range(20):
            make.write(executions=[make.execution() for _ in range(3)])
        ended.set()
        watching.join()
        assert counts <= {0}

    def test_new_states_replace_old_ones(self, make: Maker, catalog: Catalog) -> None:
        """A new state of an execution, switch or row replaces the old one, in its place."""
        first, second = make.execution(state="queued"), make.execution(state="queued")
        make.write(executions=[first, second], switches=[make.switch("p1"), make.switch("p2")])
        make.write(rows=[make.row("p1", "r1"), make.row("p1", "r2")])
        make.write(
            executions=[make.execution(first.id, state="running"), make.execution(second.id)],
            switches=[make.switch("p1", active=False)],
            rows=[make.row("p1", "r1", "paused")],
        )
        view = catalog.view()
        assert [(e.id, e.state) for e in view.executions(newest=False)] == [
            (first.id, "running"),
            (second.id, "succeeded"),
        ]
        assert [(s.plan, s.active) for s in view.switches()] == [("p1", False), ("p2", True)]
        assert [(r.refs[0], r.state) for r in view.ledger()] == [("r2", "queued"), ("r1", "paused")]

    def test_the_last_state_in_a_batch_counts(self, make: Maker, catalog: Catalog) -> None:
        """Where one batch has two states of an execution, the later one stands."""
        queued = make.execution(state="queued")
        make.write(executions=[queued, make.execution(queued.id)])
        assert [e.state for e in catalog.view().executions()] == ["succeeded"]

    def test_code_is_kept_once(self, make: Maker, catalog: Catalog) -> None:
        """A closure that is known is passed over."""
        make.write(codes={"sha256:1": {"source": "a"}})
        before = catalog.position()
        make.write(codes={"sha256:1": {"source": "b"}})
        assert catalog.position() == before
        assert catalog.view().code("sha256:1") == {"source": "a", "digest": "sha256:1"}
        assert catalog.view().code("sha256:2") is None

    @pytest.mark.parametrize("state", ["queued", "succeeded", "cancelled", None, "attempt"])
    def test_a_fence(self, make: Maker, catalog: Catalog, state: str | None) -> None:
        """Only the running attempt of the root commits; any other records nothing."""
        running = {"attempt": "running", None: "running"}.get(state, state)
        root = make.execution(state=running, attempt=2)
        if state is not None:
            make.write(executions=[root])
        before = everything(catalog)
        attempt = 1 if state == "attempt" else 2
        with pytest.raises(Fenced) as caught:
            make.write(executions=[make.execution()], fence=(root.id, attempt))
        assert (caught.value.execution_id, caught.value.attempt) == (root.id, attempt)
        assert everything(catalog) == before

    def test_a_fence_is_held_before_anything_is_decided(
        self, make: Maker, catalog: Catalog
    ) -> None:
        """What stands behind a fence that does not hold is not decided on."""

        def prepare(view: View) -> Batch:
            return Batch(versions=_one(make)(view).versions, fence=("none", 1))

        with pytest.raises(Fenced):
            catalog.commit(prepare, lambda *_: _fail())

    def test_a_fence_lets_the_running_attempt_through(self, make: Maker, catalog: Catalog) -> None:
        """The attempt that runs commits, its own end included, and then no more."""
        root = make.execution(state="running", attempt=2)
        make.write(executions=[root])
        ended = make.execution(root.id, attempt=2)
        make.write(executions=[ended], fence=(root.id, 2))
        assert catalog.view().execution(root.id) == ended
        with pytest.raises(Fenced):
            make.write(executions=[ended], fence=(root.id, 2))

    def test_an_empty_batch_writes_nothing(self, make: Maker, catalog: Catalog) -> None:
        """An empty batch leaves the position where it is, and tells it."""
        make.emit("sales")
        before = catalog.position()
        assert make.write().sequence == catalog.position() == before

    @pytest.mark.parametrize("durable", [True, False])
    def test_seen_on_return(
        self, make: Maker, catalog: Catalog, other: Catalog, durable: bool
    ) -> None:
        """What a commit wrote is seen by everybody when it returns, durable or not yet."""
        catalog.commit(_one(make), durable=durable)
        for handle in (catalog, other):
            assert [
                v.version for v in handle.view().versions(Query(name="sales", project="p"))
            ] == [1]

    def test_threads_commit_at_once(self, make: Maker, catalog: Catalog, other: Catalog) -> None:
        """Threads on two handles: every number once, none lost, each seen by who gave it."""
        numbers: list[int] = []

        def work(handle: Catalog) -> None:
            mine = Maker(handle)
            for _ in range(10):
                made = mine.emit("sales")
                numbers.append(made.version)
                assert handle.view().version("p", "sales", made.version) == made

        threads = [threading.Thread(target=work, args=(h,)) for h in (catalog, other) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == list(range(1, 41))


def _one(make: Maker, **given: Any) -> Any:
    return lambda view: Batch(versions=[view.number(make.emission("sales", **given))[0]])


def _fail() -> Any:
    raise ZeroDivisionError
