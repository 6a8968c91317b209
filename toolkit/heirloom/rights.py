"""Rights of what is made in a home: its user's alone or, in a shared one, the group's too.

A directory with the setgid bit and every right for its group is shared. What Heirloom makes in
such a one is the group's as much as the owner's, whatever the umask says; anywhere else it is
the owner's alone.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

__all__ = ["SAFELY", "SHARED", "create", "grant", "is_shared", "make_directory"]

SHARED = stat.S_ISGID | stat.S_IRWXU | stat.S_IRWXG
"""The mode of a directory whose group may do what its owner may."""

SAFELY = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
"""For `os.open`: no other program inherits the file, no symbolic link is followed."""


def is_shared(directory: Path) -> bool:
    """Whether the directory is a group's; one that is not there is not."""
    try:
        return os.stat(directory).st_mode & SHARED == SHARED
    except OSError:
        return False


def create(path: Path, flags: int, mode: int = 0o600) -> int:
    """A descriptor of the file at `path`, made if it is not there; no symbolic link is followed.

    Args:
        path: The file.
        flags: As of `os.open`; ``O_CREAT``, ``O_CLOEXEC`` and ``O_NOFOLLOW`` are added.
        mode: The owner's rights, which in a shared directory are the group's too.

    Raises:
        OSError: The system refused, or a symbolic link stands there.
    """
    handle = os.open(path, flags | os.O_CREAT | SAFELY, mode)
    try:
        grant(handle, path.parent, mode)
    except BaseException:
        os.close(handle)
        raise
    return handle


def grant(file: int | Path, directory: Path, mode: int = 0o600) -> None:
    """Give a file of ours in `directory` the owner's rights of `mode`, and the group its share."""
    if sys.platform == "win32":
        return
    wanted = mode | (mode & stat.S_IRWXU) >> 3 if is_shared(directory) else mode
    found = os.stat(file)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) == wanted:
        return
    if isinstance(file, int):
        os.fchmod(file, wanted)
    else:
        file.chmod(wanted)


def make_directory(path: Path) -> None:
    """Make the directory `path`, unless it is there, as private or shared as the one above it."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    if is_shared(path.parent):
        path.chmod(SHARED)
