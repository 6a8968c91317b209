"""docs/extending.md: its contracts can be subclassed as it says, its executor runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

_PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text("utf-8")
_BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n```text\n(.*?)^```$)?", re.M | re.S)
pytestmark = pytest.mark.process


def test_the_executor_runs(tmp_path: Path) -> None:
    """As a script in a home of its own, it prints what the page shows."""
    ((code, shown),) = (block for block in _BLOCK.findall(_PAGE) if block[1])
    script = tmp_path / "page.py"
    script.write_text(code, "utf-8")
    env = {**os.environ, "HEIRLOOM_HOME": str(tmp_path / "home")}
    done = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (shown, "")


def test_the_contracts_pass(tmp_path: Path) -> None:
    """Each class of tests on the page, as a file of tests, passes: a few of its many here."""
    blocks = [code for code, shown in _BLOCK.findall(_PAGE) if not shown]
    assert len(blocks) == 2
    for at, code in enumerate(blocks):
        (tmp_path / f"test_ours_{at}.py").write_text(code, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-k", "bytes_come or again"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", tmp_path, tmp_path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ passed, \d{3} deselected", done.stdout, re.M), done.stdout
