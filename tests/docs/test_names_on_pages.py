"""What any page names of this repository is there: files, names of the front, modules."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl

_ROOT = Path(__file__).parents[2]
_PAGES = [*sorted((_ROOT / "docs").glob("*.md")), _ROOT / "README.md", _ROOT / "CONTRIBUTING.md"]
_FILE = re.compile(r"`((?:tests|docs|notebooks|bench|toolkit|widgets)/[\w/.-]+)`")
_FRONT = re.compile(r"(?<![\w.])hl\.([A-Za-z_]\w*)")
_DOTTED = re.compile(r"`(heirloom(?:_widgets)?(?:\.[a-z_]\w*)*\.[A-Za-z_]\w*)`")


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_is_there(page: Path) -> None:
    """A file of a test that was renamed, or a function that went, is found here."""
    text = page.read_text("utf-8")
    assert [name for name in _FILE.findall(text) if not (_ROOT / name).exists()] == []
    assert sorted(set(_FRONT.findall(text)) - set(hl.__all__)) == []
    assert [name for name in _DOTTED.findall(text) if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    """Whether it is a module, or what one holds, or an entry point's group."""
    if name in {"heirloom.codecs", "heirloom.panels"}:
        return True
    module, parts = name, list[str]()
    while True:
        try:
            found: Any = import_module(module)
        except ModuleNotFoundError:
            module, _, part = module.rpartition(".")
            parts.insert(0, part)
            if not module:
                return False
        else:
            break
    for part in parts:
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_a_law_or_a_promise_names_its_tests(page: Path) -> None:
    """Where a table has a column of tests, each row has one."""
    rows = page.read_text("utf-8").partition("| shown by |\n")[2].partition("\n\n")[0].splitlines()
    assert [row for row in rows[1:] if row.startswith("|") and "`tests/" not in row] == []
