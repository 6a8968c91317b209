"""The page on reliability says what the tests show, and nothing that they do not."""

from __future__ import annotations

import re
from pathlib import Path

from page import BEGIN, END, functions, table

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs/reliability.md").read_text()


def _tests() -> set[tuple[str, str]]:
    return set(re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", _PAGE))


def test_every_promise_names_its_tests() -> None:
    """Each of the eleven promises names a test."""
    for number in range(1, 12):
        (row,) = re.findall(rf"^\| R{number} \|.*$", _PAGE, re.MULTILINE)
        assert "`tests/" in row


def test_named_tests_are_there() -> None:
    """A test that the page names exists, by file and by name."""
    assert len(_tests()) > 20
    for path, name in _tests():
        assert (_ROOT / path).is_file(), path
        assert not name or name in functions(_ROOT / path), (path, name)


def test_figures_are_as_they_were_printed() -> None:
    """The table has a commit and a date, and says of each test what the test says of itself."""
    printed = _PAGE.partition(BEGIN)[2].partition(END)[0]
    assert re.search(
        r"(Printed by|Put together from parts of) `make deep` on \d{4}-\d\d-\d\d .* at commit "
        r"[0-9a-f]{7,}",
        printed,
    )
    rows = re.findall(r"^\| `(tests/.*)::(test_\w+)` \| (.*) \| (.*) \|$", printed, re.MULTILINE)
    assert len(rows) >= 10
    for path, name, said, counts in rows:
        assert functions(_ROOT / path)[name] == said
        assert re.fullmatch(r"(\w[\w ]* [\d,.a-z]+(, )?)+", counts)


def test_counts_of_cases_are_added_up() -> None:
    """A test of several cases has one row."""
    name = "tests/reliability/test_page.py::test_counts_of_cases_are_added_up"
    rows = table([{"test": f"{name}[{case}]", "points": 600, "silent": 0} for case in "ab"])
    assert rows[2:] == [
        f"| `{name}` | A test of several cases has one row. | points 1,200, silent 0 |"
    ]
