"""A lock between processes: held by one, freed by the kernel when its holder dies."""

from __future__ import annotations

import os
import random
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from heirloom.catalog.faults import unreachable
from heirloom.errors import CatalogLocked
from heirloom.flock import FLOCK, in_forked_child
from heirloom.rights import SAFELY, create

__all__ = ["FileLock", "stillness"]

_FIRST_PAUSE = 0.00005
_LONGEST_PAUSE = 0.002
_EVERY: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """An exclusive lock on a file that is never replaced, kept open for life.

    One holder in this process at a time is the caller's duty. A forked child holds nothing: the
    descriptor that it inherits shares its parent's lock, and is closed before the child goes on.

    Attributes:
        release: Lets it go; lets nothing go where it is not ours.
    """

    def __init__(self, path: Path, timeout: float = 30.0) -> None:
        """Open the lock's file, made if it is not there.

        Args:
            path: The file; its text means nothing.
            timeout: Seconds after which waiting ends in `CatalogLocked`.
        """
        self.path = path
        self.timeout = timeout
        self._handle = -1
        self.release: Callable[[], object] = _nothing
        self.reopen()
        _EVERY.add(self)

    def reopen(self) -> None:
        """Let an inherited descriptor go and open one of our own.

        Raises:
            CatalogUnavailable: It cannot be opened.
        """
        self.close()
        try:
            self._handle = create(self.path, os.O_RDWR)
        except OSError as error:
            home = self.path.parents[1]  # of locks/NAME.lock
            raise unreachable(home, self.path, "A lock cannot be opened", error) from error
        self.release = FLOCK.releasing(self._handle)

    def acquire(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until the lock is ours; `meanwhile` is called now and then while it is not.

        Raises:
            CatalogLocked: Another process held it for longer than `timeout`.
        """
        began = time.monotonic()
        pause = _FIRST_PAUSE
        while not self._try():
            waited = time.monotonic() - began
            if waited > self.timeout:
                msg = (
                    f"Another process has held the catalog's lock for {waited:.0f} s "
                    f"({self.path}). Find it with `fuser {self.path}`."
                )
                raise CatalogLocked(msg, path=str(self.path), waited=waited)
            meanwhile()
            time.sleep(pause * (0.5 + random.random()))
            pause = min(pause * 1.3, _LONGEST_PAUSE)

    def _try(self) -> bool:
        if self._handle < 0:
            self.reopen()  # it could not be opened anew when its file was gone
        if not FLOCK.take(self._handle):
            return False
        if os.fstat(self._handle).st_nlink:
            return True
        self.reopen()  # somebody deleted the file: its lock would exclude nobody
        return False

    def close(self) -> None:
        """Give the descriptor back; what it held is freed."""
        if self._handle >= 0:
            self.release = _nothing
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _nothing() -> None:
    """Nothing is held."""


@contextmanager
def stillness(path: Path) -> Iterator[bool]:
    """Whether nobody holds the lock of that file, and meanwhile nobody will; never waits."""
    try:
        handle = os.open(path, os.O_RDONLY | SAFELY)
    except OSError:
        yield False
        return
    try:
        yield FLOCK.take(handle)
    finally:
        os.close(handle)


def _let_go() -> None:
    """In a forked child: what it inherited is its parent's."""
    for lock in list(_EVERY):
        lock.close()


in_forked_child(_let_go)
