"""A directory as one payload: the manifest of its members.

JSON lines: a header, then one line per member in the order of their paths. An empty
directory is a member whose path ends in a slash.
"""

from __future__ import annotations

import os
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from heirloom.errors import StoreError

from .checkout import place
from .refusals import refusals

__all__ = ["Entry", "Member", "read", "scan", "unfold", "write"]

_HEADER = b'{"heirloom":"directory","version":1}\n'
_MOST = 1_000_000  # members; a longer manifest is a mistake or an attack
_OWNER_RUNS = 0o100
_SEPARATORS = {"\\", ":"} if os.name == "nt" else {"\\"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: its path with ``/``, its bytes, whether it is executable, its digest.

    An empty directory has a path that ends in ``/`` and no digest.
    """

    path: str
    size: int = 0
    executable: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """What a scan found; `source` is ``None`` for an empty directory."""

    path: str
    source: Path | None
    executable: bool = False
    size: int = 0


def scan(root: Path) -> Iterator[Member]:
    """Every file and empty directory below `root`, in the order of their paths.

    Raises:
        StoreError: `root` is no directory, or something below it cannot be stored.
    """
    if not root.is_dir():
        raise StoreError(f"No directory at {root}.", uri=str(root))
    with refusals(str(root)):
        yield from sorted(_walk(root, ""), key=lambda member: member.path)


def write(entries: Iterable[Entry], out: BinaryIO) -> None:
    """Write the manifest of `entries`."""
    out.write(_HEADER)
    for entry in entries:
        line: dict[str, object] = {"path": entry.path}
        if entry.digest:
            line |= {"size": entry.size, "x": entry.executable, "digest": entry.digest}
        out.write(orjson.dumps(line) + b"\n")


def read(stream: BinaryIO, uri: str) -> Iterator[Entry]:
    """The members that a manifest names; every path was checked to stay inside.

    Raises:
        StoreError: It is no manifest, or a path in it would lead elsewhere.
    """
    if stream.readline(256) != _HEADER:
        raise StoreError(f"The payload at {uri} is no directory.", uri=uri)
    for number, line in enumerate(stream):
        if number >= _MOST:
            raise StoreError(f"The directory at {uri} has over {_MOST:,} members.", uri=uri)
        yield _entry(line, uri)


def unfold(
    entries: list[Entry], directory: Path, path_of: Callable[[str], Path], *, copy: bool
) -> None:
    """Lay the members out below `directory`, which is made and must be empty.

    `path_of` gives the verified local path for a digest. With `copy` the files are the
    caller's own; otherwise they are links, except for executables.
    """
    with refusals(str(directory)):
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise StoreError(f"{directory} is not empty.", uri=str(directory))
        for entry in entries:
            target = directory.joinpath(*entry.path.rstrip("/").split("/"))
            if entry.path.endswith("/"):
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if copy or entry.executable:
                _copy(path_of(entry.digest), target, entry.executable)
            else:
                place(path_of(entry.digest), target)


def _copy(source: Path, target: Path, executable: bool) -> None:
    with open(source, "rb") as given, open(target, "xb") as taken:
        shutil.copyfileobj(given, taken, 1 << 20)
    if executable:
        target.chmod(target.stat().st_mode | _OWNER_RUNS)


def _walk(directory: Path, prefix: str) -> Iterator[Member]:
    with os.scandir(directory) as scanned:
        items = list(scanned)
    for item in items:
        path = prefix + item.name
        _storable(path, item.name)
        if item.is_symlink():
            raise StoreError(f"{path!r} is a symbolic link; a stored directory holds none.")
        if item.is_dir():
            yield from _walk(Path(item.path), f"{path}/")
        elif item.is_file():
            status = item.stat()
            runs = bool(stat.S_IMODE(status.st_mode) & _OWNER_RUNS)
            yield Member(path, Path(item.path), runs, status.st_size)
        else:
            raise StoreError(f"{path!r} is neither a file nor a directory.")
    if prefix and not items:
        yield Member(prefix, None)


def _storable(path: str, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as exc:
        raise StoreError(f"The file name {path!r} is not valid UTF-8.") from exc
    if not _plain(name):
        raise StoreError(f"The file name {path!r} has characters that other systems refuse.")


def _plain(part: str) -> bool:
    """Whether one part of a path is a name and nothing else on every system."""
    printable = not any(unicodedata.category(character) == "Cc" for character in part)
    return part not in ("", ".", "..") and not (_SEPARATORS & set(part)) and printable


def _entry(line: bytes, uri: str) -> Entry:
    try:
        fields = orjson.loads(line)
        path = str(fields["path"])
        parts = path.removesuffix("/").split("/")
        if not all(map(_plain, parts)):
            raise ValueError(f"the path {path!r} leads elsewhere")
        if path.endswith("/"):
            return Entry(path)
        return Entry(path, int(fields["size"]), bool(fields["x"]), str(fields["digest"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise StoreError(f"The directory at {uri} is not well formed: {exc}.", uri=uri) from exc
