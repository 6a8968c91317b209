"""What any page says to type can be typed: Python parses, verbs and magics have the options."""

from __future__ import annotations

import ast
import re
from argparse import ArgumentParser
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from heirloom.cli.parser import parser
from heirloom.lines.options import ALL

_ROOT = Path(__file__).parents[2]
_PAGES = [*sorted((_ROOT / "docs").glob("*.md")), _ROOT / "README.md", _ROOT / "CONTRIBUTING.md"]
_PYTHON = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.M | re.S)
_VERB = re.compile(r"(?:`|^ {4}|^\$ )heirloom ([a-z][a-z-]*)([^`\n]*)", re.M)
_MAGIC = re.compile(r"`(%%?[a-z_]+)( [^`\n]*)?`")
_FLAG = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)")


def _verbs() -> dict[str, ArgumentParser]:
    made = next(action for action in parser("0")._actions if isinstance(action.choices, dict))
    assert isinstance(made.choices, dict)
    return made.choices


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_the_python_of_a_page_parses(page: Path) -> None:
    """As a notebook reads it; cells that stand in one block are told apart by their marks."""
    reader = TransformerManager()  # type: ignore[no-untyped-call]
    for block in _PYTHON.findall(page.read_text("utf-8")):
        for cell in re.split(r"^# (?:next|gives)\n", block, flags=re.M):
            ast.parse(reader.transform_cell(cell))


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_the_verbs_of_a_page_have_those_options(page: Path) -> None:
    """Each ``heirloom VERB --option`` is one that the command line takes."""
    verbs = _verbs()
    for verb, rest in _VERB.findall(page.read_text("utf-8")):
        assert verb in verbs, f"heirloom {verb}"
        given = set(_FLAG.findall(rest.partition(" # ")[0]))
        assert given <= verbs[verb]._option_string_actions.keys(), f"heirloom {verb}{rest}"


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_the_magics_of_a_page_have_those_options(page: Path) -> None:
    """Each ``%magic --option`` of ours is one that its line takes."""
    for magic, rest in _MAGIC.findall(page.read_text("utf-8")):
        if magic in ALL:
            assert set(_FLAG.findall(rest)) <= set(ALL[magic].flags), magic + rest
