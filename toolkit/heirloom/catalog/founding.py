"""Making a home before anything is in it: one's own, or a group's."""

from __future__ import annotations

import os
from pathlib import Path

from heirloom.catalog.faults import unavailable
from heirloom.errors import CatalogUnavailable
from heirloom.rights import SHARED, is_shared

__all__ = ["found", "group_of"]


def found(path: Path, *, shared: bool = False, group: str | None = None) -> bool:
    """Make the directory of a home, for its user alone or for a group.

    Args:
        path: Where; nothing may be there, or an empty directory.
        shared: Whether the group may do all that the user may.
        group: The name of the group; `None` for what the system gives a new directory there.

    Returns:
        Whether it was made now; a home of the same kind that is there is left as it is.

    Raises:
        CatalogUnavailable: Something else is there, there is no such group, or the system
            refused. Nothing was changed.
    """
    path = path.absolute()
    gid = _gid(group, path)
    try:
        if (path / "journal.jsonl").exists():
            _check_same(path, shared, gid)
            return False
        if path.exists() and any(path.iterdir()):
            raise _refusal(path, "is not empty and holds no catalog")
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if gid is not None:
            os.chown(path, -1, gid)
        path.chmod(SHARED if shared else 0o700)
    except CatalogUnavailable:
        raise
    except OSError as error:
        raise unavailable(path, "The home cannot be made", error) from error
    return True


def group_of(path: Path) -> str:
    """The name of the group that the directory belongs to."""
    gid = path.stat().st_gid
    return _name_of(gid) or str(gid)


def _gid(group: str | None, path: Path) -> int | None:
    if group is None:
        return None
    try:
        import grp  # POSIX only
    except ImportError:
        raise _refusal(path, "cannot be a group's: this system has none") from None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        names = sorted(filter(None, map(_name_of, os.getgroups())))
        why = f"cannot be a group's: there is no group {group!r}. You are in {', '.join(names)}"
        raise _refusal(path, why) from None


def _name_of(gid: int) -> str | None:
    try:
        import grp  # POSIX only

        return grp.getgrgid(gid).gr_name
    except (ImportError, KeyError):
        return None


def _check_same(path: Path, shared: bool, gid: int | None) -> None:
    if shared != is_shared(path):
        is_now, wanted = ("shared", "private") if is_shared(path) else ("private", "shared")
        raise _refusal(
            path,
            f"is {is_now} already. Make a {wanted} one elsewhere, and carry the catalog over "
            "with `heirloom export` and `heirloom import`",
        )
    if gid not in (None, path.stat().st_gid):
        raise _refusal(path, f"belongs to the group {group_of(path)!r} already")


def _refusal(path: Path, why: str) -> CatalogUnavailable:
    return CatalogUnavailable(f"The home {why} ({path}).", path=str(path))
