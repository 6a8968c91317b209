"""How much of the free disk one payload may take without being asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from heirloom.errors import StoreError

__all__ = ["check_room", "room_in"]


def room_in(folder: Path) -> int:
    """Half of the bytes that are free there; anything where ``HEIRLOOM_LARGE=allow``."""
    if os.environ.get("HEIRLOOM_LARGE", "").lower() == "allow":
        return -1
    while not folder.is_dir():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 2


def check_room(size: int, room: int, uri: str, *, so_far: bool = False) -> None:
    """Refuse a payload of `size` bytes where it is more than `room`, unless that is negative.

    Raises:
        StoreError: It is.
    """
    if not 0 <= room < size:
        return
    said = f"over {size:,}" if so_far else f"{size:,}"
    raise StoreError(
        f"The payload has {said} bytes, and {2 * room:,} are free at {uri}: more than half. "
        "Nothing was stored. Free some space, or allow it: heirloom publish --force, or "
        "HEIRLOOM_LARGE=allow.",
        uri=uri,
    )
