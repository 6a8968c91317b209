"""What workers print beside the logs of executions, in a file that stays within its bounds."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from heirloom.flock import FLOCK
from heirloom.rights import create, make_directory

__all__ = ["SIZE", "WorkersLog"]

SIZE = 10_000_000
"""Bytes of the file before it is begun anew."""


class WorkersLog:
    """A file that the workers of every reactor of a home append to.

    They hold it open for as long as they live, so that it keeps its place: when it is full it is
    copied to ``PATH.1`` and emptied. What is written between the two is lost.
    """

    def __init__(self, home: Path, size: int = SIZE) -> None:
        """Name the file; it is made when it is opened.

        Args:
            home: The home.
            size: How many bytes are full.
        """
        self.path = home / "logs" / "workers.log"
        self.kept = self.path.with_name(f"{self.path.name}.1")
        self._size = size

    def open(self) -> BinaryIO:
        """For a worker to append to.

        Raises:
            OSError: It cannot be written.
        """
        make_directory(self.path.parent)
        return os.fdopen(create(self.path, os.O_WRONLY | os.O_APPEND), "ab")

    def bound(self) -> bool:
        """Begin the file anew where it is full and no other process does; whether it was.

        Raises:
            OSError: It cannot be copied; the file is as it was.
        """
        if not self._is_full():
            return False
        with closing(os.fdopen(create(self.path, os.O_RDWR), "r+b")) as log:
            if not FLOCK.take(log.fileno()) or not self._is_full():
                return False
            with os.fdopen(create(self.kept, os.O_WRONLY | os.O_TRUNC), "wb") as kept:
                shutil.copyfileobj(log, kept)
            log.truncate(0)
        return True

    def _is_full(self) -> bool:
        try:
            return self.path.stat().st_size >= self._size
        except FileNotFoundError:
            return False
