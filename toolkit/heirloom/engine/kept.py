"""A payload where it is kept, as a codec reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from heirloom.errors import PayloadMissing
from heirloom.records.payloads import Payload
from heirloom.store import Link, Store, follow, safe_name

if TYPE_CHECKING:
    from heirloom.engine.stores import Stores

__all__ = ["Kept"]

T = TypeVar("T")


class Kept:
    """The source of a codec: see `heirloom.codecs.Source`."""

    def __init__(self, payload: Payload, stores: Stores, desk: Callable[[], Path]) -> None:
        """A payload, in which store it is, and what gives a directory for files taken out."""
        self._payload = payload
        self._stores = stores
        self._desk = desk
        self.value: Any = payload.value

    @property
    def _digest(self) -> str:
        if self._payload.digest is None:
            msg = f"The payload of a {self._payload.type_name} has no digest to read it by."
            raise PayloadMissing(msg)
        return self._payload.digest

    @property
    def _store(self) -> Store:
        return self._stores.holding(self._payload)

    def open(self) -> BinaryIO:
        """The bytes, verified before the first is given: of a link, by size and etag."""
        if self._payload.link is not None:
            return open(self.path(), "rb")
        return self._store.open(self._digest)

    def path(self) -> Path:
        """Where the bytes lie on this machine, to be read only."""
        if self._payload.link is not None:
            return follow(Link(**self.value))
        return self._store.path(self._digest)

    def read(self, reader: Callable[[Path], T]) -> T:
        """What `reader` makes of the path, given only if the bytes are right."""
        return self._store.read(self._digest, reader)

    def checkout(self, name: str) -> Path:
        """A read-only view under a name made of `name`, on the desk."""
        store, directory = self._store, self._desk()
        if self._payload.format == "directory":
            return store.checkout_directory(self._digest, directory / safe_name(name))
        return store.checkout(self._digest, name, directory)
