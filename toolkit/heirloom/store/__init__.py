"""Payloads: content-addressed blobs on a local disk or in a bucket."""

from __future__ import annotations

from pathlib import Path

from .links import Link, follow, inspect
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
    "follow",
    "inspect",
    "open_store",
    "safe_name",
]


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
