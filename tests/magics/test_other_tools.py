"""The same cells where no JupyterLab is: nbconvert, plain IPython, another front end's kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor

import heirloom as hl

CELLS = (
    "%load_ext heirloom\nimport heirloom as hl",
    "%%artifact sales[region=emea] --card '# Daily'\n40 + 2",
    "%%card\n# Said of <script>alert(1)</script>",
    "%%artifact double --from sales[region=emea] --on\n2 * sales",
    "%artifact double",
    "%artifacts name=sales",
    "%lineage double",
    "%why double",
    "%trigger",
    "%heirloom",
)


@pytest.fixture(autouse=True)
def _same_heirloom(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is started imports the package that the tests import, installed or not."""
    paths = [str(Path(hl.__file__).parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


@pytest.mark.kernel
def test_nbconvert_executes_and_exports(tmp_path: Path) -> None:
    """What ``nbconvert --execute`` makes: each output has a text, and HTML without script."""
    made: Any = nbformat.v4
    book = made.new_notebook(cells=[made.new_code_cell(source) for source in CELLS])
    ExecutePreprocessor(timeout=60).preprocess(book, {"metadata": {"path": str(tmp_path)}})  # type: ignore[no-untyped-call]

    shown = [each.data for cell in book.cells for each in cell.outputs if "data" in each]
    assert all(cell.outputs for cell in book.cells[1:])
    assert all("text/plain" in data for data in shown)
    assert "<script" not in "".join(data.get("text/html", "") for data in shown)
    graph = next(cell for cell in book.cells if cell.source == "%lineage double").outputs[0].data
    assert "sales[region=emea]@1  (declared)" in graph["text/plain"]
    exporter: Any = HTMLExporter
    page, _ = exporter().from_notebook_node(book)
    for text in ("sales[region=emea]@1", "runs again on sales[region=emea]", "cell double"):
        assert text in page
    assert hl.pull("double") == 84


@pytest.mark.process
def test_plain_ipython(tmp_path: Path) -> None:
    """Magics work in a terminal, as text; nothing of a kernel or a panel is needed."""
    script = tmp_path / "cells.py"
    runs = "\n".join(f"get_ipython().run_cell({cell!r})" for cell in CELLS)
    script.write_text(f"from IPython import get_ipython\n{runs}\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "IPython",
            "--no-banner",
            "--colors=NoColor",
            "-c",
            f"%run {script}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for text in (
        "sales[region=emea]@1 int",
        "double@1 int · read sales@1 · runs again on sales[region=emea]",
        "<1 of 1 versions>",
        "it is the first of its partition values",
        "1 launch plan",
    ):
        assert text in done.stdout
    assert "<div" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_notebook_that_vs_code_tells(notebook: Any) -> None:
    """Its kernels are told the file by a name of the notebook's."""
    notebook.names["__vsc_ipynb_file__"] = "/team/sales.ipynb"
    notebook.run("%%artifact total\n42", id="W1")
    found = hl.anchor("total")
    assert found is not None
    assert (found.notebook, found.cell) == ("/team/sales.ipynb", "W1")
