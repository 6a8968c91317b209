"""The payloads that a catalog speaks of, read to the last byte where they are kept."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from heirloom.catalog import Catalog
from heirloom.engine.payloads import Payloads
from heirloom.engine.stores import Stores
from heirloom.errors import CodecError, StoreError
from heirloom.records.items import version_item
from heirloom.records.payloads import Payload
from heirloom.store import Entry, Link, Store, check
from heirloom.waiting import Progress

__all__ = ["Needs", "check_payloads", "payloads_with"]

_PIECE = 1 << 20


class _Stored(NamedTuple):
    """A payload in a store; `store` is `None` where the record has the digest alone."""

    store: str | None
    digest: str


class Needs:
    """Which payloads the records of a catalog need, and for what.

    Attributes:
        stored: What needs each payload.
        sizes: Bytes of each, as far as a record says.
        directories: Those of them that are manifests.
        links: Links, each with what needs it.
    """

    def __init__(self, catalog: Catalog, stores: Stores) -> None:
        """Go through versions, nameless values and logs, once; and what is inside of them."""
        self._payloads = Payloads(stores)
        self.stored: dict[_Stored, list[str]] = defaultdict(list)
        self.sizes: dict[_Stored, int] = {}
        self.directories: set[_Stored] = set()
        self.links: list[tuple[Payload, str]] = []
        with catalog.snapshot() as snapshot:
            for line in snapshot.lines("versions"):
                self._version(line.doc)
            for line in snapshot.lines("executions"):
                self._execution(line.doc)

    def _version(self, doc: Mapping[str, Any]) -> None:
        who = version_item(doc["project"], doc["name"], doc["version"])
        self._payload(Payload.from_doc(doc["payload"]), who)
        for digest in doc.get("attachments", {}).values():
            self.stored[_Stored(None, digest)].append(who)

    def _execution(self, doc: Mapping[str, Any]) -> None:
        who = f"execution {doc['id']}"
        for bound in (*doc.get("inputs", {}).values(), *doc.get("outputs", {}).values()):
            if "value" in bound:
                self._payload(Payload.from_doc(bound["value"]), who)
        if "log" in doc:
            self.stored[_Stored(None, doc["log"])].append(who)

    def _payload(self, payload: Payload, who: str) -> None:
        self._one(payload, who)
        with suppress(StoreError, CodecError):  # it is bad itself, which is found when it is read
            for member in self._payloads.within(payload):
                self._one(member, who)

    def _one(self, payload: Payload, who: str) -> None:
        if payload.link is not None:
            self.links.append((payload, who))
        elif payload.digest is not None and not payload.inline:
            stored = _Stored(payload.store, payload.digest)
            self.stored[stored].append(who)
            self.sizes[stored] = payload.size
            if payload.format == "directory":
                self.directories.add(stored)

    def named(self, stored: _Stored) -> str:
        """What needs it, in a few words."""
        who = list(dict.fromkeys(self.stored[stored]))
        some = ", ".join(who[:3])
        return f"{some} and {len(who) - 3} more" if len(who) > 3 else some


def check_payloads(catalog: Catalog, stores: Stores, *, rate: float | None) -> Iterator[str]:
    """Every payload that is damaged or missing, a line each, with what needs it.

    Payloads are read to the last byte; links are looked at, by size and etag.

    Args:
        catalog: Whose records say what is needed.
        stores: Where it is.
        rate: Bytes a second at most, on the average; `None` for as fast as it goes.
    """
    needs = Needs(catalog, stores)
    progress = Progress("Reading payloads", of=len(needs.stored))
    pace = _Pace(rate)
    for done, stored in enumerate(needs.stored):
        progress.tell(done)
        try:
            store = _store_of(stores, stored)
            store.verify(stored.digest)
            pace.took(needs.sizes.get(stored, 0))
            for entry in _members(needs, store, stored):
                store.verify(entry.digest)
                pace.took(entry.size)
        except StoreError as error:
            yield f"{error} Needed by {needs.named(stored)}."
    progress.end()
    for payload, who in needs.links:
        try:
            check(Link(**payload.value))
        except StoreError as error:
            yield f"{error} Needed by {who}."


def payloads_with(catalog: Catalog, stores: Stores, needles: tuple[bytes, ...]) -> Iterator[str]:
    """Every stored payload whose bytes hold one of `needles`, a line each, with what needs it.

    What is compressed or encoded inside a payload is not seen; one that cannot be read is
    named, too.
    """
    needs = Needs(catalog, stores)
    progress = Progress("Searching payloads", of=len(needs.stored))
    for done, stored in enumerate(needs.stored):
        progress.tell(done)
        try:
            store = _store_of(stores, stored)
            members = [entry.digest for entry in _members(needs, store, stored)]
            if any(_holds(store, each, needles) for each in (stored.digest, *members)):
                where = store.url(stored.digest)
                yield f"The payload {where} holds it: {needs.named(stored)}."
        except StoreError as error:
            yield f"{error} Whether {needs.named(stored)} holds it is unknown."
    progress.end()


def _store_of(stores: Stores, stored: _Stored) -> Store:
    return stores.with_digest(stored.digest) if stored.store is None else stores.of(stored.store)


def _members(needs: Needs, store: Store, stored: _Stored) -> list[Entry]:
    """The files of a directory."""
    if stored not in needs.directories:
        return []
    return [entry for entry in store.entries(stored.digest) if entry.digest]


def _holds(store: Store, digest: str, needles: tuple[bytes, ...]) -> bool:
    overlap = max(map(len, needles)) - 1
    with store.open(digest) as stream:
        text = b""
        while piece := stream.read(_PIECE):
            text = text[-overlap:] + piece
            if any(needle in text for needle in needles):
                return True
    return False


class _Pace:
    """Waits where more was read than the rate allows."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._read = 0
        self._began = time.monotonic()

    def took(self, size: int) -> None:
        """So many bytes were read."""
        if self._rate is not None:
            self._read += size
            ahead = self._read / self._rate - (time.monotonic() - self._began)
            time.sleep(max(0.0, ahead))
