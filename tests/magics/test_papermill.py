"""papermill runs a notebook with Heirloom's magics as any other, with its own inputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

import heirloom as hl

_format: Any = nbformat
pytestmark = pytest.mark.kernel


def test_papermill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells emit what papermill's inputs make; the copy that it keeps has each line."""
    here = str(Path(hl.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", here, prepend=os.pathsep)
    cells = [
        _format.v4.new_code_cell("region = 'emea'", metadata={"tags": ["parameters"]}),
        _format.v4.new_code_cell("%load_ext heirloom"),
        _format.v4.new_code_cell("%%artifact sales[region={region}]\n40 + 2"),
        _format.v4.new_code_cell("%%artifact double --from sales\n2 * sales"),
        _format.v4.new_code_cell("%lineage double"),
    ]
    spec = {"name": "python3", "language": "python", "display_name": "Python"}
    book = _format.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
    _format.write(book, tmp_path / "book.ipynb")
    papermill.execute_notebook(
        tmp_path / "book.ipynb",
        tmp_path / "out.ipynb",
        parameters={"region": "apac"},
        progress_bar=False,
    )
    assert hl.pull("double") == 84
    assert hl.get("sales").partitions == {"region": "apac"}
    shown = _format.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs[0].data
    assert "sales[region=apac]@1  (declared)" in shown["text/plain"]
    assert "<script" not in shown["text/html"]
