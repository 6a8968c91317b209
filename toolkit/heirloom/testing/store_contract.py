"""What every store does, whatever it is kept on: tests to subclass, for pytest.

A file system that fsspec reaches needs its address only::

    class TestOurs(BucketContract):
        def place(self, tmp_path):
            return f"s3://our-bucket/{tmp_path.name}"
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import random
import stat
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError
from heirloom.store import Store, open_store
from heirloom.store.bucket import Bucket
from heirloom.store.remote import MARKER

__all__ = ["BucketContract", "StoreContract"]

ABSENT = "sha256:" + "0" * 64
_caches = itertools.count()


class StoreContract(ABC):
    """The behaviour of a store; the raw access goes round it, so that it can be tested."""

    @abstractmethod
    def new_store(self, tmp_path: Path) -> Store:
        """A store on the same place each time it is asked in one test, without memory."""

    @abstractmethod
    def raw(self, store: Store, digest: str) -> bytes:
        """The bytes that are kept, read without the store."""

    @abstractmethod
    def overwrite(self, store: Store, digest: str, data: bytes) -> None:
        """Change the bytes that are kept, without the store."""

    @abstractmethod
    def keys(self, store: Store) -> list[str]:
        """The keys of all payloads that the place holds, leftovers too."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """The store of a test."""
        return self.new_store(tmp_path)

    @pytest.mark.parametrize("size", [0, 1, 4096, 131_072, 3_000_001])
    def test_bytes_come_back(self, store: Store, size: int) -> None:
        """Bytes of any size are given back, under the digest that sha256sum would print."""
        data = random.Random(size).randbytes(size)
        stored = store.put_bytes(data)
        hexadecimal = hashlib.sha256(data).hexdigest()
        assert stored.digest == f"sha256:{hexadecimal}"
        assert stored.size == size
        assert stored.key == f"sha256/{hexadecimal[:2]}/{hexadecimal[2:4]}/{hexadecimal}"
        assert store.get_bytes(stored.digest) == data
        assert store.path(stored.digest).read_bytes() == data
        assert self.raw(store, stored.digest) == data
        assert store.has(stored.digest)

    def test_pieces_of_every_kind(self, store: Store) -> None:
        """A writer may write many small pieces, large ones, and buffers that it fills anew."""
        expected = bytearray()

        def write(out: BinaryIO) -> None:
            buffer = bytearray(300_000)
            for number in range(20):
                buffer[:] = bytes([number]) * len(buffer)
                for piece in (b"", b"x" * number, memoryview(buffer), b"y" * 200_000):
                    assert out.write(piece) == len(piece)
                    expected.extend(piece)
            assert out.tell() == len(expected)

        stored = store.put(write)
        assert store.get_bytes(stored.digest) == bytes(expected)

    def test_same_bytes_once(self, store: Store) -> None:
        """The same bytes are kept once, however often they are put."""
        first = store.put_bytes(b"once")
        assert store.put_bytes(b"once") == first
        assert self.keys(store) == [first.key]

    def test_failed_writer_leaves_nothing(self, store: Store) -> None:
        """What a writer raises passes through, and nothing of its bytes stays."""

        def write(out: BinaryIO) -> None:
            out.write(b"a" * 500_000)
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            store.put(write)
        assert self.keys(store) == []

    def test_missing(self, store: Store, tmp_path: Path) -> None:
        """A payload that is not there is reported as missing by everything that reads."""
        assert not store.has(ABSENT)
        for read in (store.open, store.path, store.verify, store.entries):
            with pytest.raises(PayloadMissing, match="No payload sha256:0000"):
                read(ABSENT)
        with pytest.raises(PayloadMissing):
            store.read(ABSENT, Path.read_bytes)
        with pytest.raises(PayloadMissing):
            store.checkout(ABSENT, "a", tmp_path / "desk")

    @pytest.mark.parametrize("digest", ["", "x", "md5:0", "sha256:../../etc", "sha256:" + "G" * 64])
    def test_no_digest(self, store: Store, digest: str) -> None:
        """Text that is no digest never becomes a path."""
        with pytest.raises(StoreError, match="is no digest"):
            store.path(digest)

    @pytest.mark.parametrize("damage", [b"Payload", b"pay", b"payload and more", b""])
    def test_damage_is_found(self, tmp_path: Path, damage: bytes) -> None:
        """Flipped, cut, grown and emptied payloads are found by whatever reads them first."""
        digest = self.new_store(tmp_path).put_bytes(b"payload").digest
        self.overwrite(self.new_store(tmp_path), digest, damage)
        for read in ("open", "path", "verify", "entries"):
            with pytest.raises(PayloadDamaged) as found:
                getattr(self.fresh_store(tmp_path), read)(digest)
            assert found.value.expected == digest
            assert found.value.got == f"sha256:{hashlib.sha256(damage).hexdigest()}"
            assert digest[7:] in found.value.uri

    def test_damage_comes_before_the_readers_error(self, tmp_path: Path) -> None:
        """Where the bytes are wrong, what a reader made of them is never given or raised."""
        digest = self.new_store(tmp_path).put_bytes(b"payload").digest
        self.overwrite(self.new_store(tmp_path), digest, b"nonsense")

        def fail(path: Path) -> None:
            raise ValueError(f"cannot parse {path}")

        for reader in (fail, Path.read_bytes):
            with pytest.raises(PayloadDamaged):
                self.fresh_store(tmp_path).read(digest, reader)

    def test_damage_is_mended_by_the_same_bytes(self, tmp_path: Path) -> None:
        """A damaged payload is whole again after its bytes were put once more."""
        store = self.new_store(tmp_path)
        digest = store.put_bytes(b"payload").digest
        self.overwrite(store, digest, b"short")
        assert store.put_bytes(b"payload").digest == digest
        assert self.raw(store, digest) == b"payload"
        assert self.fresh_store(tmp_path).get_bytes(digest) == b"payload"

    def test_reader_gets_the_bytes(self, store: Store) -> None:
        """A reader is given a path with the payload's bytes, the first time and later."""
        digest = store.put_bytes(b"read me").digest
        for _ in range(2):
            assert store.read(digest, Path.read_bytes) == b"read me"

    def test_readers_error_passes(self, tmp_path: Path) -> None:
        """Where the bytes are right, the reader's own error passes."""
        digest = self.new_store(tmp_path).put_bytes(b"payload").digest
        with pytest.raises(ZeroDivisionError):
            self.fresh_store(tmp_path).read(digest, lambda path: 1 // 0)

    def test_file(self, store: Store, tmp_path: Path) -> None:
        """A file is stored as a copy: changing it afterwards changes nothing."""
        file = tmp_path / "data.csv"
        file.write_bytes(b"a,b\n1,2\n")
        digest = store.put_path(file).digest
        file.write_bytes(b"other")
        assert store.get_bytes(digest) == b"a,b\n1,2\n"
        with pytest.raises(PayloadMissing, match="nothing at"):
            store.put_path(tmp_path / "none")
        with pytest.raises(StoreError, match="directory"):
            store.put_path(tmp_path)

    def test_checkout(self, store: Store, tmp_path: Path) -> None:
        """A payload is given under a friendly name, without a copy, and never twice."""
        desk = tmp_path / "desk"
        one, two = (store.put_bytes(data).digest for data in (b"one", b"two"))
        first = store.checkout(one, "../up/re:port.csv", desk)
        assert first == desk / "re_port.csv"
        assert first.read_bytes() == b"one"
        assert store.checkout(one, "re:port.csv", desk) == first
        second = store.checkout(two, "re:port.csv", desk)
        assert second == desk / "re_port-2.csv"
        assert second.read_bytes() == b"two"
        assert stat.S_IMODE(first.stat().st_mode) & 0o222 == 0

    def test_copy(self, store: Store, tmp_path: Path) -> None:
        """A copy is the caller's own: writable, replacing what was there, apart from the store."""
        digest = store.put_bytes(b"mine").digest
        target = tmp_path / "new" / "place.bin"
        for _ in range(2):
            assert store.copy(digest, target).read_bytes() == b"mine"
            target.write_bytes(b"changed")
        assert self.raw(store, digest) == b"mine"
        assert os.listdir(target.parent) == ["place.bin"]

    def test_directory(self, store: Store, tmp_path: Path) -> None:
        """A directory comes back whole: nested, empty and executable members, odd names."""
        tree = _tree(tmp_path / "tree")
        stored = store.put_directory(tree)
        assert stored.size == 3 + 4 + 9
        unfolded = store.checkout_directory(stored.digest, tmp_path / "out")
        assert _listing(unfolded) == _listing(tree)
        copied = store.checkout_directory(stored.digest, tmp_path / "copied", copy=True)
        assert _listing(copied) == _listing(tree)
        (copied / "sub" / "b.txt").write_text("changed")
        paths = [entry.path for entry in store.entries(stored.digest)]
        assert paths == ["a.txt", "empty/", "sub/b.txt", "sub/größe 1.bin"]

    def test_equal_directories_are_one(self, store: Store, tmp_path: Path) -> None:
        """Equal trees have equal digests wherever and whenever they were made."""
        one, two = _tree(tmp_path / "one"), _tree(tmp_path / "two")
        os.utime(two / "a.txt", (1, 1))
        before = store.put_directory(one)
        assert store.put_directory(two) == before
        (two / "a.txt").write_text("else")
        assert store.put_directory(two).digest != before.digest

    def test_damaged_member(self, tmp_path: Path) -> None:
        """A damaged member of a directory is found when it is laid out."""
        stored = self.new_store(tmp_path).put_directory(_tree(tmp_path / "tree"))
        store = self.fresh_store(tmp_path)
        member = store.entries(stored.digest)[0]
        self.overwrite(store, member.digest, b"bad")
        with pytest.raises(PayloadDamaged):
            self.fresh_store(tmp_path).checkout_directory(stored.digest, tmp_path / "out")

    def test_no_directory(self, store: Store, tmp_path: Path) -> None:
        """A payload that is no directory is not taken for one, nor is a full place filled."""
        digest = store.put_bytes(b"plain").digest
        with pytest.raises(StoreError, match="is no directory"):
            store.checkout_directory(digest, tmp_path / "out")
        tree = _tree(tmp_path / "tree")
        with pytest.raises(StoreError, match="is not empty"):
            store.checkout_directory(store.put_directory(tree).digest, tree)

    def test_many_threads(self, store: Store) -> None:
        """Threads that put and read the same payloads at once all get their bytes."""
        payloads = [random.Random(n).randbytes(200_000 if n % 2 else 50) for n in range(6)]

        def work(number: int) -> bytes:
            data = payloads[number % len(payloads)]
            digest = store.put_bytes(data).digest
            assert store.read(digest, Path.read_bytes) == data
            return store.get_bytes(digest)

        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(work, range(60)))
        assert results == [payloads[n % len(payloads)] for n in range(60)]
        assert len(self.keys(store)) == len(payloads)

    def test_streams_can_seek(self, store: Store) -> None:
        """An open payload is an ordinary binary file."""
        with store.open(store.put_bytes(b"0123456789").digest) as stream:
            assert stream.seek(-3, io.SEEK_END) == 7
            assert stream.read() == b"789"

    def fresh_store(self, tmp_path: Path) -> Store:
        """The same place as another process would see it."""
        return self.new_store(tmp_path)


