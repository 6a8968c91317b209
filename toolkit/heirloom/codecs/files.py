"""Files and directories: copied into the store, or recorded where they lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heirloom.errors import CodecError
from heirloom.records.files import Directory, File

from .codec import About, Codec, Encoded, Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMATS", "Directories", "Files", "Links"]

FORMATS = frozenset({"file", "directory", "link"})
"""What is on a disk when it is read, and not in memory."""


class Files(Codec):
    """A `File` whose bytes are copied; read back as a read-only local path of the same name."""

    format = "file"

    def matches(self, value: object) -> bool:
        """True for a file that is no link."""
        return isinstance(value, File) and not value.link

    def encode(self, value: File) -> Encoded:
        """See `Codec.encode`."""
        if "://" not in value.path and not os.path.isfile(value.path):
            raise CodecError(_not_there(value, "file"))
        return Encoded(self.format, "File", "file", path=value.path, meta=_meta(value))

    def decode(self, source: Source, about: About) -> File:
        """See `Codec.decode`."""
        path = source.checkout(about.meta.get("name") or "file")
        return File(path, format=about.meta.get("file_format", ""))

    def frame(self, source: Source, about: About) -> pd.DataFrame:
        """The table in a CSV, TSV, JSON, JSON-lines, Parquet, Arrow or text file, by suffix."""
        from .tables import read_table_file

        return source.read(lambda path: read_table_file(path, *_suffix(about.meta)))


class Directories(Codec):
    """A `Directory` with all that is below it."""

    format = "directory"

    def matches(self, value: object) -> bool:
        """True for a directory that is no link."""
        return isinstance(value, Directory) and not value.link

    def encode(self, value: Directory) -> Encoded:
        """See `Codec.encode`."""
        if not os.path.isdir(value.path):
            raise CodecError(_not_there(value, "directory"))
        return Encoded(self.format, "Directory", "file", path=value.path, meta=_meta(value))

    def decode(self, source: Source, about: About) -> Directory:
        """See `Codec.decode`."""
        path = source.checkout(about.meta.get("name") or "directory")
        return Directory(path, format=about.meta.get("file_format", ""))


class Links(Codec):
    """A `File` or `Directory` with ``link=True``: its address, size and etag in the record.

    `Encoded.path` is the address; the session asks `store.inspect` how it looks now, keeps
    that in the record, and reads it by `store.follow`.
    """

    format = "link"

    def matches(self, value: object) -> bool:
        """True for a linked file or directory."""
        return isinstance(value, File | Directory) and value.link

    def encode(self, value: File | Directory) -> Encoded:
        """See `Codec.encode`."""
        name = "Directory" if isinstance(value, Directory) else "File"
        path = value.path.removeprefix("file://")
        path = path if "://" in path else os.path.abspath(path)
        return Encoded(self.format, name, "file", path=path, meta=_meta(value) | {"url": path})

    def decode(self, source: Source, about: About) -> File | Directory | bytes:
        """See `Codec.decode`; a link still when it lies on this machine, else the local copy."""
        path = source.path()
        if about.wanted == "bytes" and path.is_file():
            return path.read_bytes()
        kind = Directory if about.type_name == "Directory" else File
        local = "://" not in str(about.meta.get("url", ""))
        return kind(path, format=about.meta.get("file_format", ""), link=local)

    def frame(self, source: Source, about: About) -> pd.DataFrame:
        """As of a file."""
        from .tables import read_table_file

        return read_table_file(source.path(), *_suffix(about.meta))


def _meta(value: File | Directory) -> dict[str, Any]:
    name = value.name or Path(os.path.abspath(value.path)).name
    return {"name": name} | ({"file_format": value.format} if value.format else {})


def _suffix(meta: Any) -> tuple[str, str]:
    """The suffix that says what a file is, without its dot, and that of its compression."""
    suffixes = [part.lower() for part in str(meta.get("name", "")).split(".")[1:]]
    packed = suffixes.pop() if suffixes and suffixes[-1] in ("gz", "bz2", "xz", "zst") else ""
    return str(meta.get("file_format") or (suffixes[-1] if suffixes else "")).lower(), packed


def _not_there(value: File | Directory, what: str) -> str:
    if not os.path.exists(value.path):
        return f"No {what} at {value.path!r}."
    other = "Directory" if what == "file" else "File"
    return f"{value.path!r} is no {what}. Use {other}({value.path!r})."
