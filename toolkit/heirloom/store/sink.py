"""The stream that a payload is written to: hashed on its way to the disk."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from .refusals import refusals
from .room import check_room

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Sink"]

_SMALL = 128 * 1024  # bytes; smaller pieces are joined: a handover costs some 20 µs
_JOINED = 1024 * 1024  # bytes
_AHEAD = 64 * 1024 * 1024  # bytes that the hash may lag behind


class Sink(io.RawIOBase):
    """An unseekable binary stream over a descriptor.

    A thread hashes while the writer prepares the next pieces, so that hashing a frame costs no
    time of its own; a small payload needs no thread.
    """

    def __init__(self, fd: int, uri: str, room: int = -1) -> None:
        """Write to `fd`, which stays the caller's; errors name `uri`.

        More than `room` bytes are refused, unless it is negative.
        """
        self._room = room
        self.size = 0
        self._fd = fd
        self._uri = uri
        self._hash = hashlib.sha256()
        self._small = bytearray()
        self._thread: ThreadPoolExecutor | None = None
        self._ahead = 0
        self._pending: deque[tuple[int, Future[None]]] = deque()

    def writable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """How many bytes were written."""
        return self.size

    def write(self, data: Buffer, /) -> int:
        """Take all of `data` and return its size in bytes.

        Raises:
            StoreError: The disk refused this piece or an earlier one, e.g. because it is full,
                or too little is free for so large a payload.
        """
        piece = data if isinstance(data, bytes) else bytes(data)
        self.size += len(piece)
        check_room(self.size, self._room, self._uri, so_far=True)
        if len(piece) < _SMALL:
            self._small += piece
            if len(self._small) >= _JOINED:
                self._drain()
        else:
            self._drain()
            self._put(piece)
        return len(piece)

    def finish(self) -> str:
        """The digest, once every byte is written.

        Raises:
            StoreError: The disk refused a piece.
        """
        self._drain()
        self._wait(0)
        return f"sha256:{self._hash.hexdigest()}"

    def release(self) -> None:
        """End the thread, if there is one."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
            self._thread = None

    def _drain(self) -> None:
        if self._small:
            self._put(bytes(self._small))
            self._small.clear()

    def _put(self, piece: bytes) -> None:
        self._digest(piece)
        with refusals(self._uri), memoryview(piece) as view:
            done = 0
            while done < len(view):
                done += os.write(self._fd, view[done:])

    def _digest(self, piece: bytes) -> None:
        if self._thread is None:
            if len(piece) < _SMALL:
                return self._hash.update(piece)
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="heirloom-hash")
        self._pending.append((len(piece), self._thread.submit(self._hash.update, piece)))
        self._ahead += len(piece)
        self._wait(_AHEAD)

    def _wait(self, ahead: int) -> None:
        """Return when no more than `ahead` bytes are still to be hashed."""
        while self._ahead > ahead:
            size, hashed = self._pending.popleft()
            hashed.result()
            self._ahead -= size
