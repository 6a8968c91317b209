"""Payloads on their way from one store to another, with the catalog that speaks of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom.engine.collection import document_in
from heirloom.errors import PayloadDamaged, PayloadMissing
from heirloom.records.payloads import COLLECTION
from heirloom.store import Store

__all__ = ["Travelled", "travel"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(slots=True)
class Travelled:
    """How many payloads were copied, their bytes, and how many were there already, whole."""

    copied: int = 0
    bytes: int = 0
    there: int = 0


def travel(
    docs: Iterable[Mapping[str, Any]], source: Callable[[str], Store], target: Store
) -> Travelled:
    """Copy every payload that these documents name and a store has; verified on the way.

    Args:
        docs: What names them.
        source: The store that has a digest, or any other where none has.
        target: Where they go.

    Raises:
        PayloadDamaged: A payload is not what was recorded; those before it came.
        StoreError: A store refused; those before it came.
    """
    told = Travelled()
    seen: set[str] = set()
    for doc in docs:
        for digest in _all(doc, source, seen):
            _copy(digest, source(digest), target, told)
    return told


def _all(doc: Any, source: Callable[[str], Store], seen: set[str]) -> Iterator[str]:
    """What a document names and a store has, and what is inside of that; each once."""
    for digest, format in _named(doc):
        if digest in seen or not (place := source(digest)).has(digest):
            continue
        seen.add(digest)
        yield digest
        if format == "directory":
            members = {entry.digest for entry in place.entries(digest) if entry.digest}
            yield from sorted(members - seen)
            seen |= members
        elif format == COLLECTION:
            yield from _all(document_in(place.get_bytes(digest)), source, seen)


def _copy(digest: str, source: Store, target: Store, told: Travelled) -> None:
    if _is_whole(digest, target):
        told.there += 1
        return
    with source.open(digest) as stream:
        told.bytes += target.put(lambda out: shutil.copyfileobj(stream, out, 1 << 20)).size
    told.copied += 1


def _is_whole(digest: str, target: Store) -> bool:
    """Whether it is there, every byte of it: one that is damaged is mended on this occasion."""
    try:
        target.verify(digest)
    except (PayloadMissing, PayloadDamaged):
        return False
    return True


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Every digest in a document, and the format of what has it where that is told."""
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        yield value, ""
    elif isinstance(value, Mapping):
        digest, format = value.get("digest"), value.get("format")
        if isinstance(digest, str) and isinstance(format, str):
            yield digest, format
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)
