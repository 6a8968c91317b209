"""What a catalog did to its directory, call by call, as a power cut sees it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from system import Stopped

__all__ = ["Op", "Recorder"]


@dataclass(frozen=True)
class Op:
    """One step.

    Attributes:
        kind: ``write``, ``cut`` (to a size) and ``sync`` of a file or directory; ``link``,
            ``unlink`` and ``move`` of a directory's entry; ``begin`` and ``told``: step `at` of
            the script began, the user was told that it is kept; ``index``: what SQLite had
            brought to the disk by then, of which no call is seen; ``lost``: a sync failed, what
            was on its way may never get there.
        what: A file's number, a directory's path, or of an entry the directory's path.
        name: The entry.
        to: What the entry is linked to, or its new name.
    """

    kind: str
    what: Any = None
    name: str = ""
    to: Any = None
    at: int = 0
    data: bytes = b""


class Recorder:
    """An observer of the system's calls (`system.observed`) that writes their trace.

    Attributes:
        trace: The steps so far.
        stops_in: The next write that has so many bytes is cut short there by a death.
        fails: The next sync of a file fails.
    """

    def __init__(self, root: Path) -> None:
        """Trace what lies under `root`, which is there, is empty, and is on the disk."""
        self.root = root
        self.trace: list[Op] = []
        self.stops_in: int | None = None
        self.fails = False
        self._files: dict[tuple[int, int], int] = {}
        self._directories: dict[int, str] = {}
        self._count = 0

    def __call__(
        self, name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Make the call and note what it did."""
        noted = getattr(self, f"_{name}", None)
        if noted is None:
            return real(*args, **kwargs)
        return noted(real, *args, **kwargs)

    # ------------------------------------------------------------------ directories

    def _mkdir(self, real: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> None:
        real(path, *args, **kwargs)
        if self._within(path):
            self._add("link", self._above(path), Path(path).name, to=self._relative(path))

    def _unlink(self, real: Callable[..., Any], path: Any, **kwargs: Any) -> None:
        real(path, **kwargs)
        if self._within(path):
            self._add("unlink", self._above(path), Path(path).name)

    def _rename(self, real: Callable[..., Any], path: Any, to: Any, **kwargs: Any) -> None:
        if self._within(path):
            self._known(path)
            self._add("move", self._above(path), Path(path).name, to=Path(to).name)
        real(path, to, **kwargs)

    _replace = _rename

    # ------------------------------------------------------------------ files

    def _open(self, real: Callable[..., Any], path: Any, flags: int, *args: Any, **kw: Any) -> int:
        if not self._within(path):
            return int(real(path, flags, *args, **kw))
        before = os.path.lexists(path)
        handle = int(real(path, flags, *args, **kw))
        if flags & os.O_DIRECTORY:
            self._directories[handle] = self._relative(path)
        elif before:
            number = self._known(path)
            if flags & os.O_TRUNC:
                self._add("cut", number)
        else:
            self._new(path)
        return handle

    def _close(self, real: Callable[..., Any], handle: int) -> None:
        self._directories.pop(handle, None)
        real(handle)

    def _write(self, real: Callable[..., Any], handle: int, data: Any) -> int:
        return self._pwrite(lambda *_: real(handle, data), handle, data, os.lseek(handle, 0, 1))

    def _pwrite(self, real: Callable[..., Any], handle: int, data: Any, at: int) -> int:
        stop = self.stops_in
        if stop is not None and stop < len(data):
            data, self.stops_in = bytes(data)[:stop], None
        written = int(real(handle, data, at))
        number = self._number(handle)
        if number is not None:
            self._add("write", number, at=at, data=bytes(data)[:written])
        if self.stops_in != stop:
            raise Stopped
        return written

    def _ftruncate(self, real: Callable[..., Any], handle: int, size: int) -> None:
        real(handle, size)
        self._add("cut", self._number(handle), at=size)

    def _fsync(self, real: Callable[..., Any], handle: int) -> None:
        if self.fails and handle not in self._directories:
            self.fails = False
            self._add("lost", self._number(handle))
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(handle)
        what = self._directories.get(handle, self._number(handle))
        if what is not None:
            self._add("sync", what)

    # ------------------------------------------------------------------ the rest

    def _add(self, kind: str, what: Any, name: str = "", **given: Any) -> None:
        self.trace.append(Op(kind, what, name, **given))

    def _within(self, path: Any) -> bool:
        return Path(path).is_relative_to(self.root)

    def _relative(self, path: Any) -> str:
        return str(Path(path).relative_to(self.root))

    def _above(self, path: Any) -> str:
        return self._relative(Path(path).parent)

    def _number(self, handle: int) -> int | None:
        status = os.fstat(handle)
        return self._files.get((status.st_dev, status.st_ino))

    def _new(self, path: Any) -> int:
        status = os.stat(path)
        self._count += 1
        self._files[status.st_dev, status.st_ino] = self._count
        self._add("link", self._above(path), Path(path).name, to=self._count)
        return self._count

    def _known(self, path: Any) -> int:
        """The file's number; one that SQLite made comes in as it is now, not synced."""
        status = os.stat(path)
        number = self._files.get((status.st_dev, status.st_ino))
        if number is None:
            number = self._new(path)
            self._add("write", number, data=Path(path).read_bytes())
        return number
