"""Data that is recorded where it lies, without a copy, and checked on every read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from heirloom.errors import PayloadDamaged

from .places import default_cache, is_remote, local_path
from .refusals import refusals

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Link", "check", "follow", "inspect", "open_source", "size_of"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where linked data lies and how it looked when it was recorded.

    `size` is in bytes. `etag` changes whenever the data may have: a bucket's own with the object's
    version, the time of change of a local file, a digest of all names, sizes and times in a
    local directory.
    """

    url: str
    size: int
    etag: str

    def __str__(self) -> str:
        return f"{self.size:,} bytes, {self.etag or 'without an etag'}"


def inspect(url: str) -> Link:
    """Look at linked data, a file or a local directory, without reading it.

    Raises:
        PayloadMissing: There is nothing.
        StoreError: The URL is not taken, or cannot be reached.
    """
    if is_remote(url):
        from .bucket import Bucket

        return Link(url, *Bucket.at(url).look(url))
    path = local_path(url)
    with refusals(str(path)):
        if path.is_dir():
            return Link(path.as_uri(), *_tree(path))
        status = path.stat()
        return Link(path.as_uri(), status.st_size, _changed(status.st_mtime_ns))


def follow(link: Link, cache: Store | None = None) -> Path:
    """The local path of linked data, unchanged since it was recorded.

    Local data is given where it lies; remote data as a copy in `cache`, by default the user's.

    Raises:
        PayloadMissing: It is gone.
        PayloadDamaged: It was changed.
    """
    check(link)
    if not is_remote(link.url):
        return local_path(link.url)
    if cache is None:
        from .local import LocalStore

        cache = LocalStore(default_cache(), durable=False)
    copied = cache.put_path(link.url)
    check(link)  # it may have been changed while it was read
    return cache.path(copied.digest)


def check(link: Link) -> None:
    """Hold that linked data has the size and etag that were recorded; it is not read.

    Raises:
        PayloadMissing: It is gone.
        PayloadDamaged: It was changed.
    """
    now = inspect(link.url)
    if (now.size, now.etag) != (link.size, link.etag):
        raise PayloadDamaged(
            f"The linked data at {link.url} was changed after it was recorded: {link} then, {now} "
            "now. Publish it again to record it anew.",
            uri=link.url,
            expected=link.etag,
            got=now.etag,
        )


def _changed(nanoseconds: int) -> str:
    """A time of change in UTC, to the last digit that the disk keeps."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"changed {datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def size_of(url: str) -> int:
    """The bytes at a local path or a URL that a store could have; 0 where there is nothing."""
    if is_remote(url):
        from .bucket import Bucket

        return Bucket.at(url).size(url) or 0
    path = local_path(url)
    with refusals(str(path)):
        return path.stat().st_size if path.is_file() else 0


@contextmanager
def open_source(url: str) -> Iterator[BinaryIO]:
    """The bytes at a local path or a URL that a store could have.

    Raises:
        PayloadMissing: There is nothing.
        StoreError: It is a directory, or cannot be read.
    """
    if is_remote(url):
        from .bucket import Bucket

        with Bucket.at(url).reading(url) as stream:
            yield stream
        return
    path = local_path(url)
    with refusals(str(path)), open(path, "rb") as file:
        yield file


def _tree(root: Path) -> tuple[int, str]:
    """The bytes below a directory, and a digest of their paths, sizes and times."""
    size, seen = 0, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        size += 0 if path.is_dir() else status.st_size
        line = (path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)
        seen.update(repr(line).encode())
    return size, f"tree {seen.hexdigest()[:32]}"
