"""A notebook of ten cells with papermill, and with nbclient alone."""

from __future__ import annotations

from typing import Any

import nbformat
import papermill
from clock import place, tell
from nbclient import NotebookClient

TEN = place().parent / "ten.ipynb"


def with_papermill(n: int) -> None:
    """With a parameter; the executed copy is kept."""
    out = place() / f"ten-{n}.ipynb"
    papermill.execute_notebook(TEN, out, parameters={"n": n}, progress_bar=False)


def bare(n: int) -> None:
    """Nothing but the cells."""
    book: Any = nbformat.read(TEN, 4)  # type: ignore[no-untyped-call]
    NotebookClient(book, resources={"metadata": {"path": str(TEN.parent)}}).execute()


tell({"bare": (7, bare), "notebook": (7, with_papermill)})
