"""A catalog that three small teams have filled, and sessions on copies of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import heirloom as hl

TEAM = Path(__file__).with_name("team.py")


@pytest.fixture(scope="session")
def team_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that ``team.py`` filled; not to be written to."""
    place = tmp_path_factory.mktemp("team")
    roots = Path(__file__).parents[2]
    ours = {
        "HOME": str(place),
        "HEIRLOOM_HOME": str(place / "home"),
        "HEIRLOOM_USER": "tester",
        "HEIRLOOM_REACTOR": "off",
        "PYTHONPATH": os.pathsep.join([str(roots / "toolkit"), str(roots / "widgets")]),
    }
    subprocess.run([sys.executable, str(TEAM)], env={**os.environ, **ours}, check=True)
    return place / "home"


@pytest.fixture
def team(team_home: Path, tmp_path: Path) -> Path:
    """A copy of that home, for one test."""
    return Path(shutil.copytree(team_home, tmp_path / "home"))


@pytest.fixture
def session(team: Path) -> Iterator[hl.Session]:
    """The session of this process, on the copy."""
    opened = hl.connect(team)
    yield opened
    opened.close()
