"""What ``?`` says of a magic, and what ``docs/magics.md`` says of it, are the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from heirloom.lines.options import ALL
from heirloom.magics.cell import CellMagics
from heirloom.magics.line import LineMagics

PAGE = (Path(__file__).parents[2] / "docs" / "magics.md").read_text("utf-8")
SECTIONS = {
    heading: text
    for heading, text in re.findall(
        r"^## `(%%?\w+)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
}


def test_every_magic_has_its_section() -> None:
    """The page has one for each magic that is registered, and no other."""
    cells = {f"%%{name}" for name in CellMagics.magics["cell"]}
    lines = {f"%{name}" for name in LineMagics.magics["line"]}
    assert set(SECTIONS) == set(ALL) == cells | lines


@pytest.mark.parametrize("magic", ALL)
def test_a_section_has_the_usage_and_every_option(magic: str) -> None:
    """The usage line is the same text; the table has each option of the help, and no other."""
    options = ALL[magic]
    usage = options.format_usage().removeprefix("usage: ").rstrip()
    assert f"```\n{usage}\n```" in SECTIONS[magic]
    rows = re.findall(r"^\| (`-.*?`) \|", SECTIONS[magic], re.MULTILINE)
    told = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(rows))
    assert sorted(told) == sorted(set(options.flags) - {"--help"})
    assert all(flag in options.help() for flag in told)


@pytest.mark.parametrize("magic", ALL)
def test_help_is_shown_and_nothing_runs(notebook: Any, magic: str) -> None:
    """``--help`` and ``?`` show the text of the options."""
    body = "\nran = 1" if magic.startswith("%%") else ""
    notebook.run(f"{magic} --help{body}")
    assert notebook.notice == ALL[magic].help()
    assert "ran" not in notebook.names
    found = notebook.shell.object_inspect_text(magic)
    assert ALL[magic].help().splitlines()[0] in found


def test_the_twins_are_of_the_front() -> None:
    """Every ``hl.`` name of the page is one."""
    import heirloom as hl

    for name in set(re.findall(r"hl\.(\w+)", PAGE)):
        assert hasattr(hl, name), name
