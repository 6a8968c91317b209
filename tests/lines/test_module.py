"""A notebook as a plain module: what it says, and that it runs with no IPython."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.cli import main
from heirloom.engine.ipynb import Notebook
from heirloom.errors import DeclarationError
from heirloom.lines.module import module_of

CELLS = (
    "%load_ext heirloom\n%matplotlib inline\nimport math\nimport heirloom as hl",
    "FACTOR = 2\ndef scale(n):\n    return n * FACTOR",
    "%%task doubled(n: int) -> measurements\nscaled = scale(n)\nscaled + 0",
    "doubled(n=3)",
    "%%workflow twice(n: int = measurements)\ndoubled(n=doubled(n=n))",
    "%run_workflow twice -p n=5",
    "%%card\nMade of {FACTOR + 1} with {{braces}}",
    "%%artifact sales[region=emea] --time 2026-01-31\n"
    "table = [1, 2]\nrest = table\ntable + [FACTOR]",
    "print('table', table, rest)",
    "CARD = 'A name'",
    "%%artifact total --from sales[region=emea] --card CARD --on\nround(math.fsum(sales))",
    "print('sales', sales)",
    ("1 / 0", "raises-exception"),
    ("never", "skip-execution"),
    ("%%artifact broken --from total\n'''\n  kept'''\ntotal / 0", "raises-exception"),
    "%pull total --as n\nm = %pull measurements@1\ndisplay(n)\nprint('pulled', n, m)",
    "%%bash\necho only a notebook can",
    "!ls\nlen?\n%trigger total off",
    "import datetime\n@hl.task\ndef dated(day: datetime.date, code: str, x: float) -> None:\n"
    "    print(day.year, code + '!', x)",
    "%run_workflow dated -p day=2026-01-31 -p code=7 -p x=NaN\n%run_workflow dated",
    "%run_workflow total --from sales=sales",
)
BLOCKED = """
import runpy, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("IPython", "ipykernel", "nbclient", "nbformat"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def _write(path: Path, *cells: str | tuple[str, str]) -> Path:
    made: list[dict[str, Any]] = [{"cell_type": "markdown", "source": "# Team", "metadata": {}}]
    for each in cells:
        source, *tags = (each,) if isinstance(each, str) else each
        cell = {"cell_type": "code", "source": source, "metadata": {"tags": tags}}
        made.append(cell | {"outputs": [], "execution_count": None})
    doc = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made}
    path.write_text(json.dumps(doc))
    return path


def _module(tmp_path: Path, *cells: str | tuple[str, str]) -> str:
    notebook = Notebook.read(_write(tmp_path / "team.ipynb", *cells))
    return module_of(notebook, lambda name: None).text


@pytest.mark.process
def test_it_runs_with_no_ipython(tmp_path: Path, capsys: Any) -> None:
    """Tasks, workflows, cells and plans do what they do in the notebook; their names stay."""
    path = _write(tmp_path / "team.ipynb", *CELLS)
    out = tmp_path / "team.py"
    assert main(["export-module", str(path), "-o", str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"written  {out}",
        "left out cell 2: %matplotlib",
        "left out cell 18: %%bash",
        "left out cell 19: !ls",
        "left out cell 19: len?",
    ]
    ran = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(out)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(hl.__file__).parents[1])},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "table [1, 2] [1, 2]",
        "sales [1, 2, 2]",
        "5",
        "pulled 5 6",
        "2026 7! nan",
    ]
    assert ran.stderr.count("\nZeroDivisionError") == 2
    assert [run.bound for run in hl.executions(name="broken", state="failed")] == [None]
    sales = hl.get("sales")
    assert (dict(sales.partitions), str(sales.time_partition)[:10]) == (
        {"region": "emea"},
        "2026-01-31",
    )
    assert sales.card is not None
    assert sales.card.text == "Made of 3 with {braces}"
    assert hl.get("total").version == 2
    total = hl.get("total@1")
    assert total.card is not None
    assert total.card.text == "A name"
    made_by = hl.execution(total.execution_id)
    assert (made_by.kind, made_by.inputs["sales"]) == ("cell", sales)
    assert [hl.pull(f"measurements@{n}") for n in (1, 2, 3)] == [6, 10, 20]
    (plan,) = hl.plans()
    assert (plan.name, plan.is_active) == ("total", False)


