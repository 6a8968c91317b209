"""The store in a bucket: put if absent, read through a verified local cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError

from .bucket import Bucket
from .digests import digest_of, key_of
from .local import LocalStore
from .refusals import damaged, missing
from .store import Store, Stored

__all__ = ["RemoteStore"]


class RemoteStore(Store):
    """Blobs below one URL, under the keys that a local store has.

    A payload is written to the cache first, for its digest is its key, then uploaded. The
    cache may be removed at any time.
    """

    def __init__(self, url: str, cache: LocalStore) -> None:
        """Blobs below `url`, with local copies in `cache`; nothing is looked at yet."""
        self.location = url.rstrip("/")
        self.cache = cache
        self._bucket = Bucket.at(url)

    def put(self, write: Callable[[BinaryIO], object]) -> Stored:
        """See `Store.put`."""
        stored = self.cache.put(write)
        url = self.url(stored.digest)
        if self._bucket.size(url) != stored.size:
            self._upload(stored, url)
        return stored

    def path(self, digest: str) -> Path:
        """See `Store.path`: the cached copy, made when there is none or a damaged one."""
        try:
            return self.cache.path(digest)
        except PayloadMissing:
            pass
        except PayloadDamaged:
            self.cache.discard(digest)
        return self._download(digest)

    def has(self, digest: str) -> bool:
        """See `Store.has`; the bucket is asked, not the cache."""
        return self._bucket.size(self.url(digest)) is not None

    def verify(self, digest: str) -> None:
        """See `Store.verify`; every byte is downloaded and none is kept."""
        with self._reading(digest) as stream:
            got = digest_of(stream)
        if got != digest:
            raise damaged(self.url(digest), digest, got)

    def url(self, digest: str) -> str:
        """See `Store.url`."""
        return f"{self.location}/{key_of(digest)}"

    def sweep(self, older_than: float = 60.0) -> int:
        """See `Store.sweep`: the cache's; a bucket shows nothing of an unfinished upload."""
        return self.cache.sweep(older_than)

    def _upload(self, stored: Stored, url: str) -> None:
        source = self.cache.path(stored.digest)
        if not self._bucket.create(source, url) and self._bucket.size(url) != stored.size:
            self._bucket.replace(source, url)  # somebody's broken upload: ours has the bytes
        size = self._bucket.size(url)
        if size != stored.size:
            raise StoreError(
                f"{url} holds {size} bytes after an upload of {stored.size}; try again.", uri=url
            )

    def _download(self, digest: str) -> Path:
        try:
            with self._reading(digest) as stream:
                self.cache.admit(
                    lambda out: shutil.copyfileobj(stream, out, 1 << 20), expected=digest
                )
        except PayloadDamaged as exc:
            raise damaged(self.url(digest), digest, exc.got) from None
        return self.cache.path(digest)

    def _reading(self, digest: str) -> BinaryIO:
        try:
            return self._bucket.read(self.url(digest))
        except PayloadMissing:
            raise missing(digest, self.location) from None
