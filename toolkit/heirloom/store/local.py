"""The store on a local disk: durable before it returns, verified before it gives."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from heirloom.durable import sync_directory
from heirloom.errors import StoreError
from heirloom.rights import make_directory

from .aside import Aside, sweep
from .digests import digest_of, key_of
from .refusals import damaged, gone, missing, refusals
from .room import check_room, room_in
from .sink import Sink
from .store import Store, Stored

__all__ = ["LocalStore"]

T = TypeVar("T")
_Stamp = tuple[int, int, int, int]
_BLOB_MODE = 0o400
_READ = sum(getattr(os, flag, 0) for flag in ("O_RDONLY", "O_CLOEXEC", "O_BINARY", "O_NOFOLLOW"))


class LocalStore(Store):
    """Blobs below one directory: ``sha256/ab/cd/<hex>``, read-only, and ``tmp/`` for puts.

    A put writes aside, syncs, then renames: a blob is whole or absent. (fsspec's own local
    transactions sync nothing and move across devices, hence this code.)
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        """Blobs below `root`, which the first put makes.

        A cache, whose loss costs a download, need not be `durable`: nothing is synced then.
        """
        self.root = root
        self.location = str(root)
        self._durable = durable
        self._settled: set[Path] = set()  # directories whose own names are on the medium
        self._verified: dict[str, _Stamp] = {}
        self._swept = False
        self._large = False

    def put(self, write: Callable[[BinaryIO], object]) -> Stored:
        """See `Store.put`."""
        return self.admit(write, room=self._room())

    def check_room(self, size: int) -> None:
        """See `Store.check_room`."""
        check_room(size, self._room(), self.location)

    def allow_large(self) -> None:
        """See `Store.allow_large`."""
        self._large = True

    def admit(
        self, write: Callable[[BinaryIO], object], *, expected: str = "", room: int = -1
    ) -> Stored:
        """`put`, refusing bytes of another digest than `expected`.

        Raises:
            PayloadDamaged: `write` wrote other bytes; nothing was stored.
        """
        if not self._swept:
            self._swept = True
            self.sweep()
        with refusals(self.location):
            aside = Aside(self._settle(self.root / "tmp"))
        sink = Sink(aside.fd, self.location, room)
        try:
            write(cast(BinaryIO, sink))
            digest = sink.finish()
            if expected not in ("", digest):
                raise damaged(self.location, expected, digest)
            with refusals(self.location):
                return self._publish(aside, Stored(digest, sink.size, key_of(digest)))
        finally:
            sink.release()
            aside.discard()

    def open(self, digest: str) -> BinaryIO:
        """See `Store.open`."""
        stream, stamp = self._opened(digest)
        if self._verified.get(digest) != stamp:
            try:
                self._compare(digest, stream, stamp)
            except BaseException:
                stream.close()
                raise
        return stream

    def path(self, digest: str) -> Path:
        """See `Store.path`."""
        blob = self._blob(digest)
        with suppress(OSError):
            if self._verified.get(digest) == _stamp(blob.lstat()):
                return blob
        self.open(digest).close()
        return blob

    def read(self, digest: str, reader: Callable[[Path], T]) -> T:
        """See `Store.read`; the first time, another thread verifies while `reader` works."""
        blob = self._blob(digest)
        stream, stamp = self._opened(digest)
        with stream:
            if self._verified.get(digest) == stamp:
                return reader(blob)
            with ThreadPoolExecutor(1, thread_name_prefix="heirloom-verify") as thread:
                verified = thread.submit(self._compare, digest, stream, stamp)
                try:
                    return reader(blob)
                finally:
                    verified.result()

    def has(self, digest: str) -> bool:
        """See `Store.has`."""
        with refusals(self.location):
            return self._blob(digest).is_file()

    def verify(self, digest: str) -> None:
        """See `Store.verify`."""
        self._verified.pop(digest, None)
        self.open(digest).close()

    def url(self, digest: str) -> str:
        """See `Store.url`."""
        return self._blob(digest).as_uri()

    def sweep(self, older_than: float = 60.0) -> int:
        """See `Store.sweep`; a process sweeps by itself before its first put."""
        return sweep(self.root / "tmp", older_than)

    def discard(self, digest: str) -> None:
        """Remove the payload if it is there: for a cache, never for what a record names."""
        with refusals(self.location):
            self._blob(digest).unlink(missing_ok=True)

    def _room(self) -> int:
        with refusals(self.location):
            return -1 if self._large else room_in(self.root)

    def _blob(self, digest: str) -> Path:
        return self.root / key_of(digest)

    def _publish(self, aside: Aside, stored: Stored) -> Stored:
        blob = self.root / stored.key
        self._settle(blob.parent)
        if self._holds(blob, stored):
            with suppress(OSError):  # another user's blob may not be touched
                os.utime(blob)  # it is wanted again: a collector's grace starts anew
        else:
            aside.become(blob, _BLOB_MODE, durable=self._durable)
        if self._durable:
            sync_directory(blob.parent)  # also for a blob that another put renamed just now
        self._verified[stored.digest] = _stamp(blob.lstat())
        return stored

    def _holds(self, blob: Path, stored: Stored) -> bool:
        """Whether the blob is there and whole: it is read unless it was verified before."""
        with suppress(FileNotFoundError, StoreError):
            if blob.lstat().st_size == stored.size:
                self.open(stored.digest).close()
                return True
        return False

    def _settle(self, directory: Path) -> Path:
        """Make a directory whose name is on the medium, and so are those above it."""
        if directory in self._settled and directory.is_dir():
            return directory
        if self.root in directory.parents or not directory.parent.is_dir():
            self._settle(directory.parent)
        make_directory(directory)
        if self._durable:
            sync_directory(directory.parent)
        self._settled.add(directory)
        return directory

    def _opened(self, digest: str) -> tuple[BinaryIO, _Stamp]:
        blob = self._blob(digest)
        try:
            fd = os.open(blob, _READ)
        except FileNotFoundError:
            if not self.root.is_dir():
                raise gone(digest, self.location) from None
            raise missing(digest, self.location) from None
        except OSError:
            with refusals(str(blob)):
                raise
        return os.fdopen(fd, "rb"), _stamp(os.fstat(fd))

    def _compare(self, digest: str, stream: BinaryIO, stamp: _Stamp) -> None:
        """Read all of `stream`, then rewind it.

        Raises:
            PayloadDamaged: Its bytes are not those of `digest`.
        """
        with refusals(self.location):
            got = digest_of(stream)
            stream.seek(0)
        if got != digest:
            raise damaged(self.url(digest), digest, got)
        self._verified[digest] = stamp


def _stamp(status: os.stat_result) -> _Stamp:
    """What changes when the bytes may have; a change of mode or name changes it too."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
