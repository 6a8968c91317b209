"""Which addresses a store or a link may have."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from heirloom.errors import StoreError, did_you_mean
from heirloom.records.secrets import secret_text

__all__ = ["default_cache", "is_remote", "local_path"]

# A record may name a URL, and records come from other people: what is not listed here could
# be made to read this machine's network or files (chained and wrapping file systems can).
_REMOTE = ("abfs", "az", "gcs", "gs", "memory", "s3")


def is_remote(url: str) -> bool:
    """Whether `url` is beyond the local file system.

    Raises:
        StoreError: It is chained, of a scheme that is not taken, or carries a password.
    """
    if "://" not in url:
        return False
    scheme = url.partition("://")[0].lower()
    if secret_text(url) is not None:
        raise StoreError(
            f"The {scheme} URL carries credentials. Leave them to the environment.",
            uri=f"{scheme}://",
        )
    if "::" in url:
        raise StoreError(f"{url!r} is a chained URL, which is never opened.", uri=url)
    if scheme == "file":
        return False
    if scheme not in _REMOTE:
        known = ("file", *_REMOTE)
        raise StoreError(
            f"{scheme!r} is no place for payloads: expected one of {', '.join(known)}."
            f"{did_you_mean(scheme, known)}",
            uri=url,
        )
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    if at and (":" in user or scheme not in ("abfs", "az")):  # Azure's container stands there
        raise StoreError(
            f"The {scheme} URL carries credentials. Leave them to the environment.",
            uri=f"{scheme}://",
        )
    return True


def local_path(url: str) -> Path:
    """The absolute path of a plain path or a ``file://`` URL."""
    if "://" not in url:
        return Path(os.path.abspath(os.path.expanduser(url)))
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise StoreError(f"{url!r} names another host. Use file:///path.", uri=url)
    return Path(os.path.abspath(unquote(parts.path)))


def default_cache() -> Path:
    """Where local copies of remote payloads go: ``$XDG_CACHE_HOME``, else ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "heirloom" / "payloads"
