"""Wakes those who wait for a commit at once; what it misses, their next look finds."""

from __future__ import annotations

import os
import select
import stat
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

from heirloom import rights

__all__ = ["Bells"]

_READ = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | rights.SAFELY
_FOR_NOTHING = 60.0
"""Seconds after which a pipe that nobody reads was left by somebody who was killed."""


class Bells:
    """One named pipe for each handle that waits; a commit writes a sign into every one.

    Nothing depends on it: a sign that is lost, a pipe that cannot be made or was taken away
    cost a waiting handle one interval, nothing else. So what the system refuses is passed over.
    """

    def __init__(self, directory: Path) -> None:
        """Keep the pipes in `directory`, which is made when the first one waits."""
        self._directory = directory
        self._listening = threading.Lock()
        self._path: Path | None = None
        self._handle = -1
        self._closed = False

    def ring(self) -> None:
        """Wake everybody who waits; never waits for anything itself."""
        if not os.path.isdir(self._directory):  # nobody has ever waited here
            return
        try:
            names = os.listdir(self._directory)
        except OSError:
            return
        for name in names:
            self._ring(self._directory / name)

    def _ring(self, path: Path) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            self._sweep(path)
            return
        try:
            if stat.S_ISFIFO(os.fstat(handle).st_mode):  # what else stands there is not written to
                os.write(handle, b".")
        except OSError:
            return  # full: its owner has signs enough
        finally:
            os.close(handle)

    def _sweep(self, path: Path) -> None:
        """Take a pipe away that nobody has read for long."""
        with suppress(OSError):
            found = path.lstat()
            if stat.S_ISFIFO(found.st_mode) and time.time() - found.st_mtime > _FOR_NOTHING:
                path.unlink()

    def listen(self, seconds: float) -> None:
        """Return when somebody rings, or after so many seconds."""
        if not self._listening.acquire(blocking=False):  # another thread has the pipe
            time.sleep(seconds)
            return
        try:
            if self._handle < 0 and not self._closed:
                self._hang()
            if self._closed:  # perhaps while the pipe was made, when nobody could ring it
                return
            if self._handle < 0:
                time.sleep(seconds)
            else:
                self._hear(seconds)
        finally:
            self._listening.release()

    def _hear(self, seconds: float) -> None:
        heard = select.poll()
        heard.register(self._handle, select.POLLIN)
        if heard.poll(seconds * 1000):
            with suppress(BlockingIOError):
                os.read(self._handle, 4096)

    def _hang(self) -> None:
        if not hasattr(os, "mkfifo"):  # Windows: its pipes have no place in a directory
            return
        path = self._directory / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        with suppress(OSError):
            rights.make_directory(self._directory)
            os.mkfifo(path, 0o600)
            self._path = path
            try:
                rights.grant(path, self._directory)
                # Open for writing too, so that it never looks as if all writers had gone.
                self._handle = os.open(path, _READ)
            except OSError:  # as where no descriptor is left: it is tried again at every look
                path.unlink()
                raise

    def after_fork(self) -> None:
        """In the child: the pipe is the parent's."""
        self._listening = threading.Lock()
        if self._handle >= 0:
            os.close(self._handle)
        self._handle, self._path = -1, None

    def close(self) -> None:
        """Take the pipe away; who listens in another thread is woken first."""
        self._closed = True
        if self._path is not None:
            self._ring(self._path)
        with self._listening:
            if self._handle >= 0:
                os.close(self._handle)
            if self._path is not None:
                with suppress(OSError):
                    self._path.unlink()
            self._handle, self._path = -1, None
