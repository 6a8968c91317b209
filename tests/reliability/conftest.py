"""Where thousands of homes are laid out and taken away again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A directory of the test's own, in memory where the system has such."""
    if not os.access(_MEMORY, os.W_OK):
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(prefix="heirloom-", dir=_MEMORY))
    yield made
    shutil.rmtree(made, ignore_errors=True)
