"""The local store: the contract, durability, permissions, faults."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError
from heirloom.store import LocalStore, Store, aside, local, open_store
from heirloom.testing.store_contract import StoreContract


class TestLocalStore(StoreContract):
    """The contract, on a disk."""

    def new_store(self, tmp_path: Path) -> Store:
        return open_store(str(tmp_path / "home" / "store"))

    def raw(self, store: Store, digest: str) -> bytes:
        return _blob(store, digest).read_bytes()

    def overwrite(self, store: Store, digest: str, data: bytes) -> None:
        blob = _blob(store, digest)
        blob.chmod(0o600)
        blob.write_bytes(data)

    def keys(self, store: Store) -> list[str]:
        root = Path(store.location)
        return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def _blob(store: Store, digest: str) -> Path:
    return next(Path(store.location).glob(f"sha256/*/*/{digest[7:]}"))


def test_nothing_is_made_before_the_first_put(tmp_path: Path) -> None:
    """Opening a store and looking into it leaves the disk as it was."""
    store = open_store(str(tmp_path / "store"))
    assert not store.has("sha256:" + "0" * 64)
    assert store.sweep() == 0
    assert list(tmp_path.iterdir()) == []


def test_permissions(tmp_path: Path) -> None:
    """Blobs are read-only and the store is closed to others, whatever the umask."""
    before = os.umask(0)
    try:
        store = LocalStore(tmp_path / "store")
        blob = store.path(store.put_bytes(b"x").digest)
    finally:
        os.umask(before)
    assert stat.S_IMODE(blob.stat().st_mode) == 0o400
    for directory in (store.root, store.root / "tmp", *blob.parents[:3]):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_verified_once_until_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process reads a payload's bytes to verify them once, and again after they changed."""
    store = LocalStore(tmp_path)
    digest = store.put_bytes(b"payload").digest
    reads: list[str] = []
    compare = LocalStore._compare

    def noted(store: LocalStore, digest: str, *given: Any) -> None:
        reads.append(digest)
        compare(store, digest, *given)

    monkeypatch.setattr(LocalStore, "_compare", noted)
    store.path(digest)
    assert reads == []  # it was hashed on its way to the disk
    fresh = LocalStore(tmp_path)
    for _ in range(3):
        fresh.path(digest)
        fresh.read(digest, Path.read_bytes)
        fresh.open(digest).close()
    assert reads == [digest]
    blob = fresh.path(digest)
    os.utime(blob)
    fresh.path(digest)
    assert reads == [digest, digest]
    blob.chmod(0o600)
    blob.write_bytes(b"PAYLOAD")
    with pytest.raises(PayloadDamaged):
        fresh.path(digest)


def test_verify_reads_again(tmp_path: Path) -> None:
    """`verify` reads all bytes, even of a payload that was verified before."""
    store = LocalStore(tmp_path)
    digest = store.put_bytes(b"payload").digest
    blob = store.path(digest)
    blob.chmod(0o600)
    times = blob.stat()
    blob.write_bytes(b"PAYLOAD")
    os.utime(blob, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(PayloadDamaged):
        store.verify(digest)


def test_known_damage_of_the_same_size_is_mended(tmp_path: Path) -> None:
    """A payload that was found damaged is replaced by the next put of the same bytes."""
    store = LocalStore(tmp_path)
    digest = store.put_bytes(b"payload").digest
    blob = store.path(digest)
    blob.chmod(0o600)
    blob.write_bytes(b"PAYLOAD")
    with pytest.raises(PayloadDamaged, match="Storing the same value again mends it"):
        store.verify(digest)
    store.put_bytes(b"payload")
    assert store.get_bytes(digest) == b"payload"


def test_damage_that_another_process_found_is_mended(tmp_path: Path) -> None:
    """A put never leaves a damaged payload of the same size in the place of its own bytes."""
    first = LocalStore(tmp_path)
    digest = first.put_bytes(b"payload").digest
    blob = first.path(digest)
    blob.chmod(0o600)
    blob.write_bytes(b"PAYLOAD")
    store = LocalStore(tmp_path)
    assert store.put_bytes(b"payload").digest == digest
    assert blob.read_bytes() == b"payload"
    assert LocalStore(tmp_path).get_bytes(digest) == b"payload"


def test_a_wanted_blob_is_young(tmp_path: Path) -> None:
    """Putting the same bytes again restarts the time before a collector may take them."""
    store = LocalStore(tmp_path)
    blob = store.path(store.put_bytes(b"payload").digest)
    os.utime(blob, (1, 1))
    store.put_bytes(b"payload")
    assert blob.stat().st_mtime > time.time() - 60


def test_synced_before_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are synced before they get their name, and each new name before the return."""
    events: list[str] = []
    replace, mkdir = os.replace, os.mkdir

    def noted_replace(source: Any, target: Any) -> None:
        events.append("rename")
        replace(source, target)

    def noted_mkdir(path: Any, *given: Any) -> None:
        events.append(f"make {path}")
        mkdir(path, *given)

    monkeypatch.setattr(aside, "sync", lambda fd: events.append("sync bytes"))
    monkeypatch.setattr(local, "sync_directory", lambda path: events.append(f"sync {path}"))
    monkeypatch.setattr(os, "replace", noted_replace)
    monkeypatch.setattr(os, "mkdir", noted_mkdir)
    store = LocalStore(tmp_path / "store")
    folder = (store.root / store.put_bytes(b"one").key).parent
    assert events[-3:] == ["sync bytes", "rename", f"sync {folder}"]
    for made in (folder, folder.parent, folder.parent.parent, store.root):
        assert events[events.index(f"make {made}") + 1] == f"sync {made.parent}"
    events.clear()
    store.put_bytes(b"one")
    assert events == [f"sync {folder}"]  # another process may have renamed it just now


def test_a_cache_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is not durable never waits for the medium."""

    def refuse(fd: int) -> None:
        raise AssertionError("synced")

    monkeypatch.setattr(os, "fsync", refuse)
    store = LocalStore(tmp_path, durable=False)
    assert store.get_bytes(store.put_bytes(b"x").digest) == b"x"


def _failing(code: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "fchmod"])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "The disk is full at .*Free some space"),
        (errno.EDQUOT, "Your disk quota is used up"),
        (errno.EROFS, "is read-only; nothing was changed"),
        (errno.EIO, "failed: Input/output error"),
    ],
)
def test_a_refusing_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, said: str
) -> None:
    """Whatever the disk refuses is one clear line, leaves nothing, and is over when it is over."""
    store = LocalStore(tmp_path)
    kept = store.put_bytes(b"kept").digest
    with monkeypatch.context() as patch:
        patch.setattr(os, call, _failing(code))
        with pytest.raises(StoreError, match=said) as refused:
            store.put_bytes(b"x" * 300_000)
    assert refused.value.uri == store.location
    assert isinstance(refused.value.__cause__, OSError)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert store.get_bytes(kept) == b"kept"
    assert store.put_bytes(b"x" * 300_000).size == 300_000


