"""Whose code this user runs: digests in a private file outside any shared home."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from heirloom.errors import CatalogUnavailable

__all__ = ["Approvals"]


class Approvals:
    """The source digests that one user lets triggered executions run.

    A file that somebody else owns or may write approves nothing.
    """

    def __init__(self, path: Path, everything: bool = False) -> None:
        """Read from and add to `path`; `everything` approves all (a service account)."""
        self.path = path
        self.everything = everything
        self._stamp: tuple[int, ...] = ()
        self._known: tuple[tuple[str, str], ...] = ()
        self._digests: frozenset[str] = frozenset()

    def check(self) -> None:
        """Refuse a file that others may have written.

        Raises:
            CatalogUnavailable: It is another's, a link, or others may write it.
        """
        found = _stat(self.path)
        if found is not None and not _private(found):
            msg = (
                f"Others may write {self.path}: nothing in it counts. Look through it, "
                "then make it yours alone: chmod 600, or delete it."
            )
            raise CatalogUnavailable(msg, path=str(self.path))

    def add(self, digest: str, name: str) -> None:
        """Approve a digest; `name` is for the reader of the file, and for `last`.

        Raises:
            CatalogUnavailable: Others may write the file; nothing was added.
        """
        self.check()
        if (digest, name) in self._lines():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        handle = os.open(self.path, flags, 0o600)
        try:
            os.write(handle, f"{digest} {name}\n".encode())
        finally:
            os.close(handle)

    def digests(self) -> frozenset[str]:
        """What is approved; the file is read anew only where it was written since."""
        return self._digests if self._lines() else frozenset()

    def allows(self, digest: str) -> bool:
        """Whether this user runs that code."""
        return self.everything or digest in self.digests()

    def last(self, name: str) -> str | None:
        """The digest that was approved last under a plan's name."""
        return next((digest for digest, known in reversed(self._lines()) if known == name), None)

    def _lines(self) -> tuple[tuple[str, str], ...]:
        found = _stat(self.path)
        if found is None or not _private(found):
            return ()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._stamp != stamp:
            lines = [each.partition(" ") for each in self.path.read_text("utf-8").splitlines()]
            self._known = tuple((digest, name) for digest, _, name in lines)
            self._digests = frozenset(digest for digest, _ in self._known)
            self._stamp = stamp
        return self._known


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _private(found: os.stat_result) -> bool:
    own = found.st_uid == os.geteuid() and stat.S_ISREG(found.st_mode)
    return own and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
