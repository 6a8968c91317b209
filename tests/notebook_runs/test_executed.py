"""The notebook that an execution left: opened by one call, written, held against another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import heirloom as hl
from heirloom.cli import main
from heirloom.engine.executed import Executed
from heirloom.engine.notebook_diff import notebook_diff
from heirloom.errors import InputError, NotFound, StoreError

pytestmark = pytest.mark.kernel

PARAMETERS = ("n: int = 1", "parameters")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """A notebook that ran, was edited, and failed; their home, and the two executions."""
    place = tmp_path_factory.mktemp("executed")
    path = place / "team.ipynb"
    hl.connect(place / "home")
    _write(path, PARAMETERS, "print('at', object())", "n + 1", ("never", "skip-execution"))
    done = hl.run(path)
    _write(path, PARAMETERS, "print('at', object())", "n + 1\n1 / (n - 2)", "", "n")
    failed = hl.run(path, n=2, check=False)
    return place / "home", [done, failed]


def _write(path: Path, *cells: str | tuple[str, str]) -> None:
    made: list[Any] = [nbformat.v4.new_markdown_cell("# Team")]  # type: ignore[no-untyped-call]
    for at, each in enumerate(cells):
        source, *tags = (each,) if isinstance(each, str) else each
        cell = nbformat.v4.new_code_cell(source, id=f"c{at}", metadata={"tags": tags})  # type: ignore[no-untyped-call]
        made.append(cell)
    made[0]["id"] = "title"
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=made)))  # type: ignore[no-untyped-call]


@pytest.fixture
def opened(runs: tuple[Path, list[Any]]) -> list[Any]:
    """The two executions, their home connected."""
    hl.connect(runs[0])
    return runs[1]


def test_opened(opened: list[Any]) -> None:
    """Each cell with what became of it; a run that failed is kept as far as it came."""
    done, failed = (hl.executed(run) for run in opened)
    assert [(c.number, c.state) for c in done.cells] == [
        ("2", "ran"),
        ("inputs", "ran"),
        ("3", "ran"),
        ("4", "ran"),
        ("5", "skipped"),
    ]
    assert [(c.number, c.state) for c in failed.cells] == [
        ("2", "ran"),
        ("inputs", "ran"),
        ("3", "ran"),
        ("4", "failed"),
        ("5", "skipped"),
        ("6", "not run"),
    ]
    assert all(0 <= c.seconds < 60 for c in failed.cells if c.state == "ran" and c.seconds)
    title, header, *rows = repr(failed).splitlines()
    assert title == f"team {opened[1].id} failed"
    assert header.split() == ["cell", "state", "s"]
    assert rows[3].split() == ["4", "failed", rows[3].split()[2], "n", "+", "1…"]
    assert "<table" in failed._repr_mimebundle_()["text/html"]
    assert hl.executed(opened[0].id[:10]).notebook == done.notebook


def test_written(
    runs: Any, opened: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """As a file under its own name or another; what is there is not overwritten."""
    monkeypatch.chdir(tmp_path)
    run = opened[1]
    assert hl.executed(run).save() == Path(f"team-{run.id}.ipynb")
    written: Any = nbformat.read(tmp_path / f"team-{run.id}.ipynb", 4)  # type: ignore[no-untyped-call]
    assert written == hl.executed(run, to="mine.ipynb").notebook
    with pytest.raises(InputError, match=r"^'mine\.ipynb' is there already; nothing was written"):
        hl.executed(run, to="mine.ipynb")
    with pytest.raises(StoreError, match=r"^'none/mine\.ipynb' cannot be written: No such"):
        hl.executed(run, to="none/mine.ipynb")
    assert main(["--home", str(runs[0]), "log", run.id, "--notebook", "log.ipynb"]) == 0
    assert capsys.readouterr().out.endswith("the notebook as it ran: log.ipynb\n")
    assert (tmp_path / "log.ipynb").read_text() == (tmp_path / "mine.ipynb").read_text()


def test_diff(opened: list[Any]) -> None:
    """From the last run before it: cells whose text or outputs differ, and nothing else."""
    found: Any = hl.diff(opened[1])
    assert (found.a.id, found.b.id) == (opened[0].id, opened[1].id)
    assert [cell.title for cell in found.cells] == [
        "cell inputs (ran)",
        "cell 4 (ran → failed)",
        "cell 5 (skipped)",
        "cell 6 (new)",
    ]
    inputs, edited, _, _ = found.cells
    assert inputs.source.splitlines()[-2:] == ["-n = 1", "+n = 2"]
    assert edited.source.splitlines()[-1] == "+1 / (n - 2)"
    assert "-2" in edited.outputs.splitlines()
    assert "+ZeroDivisionError: division by zero" in edited.outputs
    assert repr(found) == f"<diff {found.title}: 4 cells differ>"
    assert "cell 4 (ran → failed)\n  --- source before" in found.to_text()
    assert "1 / (n - 2)" in found._repr_mimebundle_()["text/html"]

    same: Any = hl.diff(opened[0], opened[0])
    assert same.to_text() == f"{same.title}\nno difference"
    gone: Any = hl.diff(opened[1], opened[0])
    assert [cell.title for cell in gone.cells][-1] == "cell 6 (gone)"


def test_pictures_are_compared(opened: list[Any]) -> None:
    """By their content; in HTML that has a text beside it only the text is."""

    def shown(**data: str) -> Executed:
        output = nbformat.v4.new_output(
            "display_data", {k.replace("_", "/"): v for k, v in data.items()}
        )  # type: ignore[no-untyped-call]
        cell = nbformat.v4.new_code_cell("plot()", id="c", outputs=[output])  # type: ignore[no-untyped-call]
        return Executed(opened[0], nbformat.v4.new_notebook(cells=[cell]))  # type: ignore[no-untyped-call]

    def differ(a: Executed, b: Executed) -> int:
        return len(notebook_diff(a, b).cells)

    assert differ(shown(image_png="aa"), shown(image_png="aa")) == 0
    assert differ(shown(image_png="aa"), shown(image_png="ab")) == 1
    assert differ(shown(text_plain="t", text_html="a"), shown(text_plain="t", text_html="b")) == 0
    assert differ(shown(text_html="a"), shown(text_html="b")) == 1


def test_refused(opened: list[Any]) -> None:
    """What kept no notebook, the first of its notebook, and half a pair are one line each."""
    made = hl.publish(1, "one")
    one: Any = "one"
    with pytest.raises(NotFound, match=r"\(publish, succeeded\) kept no notebook"):
        hl.executed(made.execution_id)
    with pytest.raises(NotFound, match="is the first of its notebook: there is none before it"):
        hl.diff(opened[0])
    with pytest.raises(InputError, match=r"takes two versions, or an execution of a notebook"):
        hl.diff(one)
