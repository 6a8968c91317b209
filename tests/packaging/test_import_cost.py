"""`import heirloom` brings nothing heavy with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "IPython",
    "anywidget",
    "heirloom_widgets",
    "ipywidgets",
    "matplotlib",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "pyarrow",
    "pyvis",
    "sklearn",
    "skops",
)


def _loaded(statement: str) -> set[str]:
    """The top-level modules that a new interpreter has after `statement`."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["heirloom", "heirloom.flyte", "heirloom.cli"])
def test_the_front_loads_no_heavy_package(module: str) -> None:
    """Frames, arrays, notebooks, widgets and pictures are imported by what needs them, then."""
    assert _loaded(f"import {module}").intersection(HEAVY) == set()