@pytest.mark.process
@pytest.mark.parametrize("budget", [0, 100, 200_000, 1_000_000])
def test_a_file_size_limit(tmp_path: Path, budget: int) -> None:
    """A real limit on file sizes stops a put in the middle: one error, nothing left."""
    script = f"""
        import resource, signal, sys
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({budget}, {budget}))
        from heirloom.errors import StoreError
        from heirloom.store import open_store
        store = open_store({str(tmp_path)!r})
        try:
            store.put_bytes(bytes(1_500_000))
        except StoreError as exc:
            sys.exit(0 if "too large" in str(exc) else str(exc))
        sys.exit("stored")
    """
    _run(script)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_directory_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that one may not write says so."""
    monkeypatch.setattr(os, "mkdir", _failing(errno.EACCES))  # root may write everywhere
    with pytest.raises(StoreError, match="Permission denied at"):
        LocalStore(tmp_path / "store").put_bytes(b"x")


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    """A file where the store should be is reported, not replaced."""
    (tmp_path / "store").write_text("mine")
    with pytest.raises(StoreError, match="nothing was changed"):
        LocalStore(tmp_path / "store").put_bytes(b"x")
    assert (tmp_path / "store").read_text() == "mine"


def test_a_store_that_was_removed(tmp_path: Path) -> None:
    """A store whose directory vanished in mid-session is made again by the next put."""
    store = LocalStore(tmp_path / "store")
    lost = store.put_bytes(b"lost").digest
    os.rename(tmp_path / "store", tmp_path / "gone")
    with pytest.raises(PayloadMissing):
        store.path(lost)
    assert store.get_bytes(store.put_bytes(b"new").digest) == b"new"


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link in a blob's place is refused, wherever it leads."""
    store = LocalStore(tmp_path / "store")
    digest = store.put_bytes(b"payload").digest
    blob = store.path(digest)
    (tmp_path / "other").write_bytes(b"payload")
    blob.unlink()
    blob.symlink_to(tmp_path / "other")
    with pytest.raises(StoreError):
        store.open(digest)


def test_sweep_spares_the_living(tmp_path: Path) -> None:
    """A sweep takes what dead writers left and nothing of a put that is under way."""
    store = LocalStore(tmp_path)
    store.put_bytes(b"x")
    (tmp_path / "tmp" / "999999-dead").write_bytes(b"half")

    def write(out: BinaryIO) -> None:
        out.write(b"living")
        assert LocalStore(tmp_path).sweep(older_than=3600) == 0
        assert LocalStore(tmp_path).sweep(older_than=0) == 1

    assert store.get_bytes(store.put(write).digest) == b"living"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_process_sweeps_before_its_first_put(tmp_path: Path) -> None:
    """What a killed process left an hour ago goes with the next process's first put."""
    LocalStore(tmp_path).put_bytes(b"x")
    left = tmp_path / "tmp" / "999999-dead"
    left.write_bytes(b"half")
    os.utime(left, (time.time() - 3600,) * 2)
    LocalStore(tmp_path).put_bytes(b"y")
    assert not left.exists()


@pytest.mark.process
def test_after_a_fork(tmp_path: Path) -> None:
    """A forked child goes on with its parent's store, and so does the parent."""
    script = f"""
        import os, sys
        from heirloom.store import open_store
        store = open_store({str(tmp_path)!r})
        digest = store.put_bytes(bytes(2_000_000)).digest
        child = os.fork()
        if child == 0:
            assert store.get_bytes(digest) == bytes(2_000_000)
            store.put_bytes(b"c" * 2_000_000)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        store.put_bytes(b"p" * 2_000_000)
    """
    _run(script)
    assert len(list(tmp_path.glob("sha256/*/*/*"))) == 3


@pytest.mark.process
def test_imports_no_fsspec(tmp_path: Path) -> None:
    """A local store does all its work without fsspec."""
    _run(f"""
        import sys
        from heirloom.store import open_store
        store = open_store({str(tmp_path)!r})
        store.path(store.put_bytes(b"x").digest)
        assert "fsspec" not in sys.modules
    """)


def _env() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def _run(script: str) -> None:
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, env=_env())
