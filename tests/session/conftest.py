"""Homes of the test's own, none opened yet."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a home can be."""
    return tmp_path / "home"
