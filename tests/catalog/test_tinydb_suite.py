"""TinyDB's own tests, from its source releases, run against our database."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

_HERE = Path(__file__).parent / "tinydb_suite"
_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs/tinydb.md"
_DIGEST = re.compile(r"^    ([0-9a-f]{64})  tinydb-([\d.]+)\.tar\.gz$", re.M)
_DIGESTS = {
    version: digest for digest, version in _DIGEST.findall((_HERE / "README.md").read_text("utf-8"))
}
_COUNTS = re.compile(r"^\| ([\d.]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.M)


def _unpacked(version: str, to: Path) -> Path:
    release = _HERE / f"tinydb-{version}.tar.gz"
    assert hashlib.sha256(release.read_bytes()).hexdigest() == _DIGESTS[version]
    with tarfile.open(release) as archive:
        archive.extractall(to, filter="data")
    return to / f"tinydb-{version}"


def _run(source: Path, page: Path, tests: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """TinyDB's tests on our database, differing as `page` says; where the counts are."""
    (source / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    counts = source / "counts.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "tinydb_on_journal", "-c", "pytest.ini", tests),
        ],
        cwd=source,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(map(str, [source, _ROOT / "toolkit", _HERE])),
            "TINYDB_COUNTS": str(counts),
            "TINYDB_DIFFERENCES": str(page),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done, counts


@pytest.mark.process
@pytest.mark.parametrize("version", sorted(_DIGESTS))
def test_tinydb_passes_its_own_tests_but_for_the_list(version: str, tmp_path: Path) -> None:
    """All but the differences of docs/tinydb.md pass, these fail as listed, the counts agree."""
    done, counts = _run(_unpacked(version, tmp_path), _PAGE, "tests")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    found = json.loads(counts.read_text())
    assert found.keys() == {"version", "passed", "different", "on our database"}
    passed, differ = found["passed"], found["different"]
    said = {row[0]: tuple(map(int, row[1:])) for row in _COUNTS.findall(_PAGE.read_text("utf-8"))}
    assert found["version"] == version
    assert said[version] == (passed + differ, passed, differ, found["on our database"])


def test_a_listed_difference_that_passes_fails_the_run(tmp_path: Path) -> None:
    """The list holds both ways: a test on it that passes is an error, as is one that is gone."""
    source = _unpacked(max(_DIGESTS, key=Version), tmp_path)
    page, row = tmp_path / "page.md", "| `test_operations.py::{}` | `AssertionError` | no |\n"
    page.write_text(row.format("test_increment"))
    done, _ = _run(source, page, "tests/test_operations.py")
    assert done.returncode != 0
    assert "XPASS(strict)" in done.stdout
    page.write_text(row.format("test_gone"))
    done, _ = _run(source, page, "tests/test_operations.py")
    assert done.returncode != 0
    assert "lists tests that are not there" in done.stdout + done.stderr


def test_the_oldest_and_the_newest_release_are_tested() -> None:
    """The releases are the lower bound of pyproject.toml and what requirements.lock installs."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirement = next(
        each for each in map(Requirement, project["dependencies"]) if each.name == "tinydb"
    )
    bound = next(each.version for each in requirement.specifier if each.operator == ">=")
    lock = (_ROOT / "requirements.lock").read_text("utf-8")
    locked = re.search(r"^tinydb==([\d.]+)", lock, re.M)
    assert locked is not None
    versions = sorted(map(Version, _DIGESTS))
    assert versions == [Version(bound), Version(locked[1])]
    assert requirement.specifier.contains(locked[1])
