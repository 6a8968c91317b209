"""docs/grammar.md: every example parses, every error is the one that is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import heirloom as hl
from heirloom.errors import RefError
from heirloom.records.clauses import OPERATORS
from heirloom.records.names import OPTION_NAMES, RESERVED_KEYS
from heirloom.records.payloads import KINDS
from heirloom.records.refs import Ref, parse_query_string
from heirloom.records.search import parse_search
from heirloom.records.search_tree import FIELDS, STATES

_PAGE = (Path(__file__).parents[2] / "docs" / "grammar.md").read_text("utf-8")


def _rows(heading: str) -> dict[str, str]:
    """The table under a heading: what stands in backticks, and what is said of it."""
    table = _PAGE.partition(f"| {heading} | ")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `(.*?)` \| (.*) \|$", table, re.M))


@pytest.mark.parametrize("text", _rows("ref"))
def test_a_ref_comes_back_as_text(text: str) -> None:
    """It is read, and its text means the same."""
    ref = hl.ref(text)
    assert str(ref).replace(" ", "") == text.replace(" ", "")
    assert hl.ref(str(ref)) == ref


@pytest.mark.parametrize(("text", "shown"), _rows("text").items())
def test_what_is_refused_says_where(text: str, shown: str) -> None:
    """The message is the page's, word for word."""
    with pytest.raises(RefError) as caught:
        hl.ref(text)
    assert str(caught.value) == shown


@pytest.mark.parametrize(("clause", "python"), _rows("clause").items())
def test_python_spells_the_same(clause: str, python: str) -> None:
    """A clause, and the query that is written in Python, are one tree."""
    query = eval(python.strip("`"), {"hl": hl, "sales": hl.Artifact("sales")})
    assert query.clauses == Ref.parse(f"sales[{clause}]").clauses


@pytest.mark.parametrize("line", _rows("search"))
def test_a_search_line_parses(line: str) -> None:
    """It is read to its end."""
    parse_search(line)


def test_the_words_are_the_code_s() -> None:
    """Keys of searches, states, kinds, operators and reserved words: all of them, no other."""
    keys = _rows("key")
    assert tuple(keys) == FIELDS
    assert tuple(re.findall(r"`(\w+)`", keys["is"])) == STATES
    assert tuple(re.findall(r"`(\w+)`", keys["kind"])) == KINDS
    assert all(f'"{operator}"' in _PAGE for operator in OPERATORS)
    reserved, options = re.findall(r"(?:Reserved|options): `([\w ]+)`", _PAGE)
    assert set(reserved.split()) == RESERVED_KEYS
    assert set(options.split()) == OPTION_NAMES


def test_the_command_line_s_form_is_the_same_ref() -> None:
    """With question mark and ampersand, as the page has it."""
    plain = re.findall(r"`(sales\?\S+)` for\n`(sales\[\S+\])`", _PAGE)
    assert [parse_query_string(text) for text, _ in plain] == [ref for _, ref in plain]
    assert plain
