"""What is told of a run while it lasts, and where it is shown."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

import heirloom as hl
from heirloom import watching
from heirloom.engine.hooks import show_with
from heirloom.engine.progress import Step, Watcher

TEAM = """
    import os

    @hl.task(cache=True)
    def prepare(x: int) -> int:
        return x

    @hl.task(retries=1)
    def flaky(path: str) -> int:
        with open(path, "a") as file:
            file.write("x")
        if os.path.getsize(path) == 1:
            raise ValueError("once")
        return prepare(x=9)

    @hl.task
    def last(x: list[int], y: int, gate: str) -> int:
        if not os.path.exists(gate):
            raise FileNotFoundError(gate)
        return y

    @hl.workflow
    def inner(path: str) -> int:
        return flaky(path=path)

    @hl.workflow
    def flow(path: str, gate: str):
        return last(x=hl.map_task(prepare)(x=[1, 2]), y=inner(path=path), gate=gate)
"""


@pytest.fixture
def told() -> Iterator[list[tuple[str, list[Step]]]]:
    """The runs that are watched, each with what was told of it."""
    runs: list[tuple[str, list[Step]]] = []

    @contextmanager
    def opened(name: str) -> Iterator[Watcher]:
        steps: list[Step] = []
        runs.append((name, steps))
        yield steps.append

    show_with(opened)
    yield runs
    show_with(watching.watch)


@pytest.mark.parametrize("width", [None, 3])
def test_each_task_of_a_run_is_told(told: Any, load: Any, tmp_path: Path, width: Any) -> None:
    """Queued, running, tries, how it ended; one watcher for a run and all runs inside of it."""
    executor = ThreadPoolExecutor(width) if width else None
    hl.connect(tmp_path / "home", executor=executor)
    team, gate, path = load(TEAM), tmp_path / "gate", tmp_path / "tries"
    failed = hl.run(team.flow, path=str(path), gate=str(gate), check=False)
    gate.touch()
    hl.resume(failed)
    hl.run(team.flow, path=str(path), gate=str(gate))
    assert [name for name, _ in told] == ["flow", "flow", "flow"]

    def of(run: int, path: str) -> list[Any]:
        steps = [step for step in told[run][1] if step.path == path]
        return [(s.state, s.tries) if s.tries > 1 else s.state for s in steps]

    assert of(0, "/prepare/1") == ["queued", "running", "succeeded"]
    assert of(0, "/inner/flaky") == ["queued", "running", ("running", 2), "succeeded"]
    assert of(0, "/last") == ["queued", "running", "failed"]
    assert of(1, "/last") == ["queued", "running", "succeeded"]
    assert of(2, "/prepare/1") == ["queued", "running", "cached"]
    assert {step.path for _, steps in told for step in steps} == {
        *("/prepare/0", "/prepare/1", "/inner/flaky", "/last")
    }


def test_a_task_alone_is_not_watched(told: Any, load: Any) -> None:
    """Neither is what a body calls: only a workflow or a map has parts."""
    load(TEAM).prepare(x=1)
    assert told == []
    hl.run(hl.map_task(load(TEAM).prepare), x=[1])
    assert [name for name, _ in told] == ["prepare"]


def test_a_board_counts_by_task() -> None:
    """The newest state of each call, and the retries that it took."""
    board = watching.Board("flow")
    for step in (
        Step("/a", "a", "queued"),
        Step("/a", "a", "running", 3),
        Step("/a", "a", "succeeded"),
        Step("/m/0", "m", "running"),
        Step("/m/1", "m", "queued"),
    ):
        board.add(step)
    a, m = Counter({"succeeded": 1, "retries": 2}), Counter({"running": 1, "queued": 1})
    assert board.rows() == {"a": a, "m": m}


class Shown:
    """A display that keeps what it was shown."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.seen = threading.Event()
        self.closed = False

    def show(self, board: watching.Board) -> None:
        """Keep it."""
        self.rows.append(board.rows())
        self.seen.set()

    def close(self) -> None:
        """Keep that, too."""
        self.closed = True


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """Where runs are shown, at once."""
    monkeypatch.setattr(watching, "AFTER", 0.0)
    display = Shown()
    watching.show_on(lambda: display)
    yield display
    watching.show_on(None)


