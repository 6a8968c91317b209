"""The page of figures: each room's block is replaced by what was taken now."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["write"]


def write(page: Path, room: str, lines: Sequence[str]) -> None:
    """Put a room's figures behind its mark, ``<!-- bench: ROOM -->``, with machine and commit.

    Raises:
        ValueError: The page has no such mark, or two; it stands as it was.
    """
    text = page.read_text("utf-8")
    block = f"<!-- bench: {room} -->\n```\n{chr(10).join([_taken(), *lines])}\n```\n"
    mark = re.compile(rf"<!-- bench: {room} -->\n```\n.*?\n```\n", re.S)
    if len(mark.findall(text)) != 1:
        msg = f"{page} has no block behind <!-- bench: {room} -->, or several."
        raise ValueError(msg)
    page.write_text(mark.sub(lambda _: block, text), "utf-8")


def _taken() -> str:
    """When and where, in a line."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, cwd=Path(__file__).parent)
    load = f"load {os.getloadavg()[1]:.1f}" if hasattr(os, "getloadavg") else ""
    where = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    return f"# {now} at {commit.stdout.strip()}, {where}, {load}"
