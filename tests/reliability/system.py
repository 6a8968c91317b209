"""A thin layer between the catalog and the operating system, put in by a test.

The catalog's files change by these calls alone, so that whoever stands here sees every step of a
commit, and may refuse it, cut it short, or end the process at it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

__all__ = ["CALLS", "Counter", "Killer", "Observer", "Refuser", "Stopped", "observed"]

CALLS: Sequence[str] = (
    *("open", "write", "pwrite", "fsync", "ftruncate", "rename", "replace", "unlink", "mkdir"),
    *("chmod", "close", "flock"),
)
"""Of `os`, and `fcntl.flock`."""

Observer = Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""Given the name of the call, the real one and its arguments; makes it, or does not."""


class Stopped(BaseException):
    """Stands for the death of the process, where a test goes on in it."""


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Every call goes through `observer`; one that it makes itself does not."""
    here = threading.local()

    def through(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if getattr(here, "inside", False):
                return real(*args, **kwargs)
            here.inside = True
            try:
                return observer(name, real, args, kwargs)
            finally:
                here.inside = False

        return call

    patches = [
        mock.patch.object(owner, name, through(name, getattr(owner, name)))
        for name in CALLS
        for owner in (fcntl if name == "flock" else os,)
    ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()


@dataclass
class Counter:
    """Notes the calls that are made.

    Attributes:
        calls: Name of each, and for a write how many bytes it was given.
    """

    calls: list[tuple[str, int]] = field(default_factory=list)

    def __call__(
        self, name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Make the call."""
        self.calls.append((name, _length(name, args)))
        return real(*args, **kwargs)


@dataclass
class Killer:
    """Ends the process, as ``kill -9`` does, at one call.

    Attributes:
        at: The number of the call, from 0.
        part: For a write, how many bytes it gets written; else all or, with 0, not made at all.
    """

    at: int
    part: int | None = 0
    seen: int = 0

    def __call__(
        self, name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Make the call, or die."""
        self.seen += 1
        if self.seen - 1 != self.at:
            return real(*args, **kwargs)
        if self.part is None:
            real(*args, **kwargs)
        elif self.part:
            real(args[0], bytes(args[1])[: self.part], *args[2:])
        os.kill(os.getpid(), signal.SIGKILL)
        return None


@dataclass
class Refuser:
    """Makes calls of one name fail.

    Attributes:
        name: Which calls.
        error: What the system says.
        at: The first that fails, from 0, counted among those of the name.
        times: How many fail.
        part: For a write, how many bytes are written before it fails; the rest is refused next.
    """

    name: str
    error: int
    at: int = 0
    times: int = 1 << 30
    part: int = 0
    seen: int = 0

    def __call__(
        self, name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Make the call, or refuse it."""
        if name != self.name:
            return real(*args, **kwargs)
        self.seen += 1
        if not self.at <= self.seen - 1 < self.at + self.times:
            return real(*args, **kwargs)
        if self.part and self.seen - 1 == self.at:
            return real(args[0], bytes(args[1])[: self.part], *args[2:])
        raise OSError(self.error, os.strerror(self.error))


def _length(name: str, args: tuple[Any, ...]) -> int:
    return len(args[1]) if name in {"write", "pwrite"} else 0
