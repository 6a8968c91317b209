"""docs/tutorial.md and docs/how-to.md: what they quote of the notebooks stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from notebooks.executed import read
from notebooks.how_to.run import PAGES

_ROOT = Path(__file__).parents[2]
_TUTORIAL = (_ROOT / "docs" / "tutorial.md").read_text("utf-8")
_BLOCK = re.compile(r"^```python\n(.*?)\n```$(?:\n```text\n(.*?)\n```$)?", re.M | re.S)
_CELLS = [
    cell
    for path in sorted((_ROOT / "notebooks" / "tour").glob("*.ipynb"))
    for cell in read(path).cells
    if cell.cell_type == "code"
]


def test_the_tutorial_is_the_tour() -> None:
    """Each of its cells is one of the tour's, with the output that is shown."""
    blocks = _BLOCK.findall(_TUTORIAL)
    assert len(blocks) == _TUTORIAL.count("```python") > 5
    for source, shown in blocks:
        (cell,) = (cell for cell in _CELLS if cell.source == source)
        assert shown in _told(cell)


def test_the_tutorial_leads_to_every_notebook_of_the_tour() -> None:
    """Each is linked once."""
    tour = [f"notebooks/tour/{path.name}" for path in _ROOT.glob("notebooks/tour/*.ipynb")]
    linked = re.findall(r"\(\.\./(notebooks/tour/[\w-]+\.ipynb)\)", _TUTORIAL)
    assert sorted(linked) == sorted(tour)


def test_there_is_a_line_for_every_how_to() -> None:
    """Under its own title, in their order."""
    page = (_ROOT / "docs" / "how-to.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(.*?)\]\(\.\./notebooks/how_to/(.*?)\) \| \S", page, re.M)
    titles = [read(path).cells[0].source.partition("\n")[0].lstrip("# ") for path in PAGES]
    assert rows == list(zip(titles, [path.name for path in PAGES], strict=True))


def _told(cell: Any) -> str:
    """What a cell's outputs say as text."""
    texts = (o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)
    return "\n".join("".join(text) for text in texts)
