"""No file of the repository speaks of the machine that it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MACHINE = re.compile(r"/(work|farm|tmp|root|opt/pypi|opt/wheels)/\S|\.pyenv\b")
INDEX = re.compile(
    r"https?://\S*(/simple\b|/packages/[0-9a-f]{2}/)|--(extra-)?index-url|find-links"
)
ITSELF = Path(__file__).relative_to(ROOT)
WHOLE = 1024 * 1024


def _files() -> list[Path]:
    """What git tracks, and what it would add."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = sorted({Path(name) for name in listing.stdout.split("\0") if name})
    return [path for path in paths if path != ITSELF and (ROOT / path).is_file()]


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in _files():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="ignore")
        found += [
            f"{path}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_path_of_a_machine() -> None:
    """Nothing names a folder that other machines do not have, the notebooks' outputs included."""
    assert _lines_with(MACHINE) == []


def test_no_address_of_an_index() -> None:
    """Where packages come from is a setting of each machine."""
    assert _lines_with(INDEX) == []


def test_no_file_is_large() -> None:
    """A clone stays small: no file reaches a megabyte."""
    assert [str(path) for path in _files() if (ROOT / path).stat().st_size >= WHOLE] == []
