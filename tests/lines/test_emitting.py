"""An emitting cell in a module: it does what the notebook does, and refuses what that refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.ipynb import Notebook
from heirloom.errors import DeclarationError
from heirloom.lines.module import Declared, Module, module_of


def _module(tmp_path: Path, *sources: str, declared: Declared = lambda name: None) -> Module:
    shape: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    cells = [shape | {"source": source} for source in sources]
    path = tmp_path / "team.ipynb"
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    )
    return module_of(Notebook.read(path), declared)


def test_a_preview_records_nothing(tmp_path: Path) -> None:
    """It is told as left out; neither its names nor the card that waits are taken by it."""
    made = _module(
        tmp_path, "%%card\n# Kept", "%%artifact s --preview\nx = 1", "%%artifact a\n2", "x"
    )
    assert made.left_out == ("cell 2: %%artifact --preview",)
    assert "# cell 2\n# %%artifact s --preview\n# x = 1\n" in made.text
    assert "heirloom.Artifact('a', []).create_from((2), heirloom.Card('# Kept'))" in made.text
    assert "'s'" not in made.text


def test_latest_is_listened_to_as_in_a_notebook(tmp_path: Path) -> None:
    """A plan starts on what comes; `@latest` is no version."""
    text = _module(tmp_path, "%%artifact f --from sales@latest --from costs@2 --on\n1").text
    asked = "{'sales': heirloom.Query.of(heirloom.ref('sales'))}"
    assert f"OnArtifact([heirloom.Query.of(heirloom.ref('sales'))], inputs={asked}" in text
    assert "default_inputs={'costs': heirloom.Query.of(heirloom.ref('costs@2'))}" in text


def test_a_shared_name_and_a_project_are_those_of_the_line(tmp_path: Path) -> None:
    """What is declared here under the name gives its keys, not whose it is."""
    known = hl.Artifact("a", ["k"])
    line = "%%artifact heirloom://other/a[k=1] --allow-shared\n1"
    text = _module(tmp_path, line, declared={"a": known}.get).text
    assert "heirloom.Artifact('a', ['k'], project='other', allow_shared=True)(k='1')" in text
    assert (known.project, known.allow_shared) == (None, False)


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("a@3", "emit 'a' without '@'"),
        ("a --format arow", "No codec for format 'arow'.*arrow"),
        ("a[time=2026-01-31]", "is given as --time 2026-01-31"),
        ("a --when version", "--when version goes with --on"),
        ("a --on", "--on has nothing to listen to"),
        ("a --from b@1 --on", "--on has nothing to listen to"),
    ],
)
def test_what_a_notebook_refuses_whatever_its_catalog_has(
    tmp_path: Path, line: str, refused: str
) -> None:
    """It is refused before anything is written, with the cell's number."""
    with pytest.raises(DeclarationError, match=f"^cell 1 of .*{refused}"):
        _module(tmp_path, f"%%artifact {line}\n1")
