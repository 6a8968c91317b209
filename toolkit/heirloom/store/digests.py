"""The digest of a payload and the key that it is kept under."""

from __future__ import annotations

import hashlib
import re
from io import BufferedIOBase
from typing import BinaryIO, cast

from heirloom.errors import StoreError

__all__ = ["digest_of", "key_of"]

_SHAPE = re.compile(r"sha256:([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{60})")


def key_of(digest: str) -> str:
    """``sha256/ab/cd/<hex>``; digests are the only text that becomes a path.

    Raises:
        StoreError: It is no digest.
    """
    match = _SHAPE.fullmatch(digest)
    if match is None:
        raise StoreError(f"{digest!r} is no digest: expected 'sha256:' and 64 hex digits.")
    first, second, rest = match.groups()
    return f"sha256/{first}/{second}/{first}{second}{rest}"


def digest_of(stream: BinaryIO) -> str:
    """The digest of a stream that stands at its beginning."""
    return f"sha256:{hashlib.file_digest(cast(BufferedIOBase, stream), 'sha256').hexdigest()}"
