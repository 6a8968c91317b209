"""Payloads under names of the caller's."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from .refusals import refusals

__all__ = ["link", "place", "replace_with"]


def link(source: Path, directory: Path, name: str) -> Path:
    """`source` under `name` in `directory`, or under the next free name; see `Store.checkout`."""
    with refusals(str(directory)):
        directory.mkdir(parents=True, exist_ok=True)
        for target in _candidates(directory, name):
            try:
                place(source, target)
            except FileExistsError:
                if not target.exists() or not target.samefile(source):
                    continue
            return target
    raise AssertionError("the candidates have no end")


def place(source: Path, target: Path) -> None:
    """Put a read-only view of `source` at `target`, which must not exist."""
    for way in (os.symlink, os.link):
        try:
            return way(source, target)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            continue  # Windows without the privilege, a file system without links
    with open(source, "rb") as given, open(target, "xb") as taken:
        shutil.copyfileobj(given, taken, 1 << 20)
    target.chmod(0o400)


def replace_with(source: Path, target: Path) -> Path:
    """A writable copy of `source` at `target`, atomically replacing what is there."""
    aside = target.with_name(f".{uuid.uuid4().hex}.part")
    with refusals(str(target)):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, aside)
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)
    return target


def _candidates(directory: Path, name: str) -> Iterator[Path]:
    """``data.csv``, ``data-2.csv``, ``data-3.csv``, and so on."""
    stem, dot, suffix = name.partition(".")
    number = 1
    while True:
        yield directory / (name if number == 1 else f"{stem}-{number}{dot}{suffix}")
        number += 1
