"""docs/lineage.md: what it shows is what happens, and what it says is lost, is lost."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from marked import marks_in
from plain_notebook import PlainNotebook

from heirloom.records.executions import HOWS

_PAGE = (Path(__file__).parents[2] / "docs/lineage.md").read_text("utf-8")
_BLOCK = re.compile(r"^```python (told|lost)\n(.*?)# gives\n(.*?)\n```$", re.M | re.S)


def test_the_example_prints_what_the_page_shows(notebook: Any) -> None:
    """Cell by cell, in a real shell."""
    found = re.search(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", _PAGE, re.M | re.S)
    assert found is not None
    for cell in found[1].split("# next\n"):
        notebook.run(cell)
    assert notebook.text == found[2]


def test_every_way_to_know_an_edge_is_told() -> None:
    """In the order in which the records have them."""
    table = _PAGE[_PAGE.index("| `how` |") :].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `([\w-]+)` \|", table, re.M)[1:]) == HOWS


@pytest.mark.parametrize(("how", "cells", "result"), _BLOCK.findall(_PAGE))
def test_what_is_not_seen_is_as_the_page_says(
    monkeypatch: pytest.MonkeyPatch, how: str, cells: str, result: str
) -> None:
    """A source that gets into a value is lost, and is told of or not."""
    notebook = PlainNotebook()
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    vars(sys.modules["__main__"]).update(notebook.names)
    for cell in cells.split("# next\n"):
        notebook.run(cell)
    value, traced = notebook.value(result)
    assert marks_in(value) == {"s"}
    assert "s" not in traced.items
    assert bool(traced.unknown) == (how == "told")
