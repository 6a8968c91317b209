"""The store in a bucket: put if absent, read through a verified local cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError

from .bucket import Bucket
from .digests import digest_of, key_of
from .local import LocalStore
from .refusals import damaged, missing
from .store import Store, Stored

__all__ = ["MARKER", "RemoteStore"]

MARKER = "heirloom-store.json"
"""The name, in the store, of the object that says what the place is."""

_LONGEST = 24 * 3600.0  # seconds that an upload may take: nobody can tell whether it lives
_MARK = b'{"heirloom":"store","version":1}\n'


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
        self._creates: bool | None = None

    def put(self, write: Callable[[BinaryIO], object]) -> Stored:
        """See `Store.put`."""
        stored = self.cache.put(write)
        url = self.url(stored.digest)
        if self._bucket.size(url) != stored.size:
            self._upload(stored, url)
        return stored

    def check_room(self, size: int) -> None:
        """See `Store.check_room`; a payload is in the cache before it is uploaded."""
        self.cache.check_room(size)

    def allow_large(self) -> None:
        """See `Store.allow_large`."""
        self.cache.allow_large()

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
        """See `Store.sweep`: the cache's, and uploads in parts that began a day ago or earlier.

        A process sweeps by itself with its first upload, where it may.
        """
        return self.cache.sweep(older_than) + self._abandon(older_than)

    def _abandon(self, older_than: float) -> int:
        age = timedelta(seconds=max(older_than, _LONGEST))
        return self._bucket.abandon(self.location, datetime.now(UTC) - age)

    def findings(self) -> list[str]:
        """See `Store.findings`; the place is asked, and nothing new is made there."""
        if self._bucket.size(f"{self.location}/{MARKER}") is None:
            return []  # nothing was put yet
        if self._can_create():
            return []
        return [
            f"{self.location} cannot create an object only where none is; payloads are safe, for "
            "equal keys have equal bytes."
        ]

    def _can_create(self) -> bool:
        if self._creates is None:
            with suppress(StoreError):  # one may write there and not list
                self._abandon(0)
            self._creates = self._bucket.creates(f"{self.location}/{MARKER}", _MARK)
        return self._creates

    def _upload(self, stored: Stored, url: str) -> None:
        source = self.cache.path(stored.digest)
        created = self._can_create() and self._bucket.create(source, url)
        if not created and self._bucket.size(url) != stored.size:
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

    @contextmanager
    def _reading(self, digest: str) -> Iterator[BinaryIO]:
        try:
            with self._bucket.reading(self.url(digest)) as stream:
                yield stream
        except PayloadMissing:
            raise missing(digest, self.location) from None
