"""docs/licences.md: all that installing Heirloom brings, and under what licence."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/licences.md"
FREE = re.compile(r"MIT|BSD|Apache|ISC|MPL|PSF|Python Software Foundation|Zlib|CC0|Dual License")
BINDING = re.compile(r"\bA?GPL|General Public|SSPL|Commons Clause|Proprietary|UNKNOWN")


def test_the_page_is_what_is_installed() -> None:
    """Each package of the core and of each extra, with the licence of the version in the lock."""
    done = subprocess.run(
        [sys.executable, "docs/licences.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert PAGE.read_text("utf-8") == done.stdout, "run: python docs/licences.py >docs/licences.md"


def test_none_binds_what_people_write_with_it() -> None:
    """Each names a permissive licence, or one for its own files; none a stronger one."""
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    said = [row for row in rows if row[0] != "package"]
    assert len(said) > 100
    assert [row for row in said if BINDING.search(row[1]) or not FREE.search(row[1])] == []
