"""Small notebooks, written where a test wants them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import heirloom

Cell: TypeAlias = str | tuple[str, str]
Write: TypeAlias = Callable[..., Path]


@pytest.fixture(autouse=True)
def _same_heirloom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels import the package that the tests import, installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(heirloom.__file__).parents[1]), prepend=os.pathsep)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write("name", cell, (cell, tag), …)`` gives the path of a notebook of code cells."""

    def make(name: str, *cells: Cell, **metadata: Any) -> Path:
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(notebook(*cells, **metadata)), encoding="utf-8")
        return path

    return make


def notebook(*cells: Cell, **metadata: Any) -> dict[str, Any]:
    """A notebook's JSON; its cells are known as ``c0``, ``c1`` and so on."""
    made: list[dict[str, Any]] = []
    for at, cell in enumerate(cells):
        source, *tags = (cell,) if isinstance(cell, str) else cell
        made.append(
            {
                "id": f"c{at}",
                "cell_type": "code",
                "source": source,
                "metadata": {"tags": tags},
                "outputs": [],
                "execution_count": None,
            }
        )
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}
