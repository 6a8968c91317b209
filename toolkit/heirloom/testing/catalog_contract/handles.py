"""Handles: several on one catalog, reading only, closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from heirloom.catalog.batch import Batch
from heirloom.catalog.protocol import Catalog
from heirloom.errors import CatalogUnavailable
from heirloom.records.queries import Query
from heirloom.records.search import parse_search
from heirloom.testing.catalog_contract.given import Given, everything
from heirloom.testing.maker import Maker

__all__ = ["Handles"]

_VERBS: dict[str, Callable[[Catalog], Any]] = {
    "commit": lambda catalog: catalog.commit(lambda _: Batch()),
    "look": lambda catalog: catalog.view().version("p", "sales", 1),
    "resolve": lambda catalog: catalog.view().resolve(Query(name="sales", project="p")),
    "executions": lambda catalog: catalog.view().executions(),
    "listening": lambda catalog: catalog.view().listening("p", "sales"),
    "search": lambda catalog: catalog.search(parse_search("")),
    "names": lambda catalog: catalog.names(),
    "values": lambda catalog: catalog.values("region", "", "p", 9),
    "partition_keys": lambda catalog: catalog.partition_keys(),
    "type_names": lambda catalog: catalog.type_names(),
    "partition_values": lambda catalog: catalog.partition_values("p", "sales", "region"),
    "position": lambda catalog: catalog.position(),
    "wait": lambda catalog: catalog.wait(0, 0.0),
    "following": lambda catalog: catalog.following(),
}


class Handles(Given):
    """Whoever has a handle sees what anybody committed."""

    def test_handles_see_each_other(self, make: Maker, catalog: Catalog, other: Catalog) -> None:
        """Two handles take turns: numbers count on, and each sees all of the other's."""
        makers = (make, Maker(other, minutes=100))
        numbers = [makers[turn % 2].emit("sales").version for turn in range(6)]
        assert numbers == [1, 2, 3, 4, 5, 6]
        assert everything(catalog) == everything(other)

    def test_a_view_is_never_old(self, make: Maker, other: Catalog) -> None:
        """A view that was taken before a commit answers by what was committed since."""
        view = other.view()
        assert view.version("p", "sales", 1) is None
        made = make.emit("sales")
        assert view.version("p", "sales", 1) == made

    def test_the_position_grows(self, make: Maker, catalog: Catalog, other: Catalog) -> None:
        """Every commit of anyone moves the position on, seen from every handle."""
        seen = [catalog.position()]
        for maker in (make, Maker(other), make):
            committed = maker.write(executions=[make.execution()])
            assert committed.sequence == catalog.position() == other.position()
            seen.append(committed.sequence)
        assert seen == sorted(set(seen))

    def test_waiting_ends_in_time(self, make: Maker, catalog: Catalog) -> None:
        """Waiting ends at once where something came already, else when the time is over."""
        before = catalog.position()
        assert catalog.wait(before, 0.01) == before
        make.emit("sales")
        assert catalog.wait(before, 100.0) == catalog.position() > before

    def test_waiting_ends_with_a_commit(self, make: Maker, other: Catalog) -> None:
        """Who waits is told of a commit through another handle."""
        before = other.position()
        found: list[int] = []
        waiting = threading.Thread(target=lambda: found.append(other.wait(before, 60.0)))
        waiting.start()
        make.emit("sales")
        waiting.join()
        assert found == [other.position()]
        assert found[0] > before

    def test_following_tells_what_comes(self, make: Maker, opened: Callable[..., Catalog]) -> None:
        """Each state of an execution that anybody commits, once, in order, from then on."""
        first, second = make.execution(state="running"), make.execution(state="running")
        make.write(executions=[first, make.execution()])
        following = opened(read_only=True).following()
        assert following.read() == []
        ended = replace(second, state="failed")
        make.write(executions=[second, replace(first, name="other")])
        make.write(executions=[replace(first, state="succeeded"), ended])
        made = make.emit("sales")
        told = following.read()
        assert [(each.id, each.state) for each in told] == [
            (second.id, "running"),
            (first.id, "succeeded"),
            (second.id, "failed"),
            (made.execution_id, "succeeded"),
        ]
        assert told[2] == ended
        assert following.read() == []
        following.close()

    def test_reading_only(self, make: Maker, opened: Callable[..., Catalog]) -> None:
        """A handle that only reads sees all, as it comes, and writes nothing."""
        make.emit("sales")
        reader = opened(read_only=True)
        assert (reader.read_only, make.catalog.read_only) == (True, False)
        make.emit("sales")
        before = everything(make.catalog)
        assert everything(reader) == before
        with pytest.raises(CatalogUnavailable, match="reading only"):
            reader.commit(lambda _: Batch(executions=[make.execution()]))
        assert everything(reader) == everything(make.catalog) == before

    @pytest.mark.parametrize("verb", _VERBS)
    def test_a_closed_handle(self, make: Maker, other: Catalog, verb: str) -> None:
        """Every verb of a closed handle is an error, closing again aside; others go on."""
        make.emit("sales")
        for _ in range(2):
            other.close()
        with pytest.raises(CatalogUnavailable, match="closed"):
            _VERBS[verb](other)
        assert make.emit("sales").version == 2

    def test_a_closed_handle_asks_nothing_of_a_commit(self, other: Catalog) -> None:
        """A commit on a closed handle does not begin."""
        other.close()
        with pytest.raises(CatalogUnavailable):
            other.commit(lambda _: pytest.fail("it began"))
