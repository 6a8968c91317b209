"""README.md: its ten minutes, cell by cell, as a new user has them."""

from __future__ import annotations

import re
from pathlib import Path

import nbclient
import nbformat
import pytest

_PAGE = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
_BLOCK = re.compile(r"^```python\n(.*?)\n```$(?:\n```text\n(.*?)\n```$)?", re.M | re.S)


@pytest.mark.kernel
def test_the_ten_minutes_say_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kernel of its own with an empty home; nothing is needed that the page does not give."""
    monkeypatch.chdir(tmp_path)
    blocks = _BLOCK.findall(_PAGE)
    assert len(blocks) == _PAGE.count("```python") > 5
    book = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    book.cells = [nbformat.v4.new_code_cell(source) for source, _ in blocks]  # type: ignore[no-untyped-call]
    nbclient.NotebookClient(book, timeout=60).execute()
    for cell, (_, shown) in zip(book.cells, blocks, strict=True):
        told = "\n".join(o.get("text") or o.data["text/plain"] for o in cell.outputs)
        assert shown in told


def test_it_leads_to_the_documentation() -> None:
    """Every link and picture is there."""
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", _PAGE)
    assert len(links) > 8
    root = Path(__file__).parents[2]
    assert [link for link in links if not (root / link).is_file()] == []
