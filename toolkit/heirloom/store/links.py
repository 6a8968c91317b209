"""Data that is recorded where it lies, without a copy, and checked on every read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from heirloom.errors import PayloadDamaged

from .places import default_cache, is_remote, local_path
from .refusals import refusals

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Link", "follow", "inspect", "open_source"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where linked data lies and how it looked when it was recorded.

    `size` is in bytes. `etag` changes whenever the data may have: a bucket's own, else made of
    the times of change.
    """

    url: str
    size: int
    etag: str


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
        return Link(path.as_uri(), status.st_size, f"{status.st_mtime_ns:x}")


def follow(link: Link, cache: Store | None = None) -> Path:
    """The local path of linked data, unchanged since it was recorded.

    Local data is given where it lies; remote data as a copy in `cache`, by default the user's.

    Raises:
        PayloadMissing: It is gone.
        PayloadDamaged: It was changed.
    """
    now = inspect(link.url)
    if (now.size, now.etag) != (link.size, link.etag):
        raise PayloadDamaged(
            f"The linked data at {link.url} was changed after it was recorded "
            f"({link.size:,} bytes then, {now.size:,} now). Publish it again to record it anew.",
            uri=link.url,
            expected=link.etag,
            got=now.etag,
        )
    if not is_remote(link.url):
        return local_path(link.url)
    if cache is None:
        from .local import LocalStore

        cache = LocalStore(default_cache(), durable=False)
    return cache.path(cache.put_path(link.url).digest)


def open_source(url: str) -> BinaryIO:
    """The bytes at a local path or a URL that a store could have.

    Raises:
        PayloadMissing: There is nothing.
        StoreError: It is a directory, or cannot be read.
    """
    if is_remote(url):
        from .bucket import Bucket

        return Bucket.at(url).read(url)
    path = local_path(url)
    with refusals(str(path)):
        return cast(BinaryIO, open(path, "rb"))


def _tree(root: Path) -> tuple[int, str]:
    """The bytes below a directory, and a digest of their paths, sizes and times."""
    size, seen = 0, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        size += 0 if path.is_dir() else status.st_size
        line = (path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)
        seen.update(repr(line).encode())
    return size, seen.hexdigest()[:32]
