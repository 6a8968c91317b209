"""What the tests of a contract are given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from heirloom.catalog.protocol import Catalog, View
from heirloom.records.queries import Query
from heirloom.testing.maker import Maker

__all__ = ["Ask", "Given", "everything"]

T = TypeVar("T")
Ask = Callable[[Callable[[View], T]], T]


class Given(ABC):
    """Two handles on one catalog, and a maker of records for the first."""

    @abstractmethod
    def new_catalog(self, tmp_path: Path, *, read_only: bool = False) -> Catalog:
        """One more handle on the catalog of the test that has this `tmp_path`."""

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Iterator[Callable[..., Catalog]]:
        """Opens handles, and closes them when the test ends."""
        with ExitStack() as handles:
            yield lambda **options: handles.enter_context(
                closing(self.new_catalog(tmp_path, **options))
            )

    @pytest.fixture
    def catalog(self, opened: Callable[..., Catalog]) -> Catalog:
        """An empty catalog."""
        return opened()

    @pytest.fixture
    def other(self, catalog: Catalog, opened: Callable[..., Catalog]) -> Catalog:
        """Another handle on it."""
        return opened()

    @pytest.fixture
    def make(self, catalog: Catalog) -> Maker:
        """What makes records for it."""
        return Maker(catalog)

    @pytest.fixture(params=["a view", "inside a commit", "another handle"])
    def ask(
        self, request: pytest.FixtureRequest, catalog: Catalog, other: Catalog, make: Maker
    ) -> Ask[Any]:
        """Asks a view's lookups, in each of the places from where they can be asked."""
        places: dict[str, Ask[Any]] = {
            "a view": lambda question: question(catalog.view()),
            "inside a commit": make.look,
            "another handle": lambda question: question(other.view()),
        }
        return places[request.param]


def everything(catalog: Catalog) -> Any:
    """All that a catalog says, as plain data: two that say the same are the same."""
    view = catalog.view()
    return {
        "position": catalog.position(),
        "declarations": view.declarations(),
        "versions": [
            (v, v.aliases, v.state, v.card, v.notes)
            for name in catalog.names()
            for v in view.versions(Query(name=name, project="p"))
        ],
        "executions": view.executions(),
        "plans": view.plans(),
        "switches": view.switches(),
        "ledger": view.ledger(),
    }
