"""Whose code this user runs: digests in a private file outside any shared home."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["Approvals"]


class Approvals:
    """The source digests that one user lets triggered executions run."""

    def __init__(self, path: Path, everything: bool = False) -> None:
        """Read from and add to `path`; `everything` approves all (a service account)."""
        self.path = path
        self.everything = everything
        self._read: tuple[tuple[int, int, int], frozenset[str]] = ((0, 0, 0), frozenset())

    def add(self, digest: str, name: str) -> None:
        """Approve a digest; `name` is for the reader of the file."""
        if digest in self.digests():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"{digest} {name}\n".encode())
        finally:
            os.close(handle)

    def digests(self) -> frozenset[str]:
        """What is approved; the file is read anew only where it was written since."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return frozenset()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._read[0] != stamp:
            lines = self.path.read_text("utf-8").splitlines()
            self._read = (stamp, frozenset(line.partition(" ")[0] for line in lines))
        return self._read[1]

    def allows(self, digest: str) -> bool:
        """Whether this user runs that code."""
        return self.everything or digest in self.digests()
