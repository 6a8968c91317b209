"""Locks on open files: the kernel's, which frees them when their holder dies.

POSIX has ``flock``, which belongs to what `os.open` opened: a fork shares it, a second opening
does not. (``lockf`` would let go when any descriptor of the file is closed.) Windows locks one
byte, far behind the end, so that the file can be read meanwhile.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

__all__ = ["FLOCK", "ByteLocks", "Locks", "Posix", "in_forked_child"]

_BYTE = 1 << 30


class Locks(Protocol):
    """What a system's locks can do; none of it waits."""

    def take(self, handle: int, *, shared: bool = False) -> bool:
        """Whether the file is now locked for this descriptor."""

    def releasing(self, handle: int) -> Callable[[], object]:
        """What lets the lock go, as often as it is called."""


class Posix:
    """Locks by ``fcntl.flock``."""

    def __init__(self, fcntl: Any) -> None:
        self._fcntl = fcntl

    def take(self, handle: int, *, shared: bool = False) -> bool:
        """Whether the file is now locked for this descriptor."""
        kind = self._fcntl.LOCK_SH if shared else self._fcntl.LOCK_EX
        try:
            self._fcntl.flock(handle, kind | self._fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def releasing(self, handle: int) -> Callable[[], object]:
        """What lets the lock go; without a frame of Python's, in which an interrupt could come."""
        return partial(self._fcntl.flock, handle, self._fcntl.LOCK_UN)


class ByteLocks:
    """Locks by ``msvcrt.locking``, which knows no shared ones."""

    def __init__(self, msvcrt: Any) -> None:
        self._msvcrt = msvcrt

    def take(self, handle: int, *, shared: bool = False) -> bool:
        """Whether the file is now locked for this descriptor, from everybody else."""
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            self._msvcrt.locking(handle, self._msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def releasing(self, handle: int) -> Callable[[], object]:
        """What lets the lock go; of what is not locked, nothing."""

        def release() -> None:
            os.lseek(handle, _BYTE, os.SEEK_SET)
            try:
                self._msvcrt.locking(handle, self._msvcrt.LK_UNLCK, 1)
            except PermissionError:
                return

        return release


def in_forked_child(call: Callable[[], object]) -> None:
    """Have `call` called in every child that is forked, where the system can fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=call)


def _of_this_system() -> Locks:
    try:
        return Posix(importlib.import_module("fcntl"))
    except ModuleNotFoundError:
        return ByteLocks(importlib.import_module("msvcrt"))


FLOCK: Locks = _of_this_system()
"""The locks of this system."""
