"""What a system refused, said in one line."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError

__all__ = ["damaged", "missing", "refusal", "refusals"]

_ELSEWHERE = "Choose another store with hl.connect(store=...)."
_SAID = {
    errno.ENOSPC: ("The disk is full at {uri}", "Free some space and try again."),
    errno.EDQUOT: ("Your disk quota is used up at {uri}", "Free some space and try again."),
    errno.EROFS: ("{uri} is read-only", _ELSEWHERE),
    errno.EACCES: ("Permission denied at {uri}", _ELSEWHERE),
    errno.EPERM: ("Not permitted at {uri}", _ELSEWHERE),
}


def refusal(exc: OSError, uri: str) -> StoreError:
    """The error for a call that the system refused at `uri`."""
    if exc.errno in (errno.ENOENT, errno.ENOTDIR):
        return PayloadMissing(f"There is nothing at {uri}.", uri=uri)
    said, then = _SAID.get(exc.errno or 0, ("{uri} failed: " + (exc.strerror or str(exc)), ""))
    return StoreError(f"{said.format(uri=uri)}; nothing was changed. {then}".rstrip(), uri=uri)


@contextmanager
def refusals(uri: str) -> Iterator[None]:
    """Turn a system's refusal into a `StoreError`; ours pass as they are."""
    try:
        yield
    except StoreError:
        raise
    except OSError as exc:
        raise refusal(exc, uri) from exc


def missing(digest: str, uri: str) -> PayloadMissing:
    """The error for a payload that is not there."""
    return PayloadMissing(
        f"No payload {digest[:19]}… at {uri}: it was removed, or another store holds it.", uri=uri
    )


def damaged(uri: str, expected: str, got: str) -> PayloadDamaged:
    """The error for bytes that are not those recorded."""
    return PayloadDamaged(
        f"The payload at {uri} is damaged: expected {expected[:19]}…, got {got[:19]}…. "
        "Storing the same value again mends it.",
        uri=uri,
        expected=expected,
        got=got,
    )
