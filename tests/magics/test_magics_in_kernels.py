"""The magics in a real kernel, driven as a front end drives it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import heirloom as hl

pytestmark = pytest.mark.kernel


def executed(*cells: str) -> list[list[Any]]:
    """The outputs of each cell, run by hand in a fresh kernel; their ids are c0, c1, c2."""
    book = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]  # nbformat's has no types
        cells=[
            nbformat.v4.new_code_cell(source, id=f"c{at}")  # type: ignore[no-untyped-call]
            for at, source in enumerate(cells)
        ]
    )
    client = NotebookClient(book, store_widget_state=False, allow_errors=True)
    asyncio.run(client.async_execute())
    return [cell.outputs for cell in book.cells]


@pytest.fixture(autouse=True)
def _same_heirloom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel imports the package that the tests import, installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(hl.__file__).parents[1]), prepend=os.pathsep)


def test_cells_by_hand() -> None:
    """Cells emit, await, read and fail in a kernel as they do in a shell, each its own root."""
    _, first, _, waited, failed, broken = executed(
        "%load_ext heirloom\nimport heirloom as hl",
        "%%artifact sales[region=emea] --card 'Daily'\n40 + 2",
        "value = hl.pull('sales')",
        "%%artifact double\nimport asyncio\nawait asyncio.sleep(0.01)\n2 * value",
        "%%artifact bad\n\n1 / 0",
        "%%artifact bad\n1 +",
    )

    kinds = [output.output_type for output in first]
    assert kinds == ["execute_result", "display_data"]
    assert first[0].data["text/plain"] == "42"
    assert "sales[region=emea]@1" in first[1].data["text/plain"]
    assert "<div" in first[1].data["text/html"]
    assert "double@1" in waited[-1].data["text/plain"]
    assert (failed[0].ename, broken[0].ename) == ("ZeroDivisionError", "SyntaxError")
    assert "magics" not in "".join(failed[0].traceback + broken[0].traceback)

    made = {each.name: each for each in hl.executions()}
    assert made["double"].state == "succeeded"
    assert [read.how for read in made["double"].all_reads()] == ["free-variable"]
    assert made["bad"].state == "failed"
    assert all(each.id == each.root_id for each in made.values())
