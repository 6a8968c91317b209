"""Notebooks in another language, here a shell's: they read and emit through the command line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import heirloom as hl
from heirloom.cli import main
from heirloom.errors import InputError, MissingExtra, NotebookFailed, NotSupported

from .conftest import Write

BASH = {"kernelspec": {"name": "bash", "language": "bash", "display_name": "Bash"}}
INPUTS = 'raw="heirloom://default/sales"\nregion=emea # where\nfactor=2\nhome=$(pwd)'
DOUBLE = """
heirloom pull "$raw" --to sales.txt
echo $(( $(cat sales.txt) * factor )) > "$region.txt"
"""
EMIT = 'heirloom publish "$region.txt" "doubled[region=$region]"'


@pytest.fixture(autouse=True)
def _bash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of bash, and ``heirloom`` among its commands."""
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    for name, language in {"bash": "bash", "old": "cobol"}.items():
        spec = tmp_path / "jupyter" / "kernels" / name
        spec.mkdir(parents=True)
        known = {"argv": argv, "display_name": name, "language": language}
        (spec / "kernel.json").write_text(json.dumps(known))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    verb = tmp_path / "bin" / "heirloom"
    verb.parent.mkdir()
    verb.write_text(f'#!/bin/sh\nexec {sys.executable} -m heirloom "$@"\n')
    verb.chmod(0o755)
    monkeypatch.setenv("PATH", str(verb.parent), prepend=os.pathsep)


def test_run(write: Write) -> None:
    """What its commands read and emit belongs to its run: edges, producer, executed copy."""
    hl.publish(21, "sales")
    run = hl.run(write("book", (INPUTS, "parameters"), DOUBLE, EMIT, **BASH))
    made = hl.get("doubled[region=emea]")
    assert Path(hl.pull(made).path).read_text() == "42\n"
    assert run.outputs == {"doubled": made}
    assert made.root_id == run.id
    lineage = hl.lineage(made, up=None, down=0)
    assert [edge.how for edge in lineage.edges if "sales" in edge.source] == ["derived"]
    assert run.inputs == {"raw": hl.get("sales"), "region": "emea", "factor": 2}
    cells = [step.path for step in hl.executions(root=run.id) if step.kind == "cell"]
    assert sorted(path.partition("/c")[2] for path in cells) == ["1/:pull", "2/:publish"]
    assert "raw=heirloom://default/sales@1" in hl.executed(run).notebook.cells[1].source


def test_given(write: Write) -> None:
    """Inputs are typed by the defaults that stand there; other lines stay the notebook's own."""
    hl.publish(1, "sales")
    hl.publish(5, "sales")
    book = hl.notebook_workflow(write("book", (INPUTS, "parameters"), DOUBLE, EMIT, **BASH))
    assert list(book.interface.inputs) == ["raw", "region", "factor"]
    hl.run(book, raw=hl.ref("sales@1"), region="apac", factor=3)
    assert hl.get("doubled").partitions == {"region": "apac"}
    assert Path(hl.pull("doubled").path).read_text() == "3\n"
    with pytest.raises(InputError, match="'factor' of 'book' takes int; got"):
        hl.run(book, factor="many")


def test_failed(write: Write) -> None:
    """A command that fails is a failed cell; the next attempt emits nothing twice."""
    flag = "test -e flag || { touch flag; false; }"
    again = "echo 1 > one.txt; heirloom publish one.txt one\nheirloom publish one.txt one"
    with pytest.raises(NotebookFailed, match=r"^cell 2 of 'book.ipynb' failed: 1$") as caught:
        hl.run(write("book", again, flag, **BASH))
    resumed = hl.resume(caught.value.execution.id)
    assert resumed.state == "succeeded"
    assert [version.version for version in resumed.outputs.values()] == [1, 2]
    assert hl.get("one").version == 2


def test_python_cell(write: Write) -> None:
    """A command in a Python notebook belongs to its run, too."""
    run = hl.run(write("book", "!echo 7 > seven.txt && heirloom publish seven.txt seven"))
    assert hl.get("seven").root_id == run.id
    assert list(run.outputs) == ["seven"]


def test_written_by_papermill(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can write the inputs, one line says why, and nothing has run."""
    book = write("book", ("n=1", "parameters"), "echo $n", **BASH)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "papermill.translators", None)
        with pytest.raises(MissingExtra, match="pip install papermill"):
            hl.run(book)
    unknown = {"name": "old", "language": "cobol", "display_name": "Cobol"}
    with pytest.raises(NotSupported, match="Nobody knows how cobol writes inputs"):
        hl.run(write("old", ("n=1", "parameters"), "echo $n", kernelspec=unknown))
    assert not list(hl.executions())


def test_version_of_a_number(write: Write) -> None:
    """A version of a number is one where the input is one."""
    hl.publish(9, "rate")
    run = hl.run(write("book", ("n=1", "parameters"), "echo $n", **BASH), n=hl.get("rate"))
    assert hl.executed(run).notebook.cells[2].outputs[0].text == "9\n"
    assert run.inputs == {"n": hl.get("rate")}


def test_no_module(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Only Python can become a module."""
    book = write("book", "echo 1", **BASH)
    assert main(["export-module", str(book)]) == 2
    assert "is written in bash; a module is Python." in capsys.readouterr().err


def test_elsewhere(tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is pointed at another home has no part in the run."""
    other = tmp_path / "other"
    run = hl.run(write("book", f"!echo 1 > a.txt; heirloom --home {other} publish a.txt a"))
    assert run.outputs == {}
    assert main(["--home", str(other), "--json", "show", "a"]) == 0
    assert json.loads(capsys.readouterr().out)["root_id"] != run.root_id