def test_what_it_says(tmp_path: Path) -> None:
    """Cells in their order, each under its number; what needs no change is as it was."""
    text = _module(tmp_path, "%load_ext heirloom", "x = '''\n%keep\n'''", "%%artifact a\nx")
    assert text == (
        '"""team.ipynb as a module, written by heirloom export-module."""\n\n'
        "import heirloom\n\n\n"
        "# cell 2\n# %load_ext heirloom\n\n\n"
        "# cell 3\nx = '''\n%keep\n'''\n\n\n"
        "# cell 4\n@heirloom.task(name='a', kind='cell')\n"
        "def cell_a() -> heirloom.Artifact('a', []):\n    return x\n\n\ncell_a()\n"
    )


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("%pull a@1 --type dict --as x", "x = heirloom.pull('a@1', as_='dict')"),
        (
            "%pull a --to there --allow-pickle",
            "heirloom.pull('a', to='there', allow_pickle=True)",
        ),
        ("%pull a --frame", "heirloom.pull_frame('a')"),
        ("%run_workflow w.ipynb --locked", "heirloom.run('w.ipynb', locked=True)"),
        ("r = %run_workflow nightly --now", "r = heirloom.run('nightly')"),
        (
            "%run_workflow nightly",
            "None if heirloom.launch_form('nightly').fields else heirloom.run('nightly')",
        ),
        (
            "%run_workflow nightly -p n=7 --from x=sales@1",
            "heirloom.run('nightly', {**heirloom.launch_form('nightly').read({'n': '7'}), "
            "'x': heirloom.get('sales@1')})",
        ),
        ("%trigger p on", "heirloom.plan('p').activate(missed='none')"),
        (
            "%trigger p on --version 2 --missed each",
            "heirloom.plan('p').activate(version=2, missed='each')",
        ),
        ("%trigger p approve --version 2", "heirloom.plan('p').approve(version=2)"),
        ("%trigger p backfill --since 7d", "heirloom.plan('p').backfill(since='7d')"),
    ],
)
def test_a_magic_of_one_line_keeps_its_options(tmp_path: Path, line: str, call: str) -> None:
    """The module does what the line did in the notebook."""
    assert _module(tmp_path, line).endswith(f"# cell 2\n{call}\n")


def test_a_magic_in_a_block_is_a_call_in_the_block(tmp_path: Path) -> None:
    """As deep as it stood; what only a notebook can do is a statement that does nothing."""
    body = "if x:\n    %pull sales --as s\n    t = %pull total@1\nelse:\n\t%lineage sales\n\t!ls"
    assert _module(tmp_path, "x = 1", body).endswith(
        "if x:\n    s = heirloom.pull('sales')\n    t = heirloom.pull('total@1')\n"
        "else:\n\tpass  # %lineage sales\n\tpass  # !ls\n"
    )
    emitted = _module(tmp_path, "%%artifact a\nif 1:\n    %pull sales --as s\nx = s")
    assert "    if 1:\n        s = heirloom.pull('sales')\n" in emitted


def test_what_only_looks_like_a_magic_stays(tmp_path: Path) -> None:
    """A line that goes on with a string, with brackets or behind a backslash is Python."""
    body = "%matplotlib inline\ny = (3\n     % 2)\nz = '''\n%pull a\n'''\nq = 3 \\\n % 2"
    assert _module(tmp_path, body).endswith(f"# {body}\n")


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["x = (\n"], r"^cell 2 of 'team\.ipynb' cannot be a module's: is no Python"),
        (["if x: %pull sales"], r"is no Python: invalid syntax \(line 1: 'if x: %pull sales'\)"),
        (["%%artifact a\nif x:\n    %pull"], r"^cell 2 .*: line 3 \('%pull'\): .*required: REF"),
        (["get_ipython()"], r"get_ipython is a notebook's alone"),
        (["import asyncio\nawait asyncio.sleep(0)"], r"cannot be a module: 'await' outside"),
        (["x = 1\n\f\n\f\nawait x"], r"cannot be a module: .*\('await x'\)"),
        (
            ["r = 'emea'", "%%artifact a[region={r}]\n1"],
            r"^cell 3 .*: \{r\} on its line",
        ),
        (["%pull"], r"^cell 2 .*required: REF"),
        (["%run_workflow w -p n"], r"^cell 2 .*-p takes name=value; got 'n'"),
        (["%trigger p off --missed each"], r"^cell 2 .*--missed goes with on; got 'off'"),
        (["%%artifact a --crad x\n1"], r"^cell 2 .*no option '--crad'. Did you mean '--card'"),
        (["%%artifact a\nx = 1; y = 2\nprint"], None),
        (["%%artifact a\nfor x in []: pass"], r"^cell 2 .*gives no value"),
        (["%%task (n)\n1"], r"^cell 2 .*takes a name with a signature"),
        (["%%card\n{1 +}"], r"^cell 2 .*\{1 \+\} is no expression"),
    ],
)
def test_what_cannot_be_one(tmp_path: Path, cells: list[str], line: str | None) -> None:
    """One line names the cell and says why."""
    if line is None:
        assert "return print" in _module(tmp_path, *cells)
        return
    with pytest.raises(DeclarationError, match=line) as caught:
        _module(tmp_path, *cells)
    assert "\n" not in str(caught.value)


def test_a_file_of_somebody_is_not_written_over(tmp_path: Path, capsys: Any) -> None:
    """Only what was written by this verb is written anew; without a file it is printed."""
    path = _write(tmp_path / "team.ipynb", "x = 1")
    mine = tmp_path / "mine.py"
    mine.write_text("x = 2\n")
    assert main(["export-module", str(path), "-o", str(mine)]) == 2
    assert "is there, and was not written by heirloom export-module" in capsys.readouterr().err
    assert mine.read_text() == "x = 2\n"
    for place in (tmp_path, tmp_path / "none" / "team.py"):
        assert main(["export-module", str(path), "-o", str(place)]) == 2
        assert f"{str(place)!r} cannot be written: " in capsys.readouterr().err
    for _ in range(2):
        assert main(["export-module", str(path), "-o", str(tmp_path / "team.py")]) == 0
    capsys.readouterr()
    assert main(["export-module", str(path)]) == 0
    assert capsys.readouterr().out == (tmp_path / "team.py").read_text()
