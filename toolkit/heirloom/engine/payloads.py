"""Values into payloads and back: codecs over the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import orjson

from heirloom import codecs
from heirloom.engine.desk import Desk
from heirloom.errors import CodecError, PayloadMissing
from heirloom.records.files import Directory, File
from heirloom.records.payloads import ABSENT, Payload
from heirloom.store import Link, Store, follow, inspect, safe_name

__all__ = ["Payloads"]

T = TypeVar("T")
_DESK: ContextVar[Desk | None] = ContextVar("heirloom_desk", default=None)


class Payloads:
    """Saves values durably and loads them verified; thread-safe."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._desk = Desk()

    def save(self, value: Any, *, format: str | None = None) -> Payload:
        """Put `value` where it lasts, before any record speaks of it.

        Raises:
            CodecError: No codec takes it; nothing was stored.
            StoreError: The store refused; nothing was left behind.
        """
        encoded = codecs.encode(value, format=format)
        digest, size, link = None, 0, None
        kept = encoded.value
        if encoded.format == "link":
            look = inspect(str(encoded.path))
            kept, size, link = asdict(look), look.size, look.url
        elif encoded.value is not ABSENT:
            text = orjson.dumps(encoded.value, option=orjson.OPT_SORT_KEYS)
            digest, size = f"sha256:{hashlib.sha256(text).hexdigest()}", len(text)
        elif encoded.write is not None:
            stored = self.store.put(encoded.write)
            digest, size = stored.digest, stored.size
        elif encoded.path is not None:
            put = self.store.put_path
            if encoded.format == "directory":
                put = self.store.put_directory
            stored = put(encoded.path)
            digest, size = stored.digest, stored.size
        return Payload(
            format=encoded.format,
            type_name=encoded.type_name,
            kind=encoded.kind,
            size=size,
            digest=digest,
            value=kept,
            schema=encoded.schema,
            meta=encoded.meta,
            link=link,
        )

    def save_or_alive(self, value: Any) -> Payload:
        """Like `save`; a value that no codec takes is recorded without payload."""
        try:
            return self.save(value)
        except CodecError:
            if isinstance(value, File | Directory):
                raise
            kind = type(value)
            return Payload(
                format="alive", type_name=f"{kind.__module__}.{kind.__qualname__}", kind="value"
            )

    def load(self, payload: Payload, *, as_: Any = None, allow_pickle: bool = False) -> Any:
        """The value, verified against its digest.

        Files and directories are read-only paths that last as long as the running task,
        outside of one as long as the session.

        Raises:
            PayloadDamaged: The bytes are not those that were recorded.
            UnsafeRead: It is pickled, and that was not allowed.
        """
        if payload.format == "alive":
            msg = (
                f"A {payload.type_name} was recorded without payload: it passed alive inside one "
                "process. Run what made it again."
            )
            raise PayloadMissing(msg)
        return codecs.decode(
            payload.format,
            _Source(self, payload),
            meta=payload.meta,
            type_name=payload.type_name,
            as_=as_,
            allow_pickle=allow_pickle,
        )

    def frame(self, payload: Payload) -> Any:
        """The value as a pandas DataFrame, by the rule of its kind."""
        return codecs.frame(
            payload.format, _Source(self, payload), meta=payload.meta, type_name=payload.type_name
        )

    @contextmanager
    def desk(self) -> Iterator[None]:
        """Until the block ends, files are given out on a desk of its own; then they are gone."""
        desk = Desk()
        token = _DESK.set(desk)
        try:
            yield
        finally:
            _DESK.reset(token)
            desk.clear()

    def fresh_directory(self) -> Path:
        """A new empty directory on the desk of the running task, else of the session."""
        return (_DESK.get() or self._desk).directory()

    def close(self) -> None:
        """Take the session's desk away."""
        self._desk.clear()


class _Source:
    """A payload as a codec reads it."""

    def __init__(self, payloads: Payloads, payload: Payload) -> None:
        self._payloads = payloads
        self._payload = payload
        self.value: Any = payload.value

    @property
    def _digest(self) -> str:
        if self._payload.digest is None:
            msg = f"The payload of a {self._payload.type_name} has no digest to read it by."
            raise PayloadMissing(msg)
        return self._payload.digest

    def open(self) -> BinaryIO:
        return self._payloads.store.open(self._digest)

    def path(self) -> Path:
        if self._payload.link is not None:
            return follow(Link(**self.value))
        return self._payloads.store.path(self._digest)

    def read(self, reader: Callable[[Path], T]) -> T:
        return self._payloads.store.read(self._digest, reader)

    def checkout(self, name: str) -> Path:
        store, directory = self._payloads.store, self._payloads.fresh_directory()
        if self._payload.format == "directory":
            return store.checkout_directory(self._digest, directory / safe_name(name))
        return store.checkout(self._digest, name, directory)
