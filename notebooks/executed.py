"""Notebooks run as a person runs them, and their committed outputs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["by_hand", "keep", "read", "told"]


def by_hand(path: Path, settings: Mapping[str, str] | None = None) -> Any:
    """Run a notebook outside of any execution; the notebook with its outputs.

    Args:
        path: The notebook; it runs in its own folder.
        settings: Of its kernel's environment, beside this process's.
    """
    from nbclient import NotebookClient

    client = NotebookClient(
        read(path),
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        coalesce_streams=True,  # else what is printed comes in as many pieces as it happens to
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    return client.execute(env={**os.environ, **(settings or {})})


def keep(book: Any, source: Path, to: Path) -> None:
    """Write the notebook at `source`, as it is there, with the outputs of its executed copy."""
    ran = {cell.id: cell for cell in book.cells if cell.cell_type == "code"}
    kept = read(source)
    for cell in kept.cells:
        if cell.id in ran:
            cell.outputs = [each for each in ran[cell.id].outputs if not _is_progress(each)]
            cell.execution_count = ran[cell.id].execution_count
    to.write_text(_v4().writes(kept) + "\n", "utf-8")


def read(path: Path) -> Any:
    """The notebook in a file."""
    return _v4().reads(path.read_text("utf-8"))


def told(book: Any) -> list[tuple[str, list[str]]]:
    """Each code cell with what it said, to two decimals: processors differ in the last ones."""
    return [
        (cell.source, [_said(output) for output in cell.outputs if not _is_progress(output)])
        for cell in book.cells
        if cell.cell_type == "code"
    ]


def _said(output: Any) -> str:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    text = str(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return re.sub(r"(\d+\.\d{2})\d+", r"\1", text)


def _is_progress(output: Any) -> bool:
    """Whether it tells how far a run has come: only what takes long is told of."""
    return "progress" in output.get("metadata", {}).get("heirloom", {})


def _v4() -> Any:
    """Nbformat's reader and writer, which have no types."""
    return import_module("nbformat.v4")
