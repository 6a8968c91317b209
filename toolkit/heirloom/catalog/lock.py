"""A lock between processes: held by one, freed by the kernel when its holder dies."""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType

from heirloom.errors import CatalogLocked

__all__ = ["FileLock", "stillness"]

_FIRST_PAUSE = 0.00005
_LONGEST_PAUSE = 0.002


class FileLock:
    """An exclusive ``flock`` on a file that is never replaced, kept open for life.

    One holder in this process at a time is the caller's duty; after a fork, the child
    calls `reopen`, because an inherited descriptor shares its parent's lock.

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
        self.reopen()

    def reopen(self) -> None:
        """Let an inherited descriptor go and open one of our own."""
        self.close()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._handle = os.open(self.path, flags, 0o600)
        # Without a frame of Python's, no interrupt can come between `finally` and the call.
        self.release: Callable[[], None] = partial(fcntl.flock, self._handle, fcntl.LOCK_UN)

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
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if os.fstat(self._handle).st_nlink:
            return True
        self.reopen()  # somebody deleted the file: its lock would exclude nobody
        return False

    def close(self) -> None:
        """Give the descriptor back; what it held is freed."""
        if self._handle >= 0:
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


@contextmanager
def stillness(path: Path) -> Iterator[bool]:
    """Whether nobody holds the lock of that file, and meanwhile nobody will; never waits."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)
