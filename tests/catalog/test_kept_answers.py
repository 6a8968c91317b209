"""Answers that a handle keeps are never old, however far another thread has come meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.records.clauses import Clause
from heirloom.records.queries import Query
from heirloom.records.search import parse_search
from heirloom.testing.maker import Maker

Overtake = Callable[[Callable[[], object]], Any]


@pytest.fixture
def other(opened: Callable[..., Catalog]) -> Maker:
    """What commits through a handle of its own, as another process does."""
    return Maker(opened())


@pytest.fixture
def overtaken(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Overtake:
    """In its block, between the index's settling and a question, another thread reads on.

    What it reads is what the given change commits.
    """
    archive = catalog._archive
    real = archive.mending

    @contextmanager
    def block(change: Callable[[], object]) -> Iterator[None]:
        left = [change]

        def mending(work: Callable[[], Any]) -> Any:
            if left:
                left.pop()()
                thread = threading.Thread(target=catalog.position)
                thread.start()
                thread.join()
            return real(work)

        with monkeypatch.context() as patch:
            patch.setattr(archive, "mending", mending)
            yield

    return block


def test_a_search_counts_what_came_meanwhile(
    catalog: Catalog, other: Maker, overtaken: Overtake
) -> None:
    """A search asked again counts what was committed while it was asked first."""
    other.emit("sales")
    node = parse_search("name=sales")
    with overtaken(lambda: other.emit("sales")):
        catalog.search(node)
    assert catalog.search(node)[2] == 2


def test_an_emission_meets_who_listens(
    catalog: Catalog, make: Maker, other: Maker, overtaken: Overtake
) -> None:
    """A plan that was switched on while listeners were looked up hears the next emission."""
    plan = other.plan("p1", "sales")
    assert catalog.view().listening("p", "sales") == []
    with overtaken(lambda: other.write(plans=[plan], switches=[other.switch("p1")])):
        catalog.view().listening("p", "sales")
    assert len(make.look(lambda view: view.listening("p", "sales"))) == 1
    assert len(catalog.view().listening("p", "sales")) == 1


def test_a_name_that_got_another_key(catalog: Catalog, other: Maker, overtaken: Overtake) -> None:
    """A query finds the version with one more key, which came while the name was looked up."""
    other.emit("sales", partitions={"region": "emea"})
    query = Query(name="sales", project="p", clauses=(Clause("region", "=", ("emea",)),))
    catalog.view().resolve(query)
    with overtaken(lambda: other.emit("sales", partitions={"region": "emea", "day": "mon"})):
        catalog.view().resolve(query)
    found = catalog.view().resolve(query)
    assert found is not None
    assert found.version == 2
