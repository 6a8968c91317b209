"""A skipped test is named, and in CI it fails the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SKIPPING = """
import pytest

@pytest.mark.browser
def test_in_a_browser():
    assert True

@pytest.mark.skip(reason="by its mark")
def test_marked():
    assert True

def test_in_its_body():
    pytest.skip("in its body")

@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    assert False

def test_running():
    assert True
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Tests under this project's conftest: five in one file, and a file that skips itself."""
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    (tmp_path / "test_some.py").write_text(SKIPPING)
    whole = "import pytest\npytest.skip('the whole file', allow_module_level=True)\n"
    (tmp_path / "test_whole.py").write_text(whole)
    return tmp_path


def _run(suite: Path, **env: str) -> tuple[int, str]:
    """Exit status and output of a run of `suite` on a machine without a Chromium."""
    options = ["-rs", "--no-fold-skipped", "--continue-on-collection-errors"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    without = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        command,
        cwd=suite,
        env={**without, "HEIRLOOM_CHROMIUM": "/no/chromium", **env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def test_on_a_persons_machine_skips_are_named(suite: Path) -> None:
    """Outside CI the run passes, and says which tests were skipped and why."""
    status, output = _run(suite)
    assert status == 0
    assert "1 passed, 4 skipped, 1 xfailed" in output
    assert "SKIPPED test_some.py::test_in_a_browser - " in output


def test_in_ci_a_skip_fails_the_run(suite: Path) -> None:
    """In CI each skipped test and each skipped file is an error or a failure, with its reason."""
    status, output = _run(suite, CI="true")
    assert status != 0
    assert "skipped" not in output.splitlines()[-1]
    assert output.count("CI lets nothing skip: ") == 4
    for reason in ("no Chromium", "by its mark", "in its body", "the whole file"):
        assert f"Skipped: {reason}" in output
