"""The store in a bucket: the contract over memory://, the cache, races."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import fsspec
import pytest
from tests.store.contract_store import StoreContract

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError
from heirloom.store import Store, open_store
from heirloom.store.remote import RemoteStore

_caches = itertools.count()


@pytest.fixture(autouse=True)
def _empty_memory() -> None:
    fsspec.filesystem("memory").store.clear()


def _path(store: Store, digest: str) -> str:
    return store.url(digest).removeprefix("memory:/")


class TestMemoryStore(StoreContract):
    """The contract, in a bucket; each store has a cache of its own, as another machine would."""

    def new_store(self, tmp_path: Path) -> Store:
        return open_store("memory://bucket/pre", cache=tmp_path / f"cache-{next(_caches)}")

    def raw(self, store: Store, digest: str) -> bytes:
        return bytes(fsspec.filesystem("memory").cat_file(_path(store, digest)))

    def overwrite(self, store: Store, digest: str, data: bytes) -> None:
        fsspec.filesystem("memory").pipe_file(_path(store, digest), data)

    def keys(self, store: Store) -> list[str]:
        found = fsspec.filesystem("memory").find("/bucket/pre")
        return [path.removeprefix("/bucket/pre/") for path in found]


def _store(tmp_path: Path) -> RemoteStore:
    store = open_store("memory://bucket", cache=tmp_path / "cache")
    assert isinstance(store, RemoteStore)
    return store


def test_a_cached_copy_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A payload is downloaded once; the bucket is not asked for it again."""
    digest = _store(tmp_path / "writer").put_bytes(b"x" * 1000).digest
    store = _store(tmp_path / "reader")
    reads: list[str] = []
    memory = type(fsspec.filesystem("memory"))
    cat_file = memory.cat_file

    def noted(fs: Any, path: str, **options: Any) -> Any:
        reads.append(path)
        return cat_file(fs, path, **options)

    monkeypatch.setattr(memory, "cat_file", noted)
    for _ in range(3):
        assert store.get_bytes(digest) == b"x" * 1000
    assert len(reads) == 1


def test_a_damaged_cache_is_replaced(tmp_path: Path) -> None:
    """Damage in the cache is no damage of the payload: it is downloaded again."""
    digest = _store(tmp_path).put_bytes(b"payload").digest
    blob = _store(tmp_path).path(digest)
    blob.chmod(0o600)
    blob.write_bytes(b"PAYLOAD")
    assert _store(tmp_path).get_bytes(digest) == b"payload"


def test_damage_does_not_reach_the_cache(tmp_path: Path) -> None:
    """A damaged payload leaves no copy behind."""
    digest = _store(tmp_path / "writer").put_bytes(b"payload").digest
    fsspec.filesystem("memory").pipe_file(_path(_store(tmp_path), digest), b"PAYLOAD")
    store = _store(tmp_path / "reader")
    with pytest.raises(PayloadDamaged, match="memory://bucket/sha256"):
        store.path(digest)
    assert [path for path in (tmp_path / "reader").rglob("*") if path.is_file()] == []


def test_verify_reads_the_bucket(tmp_path: Path) -> None:
    """`verify` reads what the bucket holds, though the cache is sound."""
    store = _store(tmp_path)
    digest = store.put_bytes(b"payload").digest
    fsspec.filesystem("memory").pipe_file(_path(store, digest), b"PAYLOAD")
    with pytest.raises(PayloadDamaged):
        store.verify(digest)
    fsspec.filesystem("memory").rm(_path(store, digest))
    with pytest.raises(PayloadMissing):
        store.verify(digest)
    assert not store.has(digest)


def test_a_race_for_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another writer was first, its equal upload is kept and ours is not sent twice."""
    store = _store(tmp_path)
    memory = type(fsspec.filesystem("memory"))
    pipe_file = memory.pipe_file

    def beaten(fs: Any, target: str, data: bytes, **options: Any) -> None:
        assert options == {"mode": "create"}
        pipe_file(fs, target, data)
        pipe_file(fs, target, data, **options)

    monkeypatch.setattr(memory, "pipe_file", beaten)
    assert store.get_bytes(store.put_bytes(b"payload").digest) == b"payload"


def test_an_upload_that_lost_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload that arrives short is an error: nothing is recorded on faith."""
    store = _store(tmp_path)
    memory = type(fsspec.filesystem("memory"))
    pipe_file = memory.pipe_file
    monkeypatch.setattr(memory, "pipe_file", lambda fs, to, _, **__: pipe_file(fs, to, b"pay"))
    with pytest.raises(StoreError, match="holds 3 bytes after an upload of 7"):
        store.put_bytes(b"payload")


def test_a_backends_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a backend raises becomes one line that names the URL."""
    store = _store(tmp_path)
    memory = type(fsspec.filesystem("memory"))

    class NoCredentials(Exception):
        """As botocore's, which is no OSError."""

    def refuse(*_: object, **__: object) -> None:
        raise NoCredentials("Unable to locate credentials")

    monkeypatch.setattr(memory, "pipe_file", refuse)
    with pytest.raises(StoreError, match=r"memory://bucket/sha256.*Unable to locate") as refused:
        store.put_bytes(b"payload")
    assert isinstance(refused.value.__cause__, NoCredentials)
