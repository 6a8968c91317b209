"""Values put where they last, and what a record says of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson

from heirloom import codecs
from heirloom.engine.collection import DEEPEST, collected, has_members, holds, too_deep
from heirloom.engine.stores import Stores
from heirloom.errors import CodecError, MissingExtra
from heirloom.rebuilt import own_module
from heirloom.records.files import Directory, File
from heirloom.records.payloads import ABSENT, COLLECTION, Payload
from heirloom.records.secrets import Redactor
from heirloom.records.stores import HOME_STORE
from heirloom.store import Store, Stored, inspect

__all__ = ["Saving"]


class Saving:
    """Saves values durably; thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.secrets = Redactor()

    @property
    def store(self) -> Store:
        """Where new payloads go."""
        return self.stores.writing()[1]

    def save(self, value: Any, *, format: str | None = None) -> Payload:
        """Put `value` where it lasts, before any record speaks of it.

        Raises:
            CodecError: No codec takes it; nothing was stored.
            StoreError: The store refused; nothing was left behind.
        """
        return self._saved(value, format, 0)

    def _saved(self, value: Any, format: str | None, depth: int) -> Payload:
        if depth > DEEPEST:
            raise too_deep()
        try:
            encoded = codecs.encode(value, format=format)
        except CodecError:
            if format is not None or not has_members(value):
                raise
            return self.collect(value, lambda member: self._saved(member, None, depth + 1))
        digest, size, link, place = None, 0, None, HOME_STORE
        kept = encoded.value
        if encoded.format == "link":
            look = inspect(str(encoded.path))
            kept, size, link = asdict(look), look.size, look.url
        elif encoded.value is not ABSENT:
            text = orjson.dumps(encoded.value, option=orjson.OPT_SORT_KEYS)
            digest, size = f"sha256:{hashlib.sha256(text).hexdigest()}", len(text)
        else:
            place, store = self.stores.writing()
            stored = _put(encoded, store)
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
            store=place,
        )

    def unsaved(self, value: Any) -> Payload:
        """What `save` would give of a value that the record holds; of any other, no payload.

        Nothing is stored.

        Raises:
            CodecError: No codec takes it.
        """
        if codecs.encode(value).value is not ABSENT:
            return self.save(value)
        return Payload.unrecorded(_type_name(value))

    def keep(self, data: bytes) -> str:
        """Put what is recorded by its digest alone, an execution's log for example."""
        return self.store.put_bytes(data).digest

    def collect(self, value: Any, kept: Callable[[Any], Payload]) -> Payload:
        """A container or an object whose members are kept each by itself, as `kept` gives them.

        Where one lives in this process only, so does the container.
        """
        saved: list[Payload] = []

        def save(member: Any) -> Payload:
            saved.append(kept(member))
            return saved[-1]

        doc = collected(value, save)
        if any(payload.format == "alive" for payload in saved):
            return Payload.unrecorded(_type_name(value))
        text = orjson.dumps(doc, option=orjson.OPT_SORT_KEYS)
        short = len(text) <= codecs.INLINE_LIMIT
        place, digest = HOME_STORE, f"sha256:{hashlib.sha256(text).hexdigest()}"
        if not short:
            place, store = self.stores.writing()
            digest = store.put_bytes(orjson.dumps(doc)).digest  # a dict's members in its order
        return Payload(
            format=COLLECTION,
            type_name=codecs.class_name(type(value)),
            kind="value",
            size=len(text),
            digest=digest,
            value=doc if short else ABSENT,
            store=place,
        )

    def save_or_alive(self, value: Any, name: str = "") -> Payload:
        """Like `save`; a value that no codec takes, or a secret, is recorded without payload.

        Args:
            value: What an input or a nameless output is.
            name: What it is called, which may tell a secret; empty where it has no name.
        """
        type_name = _type_name(value)
        if (why := self.secrets.why(name, value)) is not None:
            return Payload.unrecorded(type_name, why)
        try:
            return self.save(value)
        except MissingExtra:  # there is a format for it
            raise
        except CodecError:
            if holds(value, File | Directory):  # a body is never given the caller's own file
                raise
            return Payload.unrecorded(type_name)


def _put(encoded: codecs.Encoded, store: Store) -> Stored:
    if encoded.write is not None:
        return store.put(encoded.write)
    assert encoded.path is not None
    put = store.put_directory if encoded.format == "directory" else store.put_path
    return put(encoded.path)


def _type_name(value: Any) -> str:
    kind = type(value)
    return f"{own_module(kind.__module__)}.{kind.__qualname__}"