def test_a_long_run_is_shown_to_its_end(shown: Shown, load: Any) -> None:
    """While it lasts and as it ended, though it failed."""
    team = load("""
        seen = None

        @hl.task
        def wait(x: int) -> int:
            assert seen.wait(30)
            raise ValueError(x)

        @hl.workflow
        def flow(x: int):
            return wait(x=x)
    """)
    team.seen = shown.seen
    hl.run(team.flow, x=1, check=False)
    assert shown.rows[0] in ({}, {"wait": Counter(queued=1)}, {"wait": Counter(running=1)})
    assert shown.rows[-1] == {"wait": Counter(failed=1)}
    assert shown.closed


def test_a_short_run_shows_nothing(
    shown: Shown, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is over before anybody could read it, and does not wait for that."""
    monkeypatch.setattr(watching, "AFTER", 600.0)
    hl.run(hl.map_task(load(TEAM).prepare), x=[1])
    assert shown.rows == []


def test_what_cannot_be_shown_harms_no_run(
    shown: Shown, load: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The show is over, the log says why, and the run goes on."""

    def broken(board: watching.Board) -> None:
        raise OSError("no screen")

    monkeypatch.setattr(shown, "show", broken)
    with watching.watch("flow") as watcher:
        assert watcher is not None
        while not caplog.records:
            watcher(Step("/a", "a", "running"))
    assert "no screen" in caplog.text


def test_where_nobody_looks_nothing_is_shown(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is turned off, and where standard error is no terminal."""
    monkeypatch.setenv("HEIRLOOM_PROGRESS", "off")
    with watching.watch("flow") as watcher:
        assert watcher is None
    monkeypatch.delenv("HEIRLOOM_PROGRESS")
    watching.show_on(None)
    with watching.watch("flow") as watcher:
        assert watcher is None


SCRIPT = """
import time
import heirloom as hl

@hl.task
def work(x: int) -> int:
    time.sleep(0.7)
    return x

hl.run(hl.map_task(work), x=[1, 2])
"""


WAITING = """
import time
from pathlib import Path
import heirloom as hl

@hl.task
def work(x: int) -> int:
    while not Path(f"seen-{x}").exists():
        time.sleep(0.01)
    return x

hl.run(hl.map_task(work), x=[1, 2])
"""


def test_in_a_terminal(tmp_path: Path) -> None:
    """A bar on standard error, with what runs; each step waits until the one before is seen."""
    (tmp_path / "script.py").write_text(WAITING)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "script.py"],
        stderr=theirs,
        cwd=tmp_path,
        env={**os.environ, "HEIRLOOM_HOME": str(tmp_path / "home")},
    )
    os.close(theirs)
    said, seen = b"", {b"running work": "seen-1", b"1/2": "seen-2"}
    try:
        while more := os.read(ours, 4096):
            said += more
            for words, name in seen.items():
                if words in said:
                    (tmp_path / name).touch()
    except OSError:  # the terminal is gone with its last writer
        pass
    finally:
        os.close(ours)
    assert child.wait() == 0
    assert b"work:" in said
    assert b"2/2" in said


def test_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One display under the cell, with the last state of the run."""
    monkeypatch.setenv("HEIRLOOM_HOME", str(tmp_path / "home"))
    v4: Any = nbformat.v4
    texts = ("%load_ext heirloom", SCRIPT + "None")
    book = v4.new_notebook(cells=[v4.new_code_cell(text) for text in texts])
    nbclient.NotebookClient(book, kernel_name="python3", timeout=120).execute()
    (output,) = book.cells[1].outputs
    assert output["output_type"] == "display_data"
    assert output["data"]["text/plain"].split() == ["task", "succeeded", "work", "2"]
    assert "<table" in output["data"]["text/html"]
    assert "<script" not in output["data"]["text/html"]
