"""The text of a notebook: its name, its digest, and files that are none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.ipynb import Notebook
from heirloom.errors import DeclarationError, MissingExtra, TargetNotFound, UserFault

Write = Callable[..., Path]


def change(path: Path, **changes: Any) -> None:
    """Change the first cell of a file."""
    doc = json.loads(path.read_text())
    doc["cells"][0] |= changes
    path.write_text(json.dumps(doc))


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("train", "train"),
        ("2-research", "research"),
        ("01_train model", "train-model"),
        ("2026-report", "_2026-report"),
        ("(été) draft", "été-draft"),
        ("7", "_7"),
        ("!", "notebook"),
    ],
)
def test_name(write: Write, stem: str, name: str) -> None:
    """A notebook is named after its file; a short number in front only orders files."""
    assert hl.notebook_workflow(write(stem)).name == name


def test_given_name(write: Write) -> None:
    """A name that is given is used, and must be one."""
    assert hl.notebook_workflow(write("train"), "teams/train").name == "teams/train"
    with pytest.raises(DeclarationError, match="'no name' is no name"):
        hl.notebook_workflow(write("train"), "no name")


@pytest.mark.parametrize(
    "changes",
    [
        {"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]},
        {"execution_count": 7},
        {"metadata": {"execution": {"iopub.execute_input": "then"}, "tags": ["hide-input"]}},
        {"source": ["1 +", " 1"]},
    ],
)
def test_digest_stays(write: Write, changes: dict[str, Any]) -> None:
    """Outputs, counts, timings and other tools' tags make no other version."""
    path = write("book", "1 + 1")
    before = Notebook.read(path)
    change(path, **changes)
    after = Notebook.read(path)
    assert after.digest == before.digest
    assert after.cells[0]["outputs"] == []
    assert after.cells[0]["execution_count"] is None


@pytest.mark.parametrize(
    "changes", [{"source": "1 + 2"}, {"metadata": {"tags": ["skip-execution"]}}]
)
def test_digest_changes(write: Write, changes: dict[str, Any]) -> None:
    """Other code, or a tag that says what runs, is another version."""
    path = write("book", "1 + 1")
    before = Notebook.read(path).digest
    change(path, **changes)
    assert Notebook.read(path).digest != before


def test_place_and_kernel_count(write: Write) -> None:
    """The same cells in another file or for another kernel are another version."""
    paths = [write("a", "1"), write("b", "1"), write("b", "1", kernelspec={"name": "other"})]
    notebooks = [Notebook.read(paths[0]), Notebook.read(paths[2])]
    write("b", "1")
    notebooks.append(Notebook.read(paths[1]))
    assert len({notebook.digest for notebook in notebooks}) == 3
    assert notebooks[1].kernel == "other"


def test_recorded(write: Write) -> None:
    """The recorded text gives the same notebook, without pictures pasted into text cells."""
    path = write("book", ("n = 1", "parameters"))
    picture = {"a.png": {"image/png": "AAAA"}}
    change(path, cell_type="markdown", attachments=picture)
    doc = json.loads(path.read_text())
    del doc["cells"][0]["outputs"], doc["cells"][0]["execution_count"]
    path.write_text(json.dumps(doc))
    notebook = Notebook.read(path)
    recorded = json.loads(json.dumps(notebook.to_doc()))
    again = Notebook.from_doc(recorded)
    assert (again.digest, again.name, again.path) == (notebook.digest, "book", str(path))
    assert recorded["kind"] == again.kind == "notebook"
    assert "attachments" in notebook.cells[0]
    assert "attachments" not in again.cells[0]
    assert again.bound is None


def test_old_files(tmp_path: Path) -> None:
    """A file of an older format is read; its cells have the same ids each time."""
    path = tmp_path / "old.ipynb"
    cell = {"cell_type": "code", "input": "1", "outputs": [], "language": "python", "metadata": {}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    path.write_text(json.dumps(old))
    assert [c["id"] for c in Notebook.read(path).cells] == ["cell-0"]
    assert Notebook.read(path).cells[0]["source"] == "1"


def test_injected_cells_go(write: Write) -> None:
    """A cell that an earlier run injected is no part of the notebook."""
    path = write("book", ("n = 1", "parameters"), ("n = 2", "injected-parameters"), "n")
    assert [cell["source"] for cell in Notebook.read(path).cells] == ["n = 1", "n"]


def test_missing_file(write: Write, tmp_path: Path) -> None:
    """A file that is not there is told with the nearest name beside it."""
    write("research")
    with pytest.raises(TargetNotFound, match=r"reserch\.ipynb'\. Did you mean 'research\.ipynb'\?"):
        hl.run(tmp_path / "reserch.ipynb")


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"nbformat": 4, "cells": [7]}', '{"nbformat": 3}', "\x00"]
)
def test_no_notebook(tmp_path: Path, text: str) -> None:
    """What is no notebook is one line."""
    path = tmp_path / "book.ipynb"
    path.write_text(text)
    with pytest.raises(DeclarationError, match=r"book\.ipynb' is no notebook: ") as caught:
        hl.notebook_workflow(path)
    assert "\n" not in str(caught.value)


def test_no_path() -> None:
    """What can be no path is one line."""
    with pytest.raises(DeclarationError, match=r"^A notebook is given by its path; got 3\.$"):
        hl.notebook_workflow(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"kernel": "hot"}, "kernel is one of fresh, warm; got 'hot'."),
        ({"timeout": 0}, "timeout= takes seconds or a timedelta, more than none; got 0."),
    ],
)
def test_options(write: Write, options: dict[str, Any], line: str) -> None:
    """What is no option is one line."""
    with pytest.raises(UserFault) as caught:
        hl.notebook_workflow(write("book"), **options)
    assert str(caught.value) == line


def test_options_are_code(write: Write) -> None:
    """How a notebook runs is recorded with its text, and makes another version of it."""
    path = write("book", "1")
    plain, warm, brief = (
        hl.notebook_workflow(path, **options).closure
        for options in ({}, {"kernel": "warm"}, {"timeout": timedelta(minutes=1)})
    )
    assert len({plain.digest, warm.digest, brief.digest}) == 3
    again = Notebook.from_doc(warm.to_doc())
    assert (again.warm, again.timeout, again.digest) == (True, None, warm.digest)
    assert Notebook.from_doc(brief.to_doc()).timeout == 60


@pytest.mark.parametrize("library", ["nbformat", "nbclient"])
def test_missing_library(write: Write, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Without the libraries, the error says what installs them, and nothing is recorded."""
    path = write("book", "1")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=r'pip install "jupyter-heirloom\[notebooks\]"'):
        hl.run(path)
    assert hl.executions() == []
