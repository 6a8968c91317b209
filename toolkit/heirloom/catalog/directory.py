"""Directories whose entries survive a power cut."""

from __future__ import annotations

from pathlib import Path

from heirloom.durable import sync_directory

__all__ = ["make_home"]


def make_home(path: Path) -> None:
    """Make it, private, and each above it that is not there; all of them are on the disk then."""
    if path.is_dir():
        return
    if path.parent != path:
        make_home(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_directory(path.parent)
