"""The store in a bucket: the contract over memory://, the cache, races."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError
from heirloom.store import Store, open_store
from heirloom.store.remote import MARKER, RemoteStore
from heirloom.testing.store_contract import BucketContract


@pytest.fixture(autouse=True)
def _empty_memory() -> None:
    fsspec.filesystem("memory").store.clear()


def _path(store: Store, digest: str) -> str:
    return store.url(digest).removeprefix("memory:/")


class TestMemoryStore(BucketContract):
    """The contract, in memory."""

    def place(self, tmp_path: Path) -> str:
        return "memory://bucket/pre"


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
    with pytest.raises(StoreError, match=r"memory://bucket/.*Unable to locate") as refused:
        store.put_bytes(b"payload")
    assert isinstance(refused.value.__cause__, NoCredentials)


def test_a_place_that_cannot_create(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that overwrites where it should create is found out once, used, and told of."""
    memory = type(fsspec.filesystem("memory"))
    pipe_file = memory.pipe_file
    calls: list[str] = []

    def careless(fs: Any, path: str, value: bytes, **_: Any) -> None:
        calls.append(path.rpartition("/")[2])
        pipe_file(fs, path, value)

    monkeypatch.setattr(memory, "pipe_file", careless)
    store = _store(tmp_path)
    assert store.findings() == []
    assert store.get_bytes(store.put_bytes(b"payload").digest) == b"payload"
    store.put_bytes(b"another")
    assert calls.count(MARKER) == 2
    (told,) = _store(tmp_path).findings()
    assert told.startswith("memory://bucket cannot create an object only where none is")


def test_a_place_that_can_create(tmp_path: Path) -> None:
    """Of a place that creates only where nothing is, there is nothing to tell."""
    store = _store(tmp_path)
    store.put_bytes(b"payload")
    assert store.findings() == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("cannot open https://me:pw1@host/x", "cannot open https://…@host/x"),
        ("AccountName=a;AccountKey=pw1==;x", "AccountName=a;AccountKey=…;x"),
        ("GET /x?sig=pw1&sv=2", "GET /x?sig=…&sv=2"),
        ("key AKIAIOSFODNN7EXAMPLE is unknown", "key … is unknown"),
    ],
)
def test_errors_tell_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, shown: str
) -> None:
    """What a backend says of credentials is not passed on."""
    store = _store(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(said)

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "pipe_file", refuse)
    with pytest.raises(StoreError) as refused:
        store.put_bytes(b"payload")
    assert shown in str(refused.value)
    assert "pw1" not in str(refused.value)
