"""A payload that would take more than half of the free disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from heirloom.errors import StoreError
from heirloom.store import LocalStore, Store, open_store


@pytest.fixture(autouse=True)
def _little_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte is free, whatever the disk."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _usage(free=1 << 20))


def _usage(free: int) -> Any:
    return shutil._ntuple_diskusage(2 << 20, (2 << 20) - free, free)


def _file(store: Store, tmp_path: Path) -> object:
    (tmp_path / "file").write_bytes(bytes(600_000))
    return store.put_path(tmp_path / "file")


def _directory(store: Store, tmp_path: Path) -> object:
    (tmp_path / "tree").mkdir()
    for name in "abc":
        (tmp_path / "tree" / name).write_bytes(bytes(200_000))
    return store.put_directory(tmp_path / "tree")


def _stream(store: Store, tmp_path: Path) -> object:
    def write(out: BinaryIO) -> None:
        for _ in range(60):
            out.write(bytes(10_000))

    return store.put(write)


PUTS = [_file, _directory, _stream]
Put = Callable[[Store, Path], object]


@pytest.mark.parametrize("put", PUTS)
@pytest.mark.parametrize("place", ["disk", "memory://bucket/room"])
def test_it_is_refused(tmp_path: Path, put: Put, place: str) -> None:
    """One line with the size and the room, and nothing is stored, not even in the cache."""
    root = tmp_path / "disk"
    store = LocalStore(root) if place == "disk" else open_store(place, cache=root)
    with pytest.raises(StoreError, match=r"1,048,576 are free at .*--force.*HEIRLOOM_LARGE"):
        put(store, tmp_path)
    assert [path for path in root.rglob("*") if path.is_file()] == []
    assert store.put_bytes(bytes(500_000)).size == 500_000


def test_a_known_size_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """A file or a directory that is too large is not even begun."""
    for put in (_file, _directory):
        with pytest.raises(StoreError, match="The payload has 600,000 bytes"):
            put(LocalStore(tmp_path / "disk"), tmp_path)
        assert not (tmp_path / "disk").exists()


@pytest.mark.parametrize("put", PUTS)
def test_it_is_taken_when_it_is_meant(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller's word, or the environment's, is enough."""
    store = LocalStore(tmp_path / "one")
    store.allow_large()
    put(store, tmp_path)
    monkeypatch.setenv("HEIRLOOM_LARGE", "allow")
    shutil.rmtree(tmp_path / "tree", ignore_errors=True)
    put(LocalStore(tmp_path / "two"), tmp_path)


def test_a_download_is_not_asked_about(tmp_path: Path) -> None:
    """What is pulled into the cache is as large as it is."""
    LocalStore(tmp_path / "cache").admit(lambda out: out.write(bytes(600_000)))
