"""The errors of a home's files, each in one line that says what to do next."""

from __future__ import annotations

from pathlib import Path

from heirloom.errors import CatalogDamaged, CatalogUnavailable

__all__ = ["damaged", "poisoned", "unavailable", "unreachable"]


def damaged(path: Path, at: int, reason: str) -> CatalogDamaged:
    """The journal at `path` is bad at byte `at`."""
    msg = (
        f"The catalog's journal is damaged at byte {at}: {reason} ({path}). "
        "Nothing was changed; run `heirloom salvage`."
    )
    return CatalogDamaged(msg, path=str(path), offset=at)


def unavailable(path: Path, what: str, error: Exception) -> CatalogUnavailable:
    """The system refused `what`, which is said in words."""
    return _with_number(f"{what}: {_said(error)} ({path}).", path, error)


def unreachable(home: Path, path: Path, what: str, error: Exception) -> CatalogUnavailable:
    """The same; where the whole home is gone, that is said instead of which file was missed."""
    if not isinstance(error, FileNotFoundError) or home.exists():
        return unavailable(path, what, error)
    gone = home
    while not gone.parent.exists():
        gone = gone.parent
    msg = (
        f"The catalog's home is not there any more: {home} (nothing is called {gone.name} in "
        f"{gone.parent}). Put it back, or mount its disk, and this session goes on; for another "
        "home call hl.connect(path)."
    )
    return _with_number(msg, home, error)


def poisoned(path: Path, error: Exception) -> CatalogUnavailable:
    """A sync failed: nobody knows what is on the disk."""
    msg = (
        f"The disk failed to sync the catalog's journal: {_said(error)} ({path}). "
        "Whether the last commit is kept is unknown; connect again and look."
    )
    return _with_number(msg, path, error)


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _with_number(message: str, path: Path, error: Exception) -> CatalogUnavailable:
    found = CatalogUnavailable(message, path=str(path))
    found.errno = getattr(error, "errno", None)
    return found
