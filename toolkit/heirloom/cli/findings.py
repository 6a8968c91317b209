"""What may be wrong with a home, found without opening it; each with what to do."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from heirloom.catalog.lock import stillness
from heirloom.catalog.network import network_of
from heirloom.errors import HeirloomError
from heirloom.rights import is_shared
from heirloom.settings import Settings
from heirloom.store import open_store

__all__ = ["Finding", "findings"]

_LITTLE = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, and what to do about it."""

    what: str
    do: str = ""

    @classmethod
    def of(cls, error: HeirloomError) -> Finding:
        """What an error says; its message names the next step itself."""
        return cls(str(error))

    def __str__(self) -> str:
        return f"{self.what} → {self.do}" if self.do else self.what


def findings(settings: Settings) -> Iterator[Finding]:
    """Everything that can be seen from outside; nothing is opened for writing, made or mended."""
    home = settings.home
    if not home.is_dir():
        yield Finding(f"There is no home at {home} yet.", "heirloom init, or check HEIRLOOM_HOME")
        return
    try:
        yield from _network(settings)
        yield from _rights(home)
        yield from _files(home)
        yield from _disk(home)
    except OSError as error:
        yield Finding(f"{home} cannot be looked into: {error.strerror}.", "ask its owner")
    try:
        for each in open_store(settings.store).findings():
            yield Finding(each)
    except HeirloomError as error:
        yield Finding.of(error)


def _network(settings: Settings) -> Iterator[Finding]:
    kind = network_of(settings.home)
    if kind is not None:
        allowed = "allowed here" if settings.network else "refused for writing"
        yield Finding(
            f"{settings.home} is on a network file system ({kind}): {allowed}; locks may not hold.",
            "keep the home on a local disk, and payloads where you like (HEIRLOOM_STORE)",
        )


def _rights(home: Path) -> Iterator[Finding]:
    mode = home.stat().st_mode
    if mode & stat.S_IWOTH:
        yield Finding(f"Everybody can write in {home}.", f"chmod o-w {home}")
    if mode & stat.S_IWGRP and not is_shared(home):
        yield Finding(
            f"The group can write in {home}, but it is no shared home.",
            f"chmod g-w {home}, or make a shared one: heirloom init --shared PATH",
        )
    journal = home / "journal.jsonl"
    for each in (journal, home / "locks"):
        if each.is_symlink():
            yield Finding(f"{each} is a symbolic link, which is not followed.", "put the file back")
    if journal.exists() and not is_shared(home) and journal.stat().st_uid != os.geteuid():
        yield Finding(f"{journal} is another user's.", "look with read_only=True")
    if mode & stat.S_IRWXO and (home / "approvals.txt").exists():
        yield Finding(f"Others can look into {home}.", f"chmod 700 {home}")


def _files(home: Path) -> Iterator[Finding]:
    if not (home / "journal.jsonl").exists():
        yield Finding(f"{home} holds no catalog yet.", "the first emission makes it")
    torn = sorted(home.glob("journal.jsonl.torn-*"))
    if torn:
        names = ", ".join(path.name for path in torn[:3])
        yield Finding(
            f"An interrupted write was cut off {len(torn)} times; copies are kept ({names}).",
            "delete them when nobody misses anything",
        )
    lock = home / "locks" / "journal.lock"
    if lock.exists() and os.access(lock, os.R_OK):
        with stillness(lock) as still:
            if not still:
                yield Finding("Somebody is writing right now, or hangs.", f"fuser {lock}")


def _disk(home: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(home).free
    if free < _LITTLE:
        yield Finding(f"Only {free / 1e6:,.0f} MB are free for {home}.", "make room")
