"""A home in a bucket: its journal copied here to be read, and later only what was added to it."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO, cast

from heirloom.errors import CatalogUnavailable

from .bucket import Bucket
from .places import default_cache
from .refusals import refusals

__all__ = ["copied_home"]

_JOURNAL = "journal.jsonl"
_PIECE = 8 << 20
_COMPARED = 4096


def copied_home(url: str, cache: Path | None = None) -> Path:
    """A directory with the journal of the home at `url` as it is now, to be read only.

    The copy is kept. What a later call finds added to the journal is all that it moves, if the
    copy still is how the journal begins: its first and last bytes tell.

    Args:
        url: The home, a URL that a store could have.
        cache: Where copies are kept; `None` for the user's cache directory.

    Raises:
        CatalogUnavailable: There is no home.
        StoreError: The bucket cannot be reached, or the disk took no more.
    """
    url = url.rstrip("/")
    key = hashlib.sha256(url.encode()).hexdigest()[:24]
    place = (cache or default_cache().parent / "homes") / key
    journal, bucket = f"{url}/{_JOURNAL}", Bucket.at(url)
    size = bucket.size(journal)
    if size is None:
        msg = f"There is no catalog to read: {journal} does not exist."
        raise CatalogUnavailable(msg, path=url)
    with refusals(str(place)):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _follow(bucket, journal, size, place / _JOURNAL)
    return place


def _follow(bucket: Bucket, url: str, size: int, copy: Path) -> None:
    have = copy.stat().st_size if copy.exists() else 0
    if not have or size < have or not _same(bucket, url, copy, have):
        have = 0
    if have == size:
        return
    aside = copy.with_name(f"{copy.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as out:
            if have:
                with copy.open("rb") as known:
                    shutil.copyfileobj(known, out, _PIECE)
            _add(bucket, url, have, size, cast(BinaryIO, out))
        aside.chmod(0o600)
        os.replace(aside, copy)  # whoever reads the old one notices
    finally:
        aside.unlink(missing_ok=True)


def _add(bucket: Bucket, url: str, have: int, size: int, out: BinaryIO) -> None:
    for start in range(have, size, _PIECE):
        out.write(bucket.part(url, start, min(start + _PIECE, size)))


def _same(bucket: Bucket, url: str, copy: Path, have: int) -> bool:
    """Whether the copy is how the object begins, by its first and its last bytes."""
    with copy.open("rb") as known:
        for start in {0, max(0, have - _COMPARED)}:
            known.seek(start)
            mine = known.read(min(_COMPARED, have - start))
            if bucket.part(url, start, start + len(mine)) != mine:
                return False
    return True
