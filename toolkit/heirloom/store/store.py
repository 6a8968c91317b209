"""The store: what every place for payloads can do."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from . import manifest
from .checkout import link, replace_with
from .links import open_source, size_of
from .manifest import Entry
from .names import safe_name

__all__ = ["Store", "Stored"]

T = TypeVar("T")
_TOGETHER = 4  # members of a directory stored at a time; their fsyncs then share a journal commit


@dataclass(frozen=True, slots=True)
class Stored:
    """What a put gives: the payload's digest, its bytes, and its key in the store.

    Of a directory, `size` is the sum of its members and the digest is its manifest's.
    """

    digest: str
    size: int
    key: str


class Store(ABC):
    """Immutable payloads, each named by its digest; safe to use from threads and after a fork.

    What a put returned is durable. What a read gives was verified against its digest: in a
    process, once for as long as the file is untouched.

    Attributes:
        location: The store's own address, for people.
    """

    location: str

    @abstractmethod
    def put(self, write: Callable[[BinaryIO], object]) -> Stored:
        """Store what `write` writes; the same bytes again cost no second copy.

        Args:
            write: Called once with a binary stream that cannot seek. What it raises passes
                through, and nothing is stored.

        Raises:
            StoreError: The place refused (full, read-only, not permitted). Nothing was left.
        """

    @abstractmethod
    def path(self, digest: str) -> Path:
        """A verified local path of the payload, to be read only; the store owns it.

        Raises:
            PayloadMissing: The store has no such payload.
            PayloadDamaged: Its bytes are not those recorded.
        """

    @abstractmethod
    def has(self, digest: str) -> bool:
        """Whether the payload is there; its bytes are not looked at."""

    @abstractmethod
    def verify(self, digest: str) -> None:
        """Read every byte of the payload where it is kept, whatever was verified before.

        Raises:
            PayloadMissing: The store has no such payload.
            PayloadDamaged: Its bytes are not those recorded.
        """

    @abstractmethod
    def url(self, digest: str) -> str:
        """Where the payload is, for people; it need not exist."""

    @abstractmethod
    def sweep(self, older_than: float = 60.0) -> int:
        """Remove what killed puts left behind, and return how many there were.

        Args:
            older_than: Seconds that a leftover must be untouched; it is never a living put's.
        """

    @abstractmethod
    def check_room(self, size: int) -> None:
        """Refuse a payload of `size` bytes where it would take over half of the free disk.

        A put whose size is not known beforehand is refused as soon as it has grown over that.

        Raises:
            StoreError: It would.
        """

    @abstractmethod
    def allow_large(self) -> None:
        """From now on, take payloads of any size; ``HEIRLOOM_LARGE=allow`` does so everywhere."""

    def findings(self) -> list[str]:
        """What a person should know of the place, a sentence each; usually nothing.

        Raises:
            StoreError: It cannot be reached.
        """
        return []

    def put_bytes(self, data: bytes) -> Stored:
        """Store `data`."""
        return self.put(lambda out: out.write(data))

    def put_path(self, path: str | os.PathLike[str]) -> Stored:
        """Store a copy of one file, streamed; `path` may be a URL that `open_store` would take.

        Raises:
            StoreError: The file cannot be read, or the store refused, also one that is larger
                than half of the free disk.
        """
        self.check_room(size_of(os.fspath(path)))
        with open_source(os.fspath(path)) as source:
            return self.put(lambda out: shutil.copyfileobj(source, out, 1 << 20))

    def put_directory(self, path: str | os.PathLike[str]) -> Stored:
        """Store a directory: every file a payload, and a manifest of them.

        Equal trees (names, bytes, executable bits) have equal digests; times, owners and
        other permissions are not kept.

        Raises:
            StoreError: It holds a symbolic link or another thing that is no file, or a name
                that other systems cannot hold.
        """
        found = list(manifest.scan(Path(path)))
        self.check_room(sum(member.size for member in found))

        def store(member: manifest.Member) -> Entry:
            if member.source is None:
                return Entry(member.path)
            stored = self.put_path(member.source)
            return Entry(member.path, stored.size, member.executable, stored.digest)

        with ThreadPoolExecutor(_TOGETHER, thread_name_prefix="heirloom-put") as threads:
            entries = list(threads.map(store, found))
        stored = self.put(lambda out: manifest.write(entries, out))
        return Stored(stored.digest, sum(entry.size for entry in entries), stored.key)

    def open(self, digest: str) -> BinaryIO:
        """The payload as a stream that can seek, verified before the first byte is given.

        Raises:
            PayloadMissing: The store has no such payload.
            PayloadDamaged: Its bytes are not those recorded.
        """
        return open(self.path(digest), "rb")

    def get_bytes(self, digest: str) -> bytes:
        """The whole payload, verified.

        Raises:
            PayloadMissing: The store has no such payload.
            PayloadDamaged: Its bytes are not those recorded.
        """
        with self.open(digest) as stream:
            return stream.read()

    def read(self, digest: str, reader: Callable[[Path], T]) -> T:
        """What `reader` makes of the payload's local path.

        A store may verify while `reader` works; its result is given only if the bytes are
        right, and damage comes before whatever `reader` raised.

        Raises:
            PayloadMissing: The store has no such payload.
            PayloadDamaged: Its bytes are not those recorded.
        """
        return reader(self.path(digest))

    def checkout(self, digest: str, name: str, directory: Path) -> Path:
        """The payload, read-only, under a friendly name in a directory of the caller's.

        It is a symbolic link where the system has them, else a hard link or a copy: no bytes
        are moved. `name` is what a person calls it: made safe, never a path; two payloads of
        one name get ``data.csv`` and ``data-2.csv``. `directory` is made if it does not exist.
        """
        return link(self.path(digest), directory, safe_name(name))

    def checkout_directory(self, digest: str, directory: Path, *, copy: bool = False) -> Path:
        """A stored directory's tree in `directory`, which is made and must be empty.

        With `copy` the files are writable and the caller's own, instead of read-only links.

        Raises:
            StoreError: `directory` is not empty, or the manifest is none.
        """
        manifest.unfold(self.entries(digest), directory, self.path, copy=copy)
        return directory

    def copy(self, digest: str, target: Path) -> Path:
        """A writable copy of the payload at `target`, replaced only when all bytes are there."""
        return replace_with(self.path(digest), target)

    def entries(self, digest: str) -> list[Entry]:
        """The members of a stored directory, by path.

        Raises:
            StoreError: The payload is no directory's manifest.
        """
        with self.open(digest) as stream:
            return list(manifest.read(stream, self.url(digest)))
