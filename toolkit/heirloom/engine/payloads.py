"""Values into payloads and back: codecs over the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO

from heirloom import codecs
from heirloom.codecs.conversion import convert, wanted_name
from heirloom.codecs.files import FORMATS
from heirloom.codecs.naming import article
from heirloom.engine.collection import (
    document_in,
    leaves,
    members,
    paired,
    rebuilt,
)
from heirloom.engine.desk import Desk
from heirloom.engine.kept import Kept
from heirloom.engine.saving import Saving
from heirloom.engine.stores import Stores
from heirloom.errors import CodecError, PayloadMissing
from heirloom.records.payloads import COLLECTION, Payload
from heirloom.store import Link, check

__all__ = ["Payloads"]

_REMEMBERED = 1_000
"""Collections of which is known at most which files they hold."""

_DESK: ContextVar[Desk | None] = ContextVar("heirloom_desk", default=None)


class Payloads(Saving):
    """Saves values durably and loads them verified; thread-safe."""

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._desk = Desk()
        self._files: dict[str, tuple[Payload, ...]] = {}

    def members(self, payload: Payload) -> list[Payload] | None:
        """The members of a list that is kept member by member; `None` of any other payload."""
        if payload.format != COLLECTION:
            return None
        found = members(self._document(payload))
        return None if found is None else list(found)

    def inside(self, payload: Payload) -> Iterator[Payload]:
        """The members of a value that is kept member by member; one may have members itself."""
        if payload.format == COLLECTION:
            yield from leaves(self._document(payload))

    def within(self, payload: Payload) -> Iterator[Payload]:
        """What is inside of a value that is kept member by member, however deep."""
        for member in self.inside(payload):
            yield member
            yield from self.within(member)

    def paired(self, value: Any, payload: Payload) -> Iterator[tuple[Any, Payload]]:
        """The members of a value beside their payloads, however deep, as far as it has both."""
        if payload.format == COLLECTION:
            for member, kept in paired(value, self._document(payload)):
                yield member, kept
                yield from self.paired(member, kept)

    def in_record(self, payload: Payload) -> bool:
        """Whether its record holds it whole, members too: no store is asked to load it."""
        if payload.format == COLLECTION:
            return payload.inline and all(map(self.in_record, self.inside(payload)))
        return payload.inline and payload.link is None

    def on_disk(self, payload: Payload) -> bool:
        """Whether it is, or holds, a file or a directory."""
        return bool(self._on_disk(payload))

    def check_links(self, payload: Payload) -> None:
        """Hold that what is linked on this machine is as it was recorded; nothing is read.

        Raises:
            PayloadDamaged: It was changed.
            PayloadMissing: It is gone.
        """
        for each in self._on_disk(payload):
            if each.link is not None and each.link.startswith("file:"):
                check(Link(**each.value))

    def _on_disk(self, payload: Payload) -> tuple[Payload, ...]:
        """The files and directories that it is, or holds; its document is read for it once."""
        if payload.format != COLLECTION or payload.digest is None:
            return (payload,) if payload.format in FORMATS else ()
        found = self._files.get(payload.digest)
        if found is None:
            found = tuple(each for each in self.within(payload) if each.format in FORMATS)
            if len(self._files) >= _REMEMBERED:
                self._files.clear()
            self._files[payload.digest] = found
        return found

    def _document(self, payload: Payload) -> Any:
        if payload.inline:
            return payload.value
        return document_in(self.stores.holding(payload).get_bytes(payload.digest or ""))

    def load(self, payload: Payload, *, as_: Any = None, allow_pickle: bool = False) -> Any:
        """The value, verified against its digest.

        Files and directories are read-only paths that last as long as the running task,
        outside of one as long as the session.

        Raises:
            PayloadDamaged: The bytes are not those that were recorded.
            UnsafeRead: It is pickled, and that was not allowed.
        """
        _check_kept(payload)
        if payload.format == COLLECTION:
            return self._together(payload, as_, allow_pickle)
        return codecs.decode(
            payload.format,
            self._kept(payload),
            meta=payload.meta,
            type_name=payload.type_name,
            as_=as_,
            allow_pickle=allow_pickle,
        )

    def _together(self, payload: Payload, as_: Any, allow_pickle: bool) -> Any:
        """What is kept member by member; `as_` speaks of the members, too."""
        if wanted_name(as_) == "DataFrame":
            raise _frameless(payload)

        def load(member: Payload, wanted: Any) -> Any:
            return self.load(member, as_=wanted, allow_pickle=allow_pickle)

        return convert(rebuilt(self._document(payload), load, as_), as_)

    def open(self, payload: Payload) -> BinaryIO:
        """The bytes as a file that can seek, verified before the first of them is given.

        Raises:
            CodecError: The value is not kept as one file.
            PayloadDamaged: The bytes are not those that were recorded.
        """
        _check_kept(payload)
        many = payload.format == COLLECTION or payload.type_name == "Directory"
        if many or self.in_record(payload):
            where = "as several files" if many else "in the record"
            raise CodecError(f"{_a(payload)} is kept {where}, not as one file. Pull it as it is.")
        return self._kept(payload).open()

    def frame(self, payload: Payload) -> Any:
        """The value as a pandas DataFrame, by the rule of its kind."""
        if payload.format == COLLECTION:
            raise _frameless(payload)
        return codecs.frame(
            payload.format, self._kept(payload), meta=payload.meta, type_name=payload.type_name
        )

    def _kept(self, payload: Payload) -> Kept:
        return Kept(payload, self.stores, self.fresh_directory)

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


def _check_kept(payload: Payload) -> None:
    if payload.secret is not None:
        msg = (
            f"A {payload.type_name} was not recorded: it may be a secret ({payload.secret}). "
            "Run it again with the value given."
        )
        raise PayloadMissing(msg)
    if payload.format == "alive":
        msg = (
            f"A {payload.type_name} was recorded without payload: it passed alive inside one "
            "process. Run what made it again."
        )
        raise PayloadMissing(msg)


def _frameless(payload: Payload) -> CodecError:
    return CodecError(f"{_a(payload)} kept member by member has no frame. Pull it as it is.")


def _a(payload: Payload) -> str:
    name = article(payload.type_name)
    return name[0].upper() + name[1:]
