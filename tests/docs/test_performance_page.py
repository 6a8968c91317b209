"""docs/performance.md: a place for every part of ``make bench``, which fills it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench import __main__ as bench
from bench.page import write

_PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def test_every_part_has_been_taken() -> None:
    """Each part of the bench has its one block, with when, where and at least one row."""
    page = _PAGE.read_text("utf-8")
    blocks = re.findall(r"<!-- bench: (\w+) -->\n```\n(# [^\n]*)\n(.*?)```\n", page, re.S)
    assert sorted(room for room, _, _ in blocks) == sorted([*bench._ROOMS, bench._CATALOG])
    for room, taken, rows in blocks:
        assert re.match(r"# 20\d\d-\d\d-\d\d \d\d:\d\d UTC at \w{7}, Python ", taken), room
        assert rows.strip(), room


def test_a_part_is_written_anew(tmp_path: Path) -> None:
    """Only its own block changes; a page that has no place for it stays as it was."""
    page, other = tmp_path / "page.md", "b\n<!-- bench: two -->\n```\nx\n```\n"
    page.write_text(f"a\n<!-- bench: one -->\n```\nold\nrow\n```\n{other}")
    write(page, "one", ["new  1.00 ms"])
    text = page.read_text()
    assert re.match(r"a\n<!-- bench: one -->\n```\n# .*\nnew  1.00 ms\n```\nb\n", text)
    assert text.endswith(other)
    with pytest.raises(ValueError, match="no block behind <!-- bench: three -->"):
        write(page, "three", ["row"])
    assert page.read_text() == text
