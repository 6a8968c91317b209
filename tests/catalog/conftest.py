"""A catalog in a home of its own, and a maker of records for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.records.queries import Query
from heirloom.testing.maker import Maker


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the catalog is."""
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path) -> Iterator[Callable[..., Catalog]]:
    """Opens handles on the home, or another, and closes them when the test ends."""
    handles: list[Catalog] = []

    def connect(at: Path = home, **options: Any) -> Catalog:
        handles.append(Catalog(at, **({"sync": "none"} | options)))
        return handles[-1]

    yield connect
    for handle in handles:
        handle.close()


@pytest.fixture
def catalog(opened: Callable[..., Catalog]) -> Catalog:
    """An empty catalog."""
    return opened()


@pytest.fixture
def make(catalog: Catalog) -> Maker:
    """A maker for the catalog."""
    return Maker(catalog)


@pytest.fixture(scope="session")
def maker() -> Callable[[Catalog], Maker]:
    """A maker for any catalog."""
    return Maker


@pytest.fixture
def everything() -> Callable[[Catalog], Mapping[str, Any]]:
    """All that a catalog says, as plain data: two catalogs that say the same are the same."""

    def tell(catalog: Catalog) -> Mapping[str, Any]:
        db = catalog.db
        found = {
            name: [(doc.doc_id, dict(doc)) for doc in db.table(name)]
            for name in sorted(db.tables())
        }
        view = catalog.view()
        return found | {
            "versions seen": [
                repr((v, v.aliases, v.state, v.card, v.notes))
                for name in catalog.names()
                for v in view.versions(Query(name=name, project="p"))
            ],
            "runs seen": [execution.to_doc() for execution in view.executions()],
        }

    return tell
