"""A pytest plugin: TinyDB's own tests get our database wherever they ask for a TinyDB."""

from __future__ import annotations

import builtins
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinydb
from tinydb.storages import JSONStorage, MemoryStorage
from tinydb.version import __version__

from heirloom import errors
from heirloom.catalog import Catalog
from heirloom.catalog.table import Database, JournalStorage

_ROW = re.compile(r"^\| `(test_\w+\.py::test_\w+)` \| `(\w+)` \|", re.M)
_PAGE = Path(os.environ["TINYDB_DIFFERENCES"]).read_text(encoding="utf-8")
_DIFFERENCES = {
    name: getattr(errors, kind, None) or getattr(builtins, kind)
    for name, kind in _ROW.findall(_PAGE)
}
_FILE_OPTIONS = {"sort_keys", "indent", "separators", "ensure_ascii"}

_open: list[Catalog] = []
_opened = False
_counts: Counter[str] = Counter()


class TinyDB(Database):
    """What the tests call: a path is a home, without one a home is made for the test."""

    def __init__(self, path: Any = None, *, storage: Any = JSONStorage, **options: Any) -> None:
        global _opened
        _opened = True
        home = Path(tempfile.mkdtemp() if path is None else path)
        if not home.parent.is_dir():
            raise FileNotFoundError(path)
        for name in _FILE_OPTIONS:  # how TinyDB's JSON looks
            options.pop(name, None)
        self._catalog = Catalog(
            home.with_suffix(".home"),
            sync="none" if storage is MemoryStorage else "group",
            read_only=options.pop("access_mode", "r+") == "r",
        )
        _open.append(self._catalog)
        ours = JournalStorage if storage in (JSONStorage, MemoryStorage) else storage
        super().__init__(self._catalog._archive, storage=ours, **options)

    def close(self) -> None:
        super().close()
        self._catalog.close()


tinydb.TinyDB = TinyDB  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Homes of a test are in its own directory, and closed after it."""
    global _opened
    _opened = False
    (tmp_path / "homes").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "homes"))
    yield
    _counts["on our database"] += _opened
    while _open:
        _open.pop().close()


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """What is listed has to fail, in the way that is listed, and has to be there."""
    unlisted = dict(_DIFFERENCES)
    for item in items:
        name = f"{item.path.name}::{item.originalname}"
        if name in _DIFFERENCES:
            unlisted.pop(name, None)
            kind = _DIFFERENCES[name]
            item.add_marker(pytest.mark.xfail(raises=kind, strict=True, reason="docs/tinydb.md"))
    if unlisted:
        raise pytest.UsageError(f"docs/tinydb.md lists tests that are not there: {unlisted}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count how each test ended."""
    if report.when == "call" or report.outcome != "passed":
        different = report.outcome == "skipped" and hasattr(report, "wasxfail")
        _counts["different" if different else report.outcome] += 1


def pytest_sessionfinish() -> None:
    """Leave the counts, and the version that was tested, where they were asked for."""
    found = {"version": __version__, **_counts}
    Path(os.environ["TINYDB_COUNTS"]).write_text(json.dumps(found), encoding="utf-8")
