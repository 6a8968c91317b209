"""Both catalogs are catalogs: the real one on disk, and the one in memory that explains it."""

from __future__ import annotations

from pathlib import Path

import pytest

from heirloom.catalog import Catalog
from heirloom.testing.memory import Memory, MemoryCatalog

pytest.register_assert_rewrite("heirloom.testing.catalog_contract")

from heirloom.testing.catalog_contract import CatalogContract  # noqa: E402 - rewritten first

_MEMORIES: dict[Path, Memory] = {}


class TestCatalog(CatalogContract):
    def new_catalog(self, tmp_path: Path, *, read_only: bool = False) -> Catalog:
        return Catalog(tmp_path / "home", read_only=read_only, sync="none")


class TestMemoryCatalog(CatalogContract):
    def new_catalog(self, tmp_path: Path, *, read_only: bool = False) -> MemoryCatalog:
        memory = _MEMORIES.setdefault(tmp_path, Memory())
        return MemoryCatalog(memory, read_only=read_only)
