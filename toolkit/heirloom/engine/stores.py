"""The stores of a home: where new payloads go, and where each recorded one is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.errors import NotFound, PayloadMissing, StoreError, closest
from heirloom.records.clock import now
from heirloom.records.ids import new_id
from heirloom.records.payloads import Payload
from heirloom.records.stores import HOME_STORE, StoreRecord
from heirloom.store import Store, open_store

__all__ = ["Stores"]


@dataclass(slots=True)
class Stores:
    """Opens each store when something of it is asked for; thread-safe.

    Attributes:
        url: Where new payloads go.
        origin: Where the home is of which `home` is a copy; empty where it is none.
    """

    catalog: Catalog
    home: Path
    url: str
    user: str
    origin: str = ""
    _id: str = ""  # for good: should the store move, this session goes along
    _seen: tuple[str, tuple[StoreRecord, ...]] = ("", ())
    _opened: dict[str, Store] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Refuse an address that is none; nothing is asked of it.

        Raises:
            StoreError: It is chained, of another scheme, or carries credentials.
        """
        self.url = self._written(self.url)

    def writing(self) -> tuple[str, Store]:
        """The store of new payloads and its id, which this records where it is new.

        Raises:
            CatalogUnavailable: It is new, and the home cannot be written.
        """
        if not self._id:
            self._id = self._known(self.all())
        if not self._id:
            self.catalog.commit(self._record)
            self._id = self._known(self.all())
        return self._id, self.of(self._id)

    def of(self, id: str) -> Store:
        """The store of that id, wherever it lies now; it is not asked anything yet.

        Raises:
            PayloadMissing: The home has no record of it.
        """
        for record in self.all():
            if record.id == id:
                return self._open(record.url)
        msg = f"The payload is in store {id!r}, of which {self.home} has no record."
        raise PayloadMissing(msg)

    def holding(self, payload: Payload) -> Store:
        """The store that holds a payload."""
        return self.of(payload.store)

    def place(self, payload: Payload) -> str:
        """Where a payload lies, its store not asked; empty where the record holds it."""
        if payload.link is not None:
            return payload.link
        if payload.inline or payload.digest is None:
            return ""
        try:
            return self.holding(payload).url(payload.digest)
        except PayloadMissing:
            return ""

    def with_digest(self, digest: str) -> Store:
        """A store that has something which is recorded by its digest alone."""
        places = [self._open(record.url) for record in self.all()]
        for place in places:
            try:
                if place.has(digest):
                    return place
            except StoreError:
                continue  # one that cannot be reached now hides none of the others
        return places[0]

    def all(self, view: View | None = None) -> list[StoreRecord]:
        """Every store that the home has or had, the one inside it first.

        Inside a commit, its own `view` is asked.
        """
        records = {record.id: record for record in (view or self.catalog.view()).stores()}
        inside = StoreRecord(id=HOME_STORE, url="store", at=now(), by=self.user)
        return list(({HOME_STORE: inside} | records).values())

    def carried(self, run: str, needed: Iterable[str]) -> tuple[StoreRecord, ...]:
        """Every store, that of new payloads among them: what a body needs that commits nothing.

        They are looked up once a run, and again for one that was not there yet.

        Args:
            run: The id of its root execution.
            needed: The ids of stores that hold what the body is given.

        Raises:
            CatalogUnavailable: That of new payloads is new, and the home cannot be written.
        """
        seen, records = self._seen
        if seen != run or not {record.id for record in records}.issuperset(needed):
            self.writing()
            self._seen = run, (records := tuple(self.all()))
        return records

    def named(self, id: str) -> StoreRecord:
        """A store as it stands.

        Raises:
            NotFound: The home has no store of that id.
        """
        known = {record.id: record for record in self.all()}
        if id not in known:
            msg = f"{self.home} has no store {id!r}; it has {', '.join(known)}."
            raise NotFound(msg, name=id, closest=closest(id, known))
        return known[id]

    def move(self, id: str, url: str) -> StoreRecord:
        """Record where a store lies now; its payloads were moved there by other means.

        Raises:
            NotFound: The home has no store of that id.
            StoreError: The address is none.
        """
        self.named(id)
        moved = StoreRecord(id=id, url=self._written(url), at=now(), by=self.user)
        self.catalog.commit(lambda view: Batch(stores=[moved]))
        return moved

    def _record(self, view: View) -> Batch:
        if self._known(self.all(view)):  # another process was first
            return Batch()
        return Batch(stores=[StoreRecord(id=new_id(), url=self.url, at=now(), by=self.user)])

    def _known(self, records: list[StoreRecord]) -> str:
        """The id of the place that new payloads go to; empty where it is new to the home."""
        if self.url == "store":  # the home's own, wherever it went
            return HOME_STORE
        return next((record.id for record in records if record.url == self.url), "")

    def _open(self, url: str) -> Store:
        with self._lock:
            if url not in self._opened:
                inside = "://" not in url and not os.path.isabs(url)
                self._opened[url] = open_store(
                    f"{self.origin or self.home}/{url}" if inside else url
                )
            return self._opened[url]

    def _written(self, url: str) -> str:
        """An address as it is recorded."""
        location = open_store(url).location
        if "://" in location:
            return location
        path = Path(location)
        return path.relative_to(self.home).as_posix() if self.home in path.parents else location
