"""What every catalog does, whatever it is kept on: pytest tests to subclass."""

from __future__ import annotations

from heirloom.testing.catalog_contract.commits import Commits
from heirloom.testing.catalog_contract.handles import Handles
from heirloom.testing.catalog_contract.listening import ListeningLookups
from heirloom.testing.catalog_contract.refusals import Refusals
from heirloom.testing.catalog_contract.runs import RunLookups
from heirloom.testing.catalog_contract.searches import Searches
from heirloom.testing.catalog_contract.versions import VersionLookups

__all__ = ["CatalogContract"]


class CatalogContract(
    Commits, Refusals, Handles, VersionLookups, RunLookups, ListeningLookups, Searches
):
    """The definition of a catalog: whatever passes is one, and a session runs on it.

    Another catalog is written to `heirloom.catalog.protocol` and held to this, in a test file
    of its own::

        import pytest
        pytest.register_assert_rewrite("heirloom.testing.catalog_contract")
        from heirloom.testing.catalog_contract import CatalogContract

        class TestOurs(CatalogContract):
            def new_catalog(self, tmp_path, *, read_only=False):
                return OurCatalog(f"ours://host/{tmp_path.name}", read_only=read_only)

    `new_catalog` gives one more handle on one and the same catalog each time it is asked
    within a test, on another one in the next test; every handle is closed when the test ends.
    Where a test fails, `heirloom.testing.memory` says in few words what was meant.
    """
