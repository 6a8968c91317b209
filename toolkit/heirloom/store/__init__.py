"""Payloads: content-addressed blobs on a local disk or in a bucket."""

from __future__ import annotations

from pathlib import Path

from .links import Link, check, follow, inspect
from .local import LocalStore
from .manifest import Entry
from .names import safe_name
from .places import default_cache, is_remote, local_path
from .store import Store, Stored

__all__ = [
    "Entry",
    "Link",
    "LocalStore",
    "Store",
    "Stored",
    "check",
    "follow",
    "home_in_bucket",
    "inspect",
    "open_store",
    "safe_name",
]


def home_in_bucket(url: str) -> Path | None:
    """The local copy of a home that lies in a bucket, to be read only; `None` for a local home.

    Only what was added since the last call is moved.

    Raises:
        CatalogUnavailable: There is no home.
        StoreError: The URL is chained, of another scheme, or carries a password; or the bucket
            cannot be reached.
    """
    if not is_remote(url):
        return None
    from .homes import copied_home

    return copied_home(url)


def open_store(url: str, *, cache: Path | None = None) -> Store:
    """Open a store; nothing is created before the first put.

    Args:
        url: A local path, or a URL of ``file``, ``memory``, ``s3``, ``gs`` or ``az``.
            It carries no credentials: those come from the environment, as fsspec finds them.
        cache: Where local copies of remote payloads are kept; ``None`` for the user's cache
            directory. A local store has no cache.

    Raises:
        StoreError: The URL is chained, of another scheme, or carries a password.
    """
    if not is_remote(url):
        return LocalStore(local_path(url))
    from .remote import RemoteStore

    return RemoteStore(url, LocalStore(cache or default_cache(), durable=False))