class BucketContract(StoreContract):
    """The contract on a file system of fsspec, and what only such a place can do wrong."""

    @abstractmethod
    def place(self, tmp_path: Path) -> str:
        """A URL below which nothing is at the beginning of a test; the same for the same path."""

    def new_store(self, tmp_path: Path) -> Store:
        """Each with a cache of its own, as another machine would have."""
        return open_store(self.place(tmp_path), cache=tmp_path / f"cache-{next(_caches)}")

    def raw(self, store: Store, digest: str) -> bytes:
        """See `StoreContract.raw`."""
        with Bucket.at(store.location).reading(store.url(digest)) as stream:
            return stream.read()

    def overwrite(self, store: Store, digest: str, data: bytes) -> None:
        """See `StoreContract.overwrite`."""
        Bucket.at(store.location).write(data, store.url(digest))

    def keys(self, store: Store) -> list[str]:
        """See `StoreContract.keys`; the store's own marker is none."""
        found = Bucket.at(store.location).names(store.location)
        return [name for name in found if name != MARKER]

    def test_one_of_many_creators_wins(self, tmp_path: Path) -> None:
        """Of eight that create one object at once, one does where the place can say so."""
        store = self.new_store(tmp_path)
        digest = store.put_bytes(b"probe").digest
        bucket, url = Bucket.at(store.location), f"{store.location}/race"
        if not bucket.creates(f"{store.location}/{MARKER}", b""):
            assert store.findings()
            return
        files = [tmp_path / str(number) for number in range(8)]
        for number, file in enumerate(files):
            file.write_bytes(bytes([number]) * 100_000)
        with ThreadPoolExecutor(8) as threads:
            won = list(threads.map(lambda file: bucket.create(file, url), files))
        assert won.count(True) == 1
        with bucket.reading(url) as stream:
            assert stream.read() == files[won.index(True)].read_bytes()
        assert store.has(digest)


def _tree(root: Path) -> Path:
    (root / "sub").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "a.txt").write_text("aaa")
    (root / "sub" / "b.txt").write_text("bbbb")
    (root / "sub" / "größe 1.bin").write_bytes(b"#!/bin/sh")
    (root / "sub" / "größe 1.bin").chmod(0o755)
    return root


def _listing(root: Path) -> dict[str, object]:
    """Every path below `root` with its bytes and whether it can be run."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        found[name] = "/" if path.is_dir() else (path.read_bytes(), os.access(path, os.X_OK))
    return found
