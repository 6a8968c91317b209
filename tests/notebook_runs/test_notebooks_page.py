"""docs/notebooks.md: its notebook runs, and each example prints what stands below it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heirloom.cli import main

_PAGE = (Path(__file__).parents[2] / "docs" / "notebooks.md").read_text("utf-8")
_BLOCK = re.compile(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", re.M | re.S)
_BOOK = re.compile(r"^```ipynb team.ipynb\n# parameters\n(.*?)^```$", re.M | re.S)
_ID = re.compile(r"\b[0-9a-z]{16}\b")
_SECONDS = re.compile(r"\b\d+\.\d\d\b")
_MARK = "# next"


@pytest.fixture
def team(write: Callable[..., Path]) -> Path:
    """The page's notebook."""
    (text,) = _BOOK.findall(_PAGE)
    first, *others = text.removesuffix("\n").split("\n# ---\n")
    return write("team", (first, "parameters"), *others)


@pytest.mark.kernel
def test_the_examples_print_what_the_page_shows(team: Path) -> None:
    """Run as one script, from the top, in a home of its own; ids and seconds aside."""
    blocks = _BLOCK.findall(_PAGE)
    assert len(blocks) == _PAGE.count("```python") > 1
    script = team.with_name("page.py")
    script.write_text(f"print({_MARK!r})\n".join(code for code, _ in blocks), "utf-8")
    env = {**os.environ, "HEIRLOOM_USER": "ada"}
    done = subprocess.run(
        [sys.executable, script], env=env, cwd=team.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = _SECONDS.sub("0.00", _ID.sub("ID", done.stdout))
    assert told.split(f"{_MARK}\n") == [shown for _, shown in blocks]


def test_its_notebook_is_a_module(team: Path, capsys: Any) -> None:
    """It exports, and nothing of it is left out."""
    out = team.with_suffix(".py")
    assert main(["export-module", str(team), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == []
    assert "@heirloom.task(name='forecast', kind='cell')" in out.read_text()


def test_its_names_are_of_the_front() -> None:
    """Every ``hl.`` name of the page is one."""
    import heirloom as hl

    for name in set(re.findall(r"\bhl\.(\w+)", _PAGE)):
        assert hasattr(hl, name), name
