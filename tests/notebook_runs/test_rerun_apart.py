"""Runs of notebooks and of scripts, run again in a clean process; how the environment differs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import InputError

pytestmark = pytest.mark.kernel


def test_a_notebook_run_again(write: Callable[..., Path]) -> None:
    """Its recorded text and versions, though the file is another by now; or the latest; or mine."""
    hl.publish(10, "sales")
    path = write(
        "team",
        ("import heirloom as hl\nsales: int = hl.ref('sales')\nn: int = 2", "parameters"),
        "%%artifact total\nsales * n",
    )
    done = hl.run(path)
    path.unlink()
    hl.publish(20, "sales")

    again = hl.rerun(done)
    assert (again.kind, again.rerun_of, again.root_id) == ("notebook", done.id, again.id)
    assert again.code_version == done.code_version
    assert again.inputs["sales"] == hl.get("sales@1")
    assert hl.pull("total@2") == 20
    assert hl.get("total@2").root_id == again.id

    assert hl.rerun(done, latest=True, n=3).inputs["sales"] == hl.get("sales@2")
    assert hl.pull("total@3") == 60
    before = hl.current().catalog.position()
    with pytest.raises(InputError, match="'n' of 'team' takes int; got str"):
        hl.rerun(done, n="three")
    assert hl.current().catalog.position() == before


SCRIPT = """
import heirloom as hl
import packaging.version
OFFSET = 2
def helper(x): return x + OFFSET + packaging.version.parse("0").major
@hl.task
def scripted(x: int) -> int: return helper(x)
print("only when it is run")
scripted(x=1)
"""


def test_a_scripts_task_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    """Its definitions from the record, in a process of its own, the script gone; each once told."""
    import importlib.metadata

    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert ran.stdout == "only when it is run\n"
    script.unlink()
    (done,) = hl.executions(name="scripted")

    again: Any = hl.rerun(done, x=5)
    assert (again.rerun_of, again.outputs) == (done.id, {"o0": 7})
    assert not recwarn.list

    place = tmp_path / "site" / "packaging-0.1.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: packaging\nVersion: 0.1\n")
    was = importlib.metadata.version("packaging")
    monkeypatch.setenv("PYTHONPATH", str(place.parent), prepend=":")
    with pytest.warns(UserWarning, match=rf"^rerun: packaging was {was}, is 0\.1$"):
        assert hl.rerun(done).outputs == {"o0": 3}
    command = [sys.executable, "-m", "heirloom", "rerun", done.id]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[1:] == [
        f"again    {done.id}",
        f"differs  packaging was {was}, is 0.1",
    ]
