"""A store, and values that go through it as a session would send them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import orjson
import pytest

from heirloom import codecs
from heirloom.store import LocalStore, Store, follow, inspect

T = TypeVar("T")


class Kept(codecs.Source):
    """One encoded value and where its payload lies: what a record and a store are together."""

    def __init__(self, encoded: codecs.Encoded, store: Store, desk: Path) -> None:
        self.encoded = encoded
        self.store = store
        self.desk = desk
        self.digest = ""
        self.link = None
        self._value: Any = codecs.ABSENT
        if encoded.value is not codecs.ABSENT:
            text = orjson.dumps(encoded.value)
            assert len(text) <= codecs.INLINE_LIMIT
            self._value = orjson.loads(text)
        elif encoded.write is not None:
            self.digest = store.put(encoded.write).digest
        elif encoded.format == "link":
            self.link = inspect(os.fspath(encoded.path or ""))
            self._value = asdict(self.link)
        else:
            put = store.put_directory if encoded.format == "directory" else store.put_path
            self.digest = put(encoded.path or "").digest

    @property
    def value(self) -> Any:
        return self._value

    def open(self) -> BinaryIO:
        return self.store.open(self.digest)

    def path(self) -> Path:
        return follow(self.link) if self.link else self.store.path(self.digest)

    def checkout(self, name: str) -> Path:
        if self.encoded.format == "directory":
            return self.store.checkout_directory(self.digest, self.desk / name)
        return self.store.checkout(self.digest, name, self.desk)

    def read(self, reader: Callable[[Path], T]) -> T:
        return self.store.read(self.digest, reader)

    def decode(self, as_: Any = None, **options: Any) -> Any:
        """The value as a pull gives it."""
        given = self.encoded
        return codecs.decode(
            options.pop("format", given.format),
            self,
            meta=orjson.loads(orjson.dumps(given.meta)),
            type_name=given.type_name,
            as_=as_,
            **options,
        )

    def frame(self) -> Any:
        """The value as `pull_frame` gives it."""
        given = self.encoded
        return codecs.frame(given.format, self, meta=given.meta, type_name=given.type_name)

    def bytes(self) -> bytes:
        """The payload."""
        return self.store.get_bytes(self.digest)

    def damage(self) -> None:
        """Flip the last byte of the payload, behind the store's back."""
        blob = self.store.path(self.digest)
        data = blob.read_bytes()
        blob.chmod(0o600)
        blob.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Kept]:
    """Encode a value and put it where it is read from."""
    store = LocalStore(tmp_path / "store", durable=False)

    def kept(value: Any, format: str | None = None) -> Kept:
        return Kept(codecs.encode(value, format=format), store, tmp_path / "desk")

    return kept
