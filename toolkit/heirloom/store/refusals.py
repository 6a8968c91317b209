"""What a system refused, said in one line."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError

__all__ = ["damaged", "discreet", "gone", "missing", "refusal", "refusals"]

_ELSEWHERE = "Choose another store with hl.connect(store=...)."
_SAID = {
    errno.ENOSPC: ("The disk is full at %s", "Free some space and try again."),
    errno.EDQUOT: ("Your disk quota is used up at %s", "Free some space and try again."),
    errno.EROFS: ("%s is read-only", _ELSEWHERE),
    errno.EACCES: ("Permission denied at %s", _ELSEWHERE),
    errno.EPERM: ("Not permitted at %s", _ELSEWHERE),
    errno.EBUSY: ("%s is too busy", "Try again in a while."),
    errno.ETIMEDOUT: ("%s did not answer in time", "Try again in a while."),
}
_SECRET = re.compile(
    r"(?i)(?<=://)[^/\s@]+(?=@)|(?<=key=)[^&;\s]+|(?<=sig=)[^&;\s]+|(?<=signature=)[^&;\s]+"
    r"|(?<=token=)[^&;\s]+|(?<=secret=)[^&;\s]+|(?<=password=)[^&;\s]+|\b(AKIA|ASIA)[0-9A-Z]{12,}"
)


def discreet(text: str) -> str:
    """A backend's own words on one line, without what looks like credentials."""
    return _SECRET.sub("…", " ".join(text.split()))


def refusal(exc: OSError, uri: str) -> StoreError:
    """The error for a call that the system refused at `uri`."""
    if exc.errno in (errno.ENOENT, errno.ENOTDIR):
        return PayloadMissing(f"There is nothing at {uri}.", uri=uri)
    said, then = _SAID.get(_number(exc), ("", ""))
    if not said:
        said = f"%s failed: {discreet(exc.strerror or str(exc)).rstrip('.')}"
    return StoreError(
        f"{said.replace('%s', uri, 1)}; nothing was changed. {then}".rstrip(), uri=uri
    )


def _number(exc: OSError) -> int:
    """The number of the error; Python's classes for some of them carry none of their own."""
    if exc.errno is None and isinstance(exc, PermissionError):
        return errno.EACCES
    return (
        errno.ETIMEDOUT if exc.errno is None and isinstance(exc, TimeoutError) else exc.errno or 0
    )


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


def gone(digest: str, uri: str) -> PayloadMissing:
    """The error for a payload whose whole store is not there."""
    return PayloadMissing(
        f"No payload {digest[:19]}…: its store at {uri} is not there. Is its disk mounted? "
        "Where it was moved, say so: heirloom stores ID PLACE.",
        uri=uri,
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
