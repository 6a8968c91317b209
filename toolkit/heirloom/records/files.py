"""Files and directories as values that tasks take and return."""

from __future__ import annotations

import os
from functools import cache
from pathlib import PurePath
from typing import Any

from heirloom.errors import NotSupported

__all__ = ["Directory", "File"]


class _OnDisk:
    """A path that travels between tasks; equal when path, format and link are equal."""

    __slots__ = ("__weakref__", "format", "link", "path")

    path: str
    format: str
    link: bool

    def __init__(
        self, path: str | os.PathLike[str], *, format: str = "", link: bool = False
    ) -> None:
        """Name what is on disk, or elsewhere; nothing is read.

        Args:
            path: A local path, or a URL that fsspec understands.
            format: The suffix that consumers may ask for, e.g. ``csv``; empty matches any.
            link: Record where it is instead of copying it into the store.
        """
        self.path = os.fspath(path)
        self.format = format or self.format_of_class()
        self.link = link

    _format = ""

    @classmethod
    def format_of_class(cls) -> str:
        """The format that ``File["csv"]`` stands for; empty for the bare class."""
        return cls._format

    def __class_getitem__(cls, format: Any) -> Any:
        """The same class bound to one format: ``File["csv"]``.

        A type checker takes ``Annotated[File, "csv"]``, which means the same.
        """
        return _bound(cls.__mro__[1] if cls._format else cls, str(format).lstrip("."))

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePath(self.path).name

    def download(self) -> str:
        """The local path, by Flyte's word for it: what a task is given is on this disk already.

        Raises:
            NotSupported: It is elsewhere, and not in the store yet.
        """
        if "://" in self.path:
            msg = f"{self.path!r} is not on this disk: give it to a task, or publish and pull it."
            raise NotSupported(msg)
        return self.path

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        link = ", link=True" if self.link else ""
        return f"{type(self).__name__}({self.path!r}{link})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _OnDisk):
            return NotImplemented
        mine = (self.path, self.format, self.link, isinstance(self, File))
        return mine == (other.path, other.format, other.link, isinstance(other, File))

    def __hash__(self) -> int:
        return hash((self.path, self.format, self.link))


@cache
def _bound(bare: type[_OnDisk], format: str) -> type[_OnDisk]:
    """One class for each format: annotations are compared."""
    return type(bare.__name__, (bare,), {"__slots__": (), "_format": format})


class File(_OnDisk):
    """One file. As a task's input it is a read-only local path while the body runs."""

    __slots__ = ()


class Directory(_OnDisk):
    """A directory with all that is below it; symbolic links are refused when it is stored."""

    __slots__ = ()
