"""A notebook that failed, resumed: what its cells emitted stands, and is emitted once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import TaskFailed

pytestmark = pytest.mark.kernel


def test_the_next_attempt_emits_nothing_twice(write: Callable[..., Path], tmp_path: Path) -> None:
    """Each cell's body runs again, for its names; what was committed is what it gets back.

    It is given the versions that the first attempt was given, whatever is the latest by then.
    """
    hl.publish(10, "source")
    path = write(
        "team",
        ("import heirloom as hl\nsource: int = hl.ref('source')", "parameters"),
        "from pathlib import Path\n"
        "with open('log', 'a') as log: log.write('x')\n"
        "ran = len(Path('log').read_text())",
        "@hl.task\ndef doubled(n: int) -> hl.Artifact('doubled'):\n    return n * 2",
        "%%artifact cell\nsource + ran",
        "pair = hl.publish(ran, 'one').version, hl.publish(ran, 'one').version, doubled(n=source)",
        "assert Path('go').exists()",
        "%%artifact told\n[cell_value := hl.pull('cell'), ran, pair]",
    )
    failed = hl.run(path, check=False)
    assert (failed.state, failed.attempt) == ("failed", 1)
    assert (hl.pull("cell"), hl.pull("one@1"), hl.pull("doubled")) == (11, 1, 20)
    made = {f"{name}@{hl.get(name).version}" for name in ("cell", "one", "doubled")}
    assert made == {"cell@1", "one@2", "doubled@1"}

    hl.publish(99, "source")
    (tmp_path / "go").touch()
    done = hl.resume(failed)
    assert (done.id, done.state, done.attempt) == (failed.id, "succeeded", 2)
    assert made == {f"{name}@{hl.get(name).version}" for name in ("cell", "one", "doubled")}
    assert (tmp_path / "log").read_text() == "xx"
    assert hl.pull("told") == [11, 2, (1, 2, 20)]
    outputs: Any = done.outputs
    assert {version.name for version in outputs.values()} == {"cell", "one", "doubled", "told"}
    assert [cell.state for cell in hl.executed(done).cells] == ["ran"] * 8


def test_a_resumed_one_that_fails_says_in_which_cell(write: Callable[..., Path]) -> None:
    """The line that tells of it is the run's own: the cell's number, and what it raised."""
    failed = hl.run(write("team", "x = 1", "raise ValueError('no')"), check=False)
    line = "cell 2 of 'team.ipynb' raised ValueError: no"
    assert str(failed.error).endswith(line)
    with pytest.raises(TaskFailed, match=f"^notebook 'team' failed: {line}$"):
        hl.resume(failed)
