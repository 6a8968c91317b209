"""The core with no extra: it works, and what needs more says what installs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

_ALONE = """
import sys

CORE = {"heirloom", "heirloom_widgets", "tinydb", "fsspec", "orjson"} | sys.stdlib_module_names

class Alone:
    def find_spec(self, name, path=None, target=None):
        known = name.partition(".")[0] in CORE or name.startswith("_sysconfigdata")
        if not known and path is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Alone())
"""

_WORKS = """
from typing import Annotated
import heirloom as hl

seen = hl.Artifact("seen", [])
doubled = hl.Artifact("doubled", [])

@hl.task
def double(x: int) -> Annotated[int, doubled]:
    return 2 * x

@hl.workflow
def doubling(x: int = seen.query()):
    double(x=x)

hl.LaunchPlan.get_or_create("doubles", doubling, trigger=hl.OnArtifact(seen)).activate()
hl.publish(21, "seen", "# A card")
hl.settle()
print(hl.pull("doubled"), len(hl.search("card").versions), hl.get("seen").card.text)
print(hl.lineage("doubled", up=None, down=0))
"""

_MISSING = {
    'hl.pull_frame("seen")': ("This value needs pandas", "frames"),
    "hl.search().to_frame()": ("A frame needs pandas", "frames"),
    'hl.preview("seen").to_frame()': ("A frame needs pandas", "frames"),
    'hl.lineage("seen").to_networkx()': ("This graph needs networkx", "widgets"),
    "heirloom_widgets.Explorer": ("Panels need", "widgets"),
    'hl.run("page.ipynb")': ("Notebooks need nbformat", "notebooks"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the core alone has worked."""
    place = tmp_path_factory.mktemp("alone")
    assert _said(place, _WORKS) == (
        "42 1 # A card\ndoubled@1\n  workflow doubling\n    seen@1  (trigger)\n      publish seen\n"
    )
    (place / "page.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4}', "utf-8")
    return place


@pytest.mark.parametrize(("use", "said"), _MISSING.items())
def test_what_needs_more_says_what_installs_it(home: Path, use: str, said: tuple[str, str]) -> None:
    """One line of ours: what needs which library, and the extra that brings it."""
    printed = _said(
        home,
        "import heirloom as hl, heirloom_widgets\n"
        f"try: {use}\nexcept hl.errors.MissingExtra as error: print(error)",
    )
    begins, extra = said
    assert printed.startswith(begins)
    assert printed.endswith(f'pip install "jupyter-heirloom[{extra}]"\n')
    assert printed.count("\n") == 1


def _said(place: Path, code: str) -> str:
    """What a script prints in a process that has the core alone."""
    script = place / "page.py"
    script.write_text(_ALONE + code, "utf-8")
    env = {**os.environ, "HEIRLOOM_HOME": str(place / "home"), "HEIRLOOM_PROGRESS": "off"}
    done = subprocess.run(
        [sys.executable, str(script)], env=env, cwd=place, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
