"""Reactors and workers that are processes of their own, and bodies that tests hold and let go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import pytest

import heirloom as hl
from heirloom.records.executions import Execution

source = hl.Artifact("source")
result = hl.Artifact("result")


def until(met: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait until `met` is true."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            pytest.fail(f"{what}: not within {seconds} s")
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether that process has ended, with every thread: the last one lets its files go."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z" and len(threads) == 1


class Bodies:
    """What the bodies have done, and what they are to do."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def let(self, what: str, n: int) -> None:
        """Have the body of `n` ``hold``, ``die``, or leave a ``child`` behind."""
        (self.place / f"{what}-{n}").touch()

    def go(self, what: str, n: int) -> None:
        """No longer."""
        (self.place / f"{what}-{n}").unlink()

    def begun(self, n: int) -> list[int]:
        """The processes in which a body of `n` has begun, in that order."""
        notes = sorted(self.place.glob(f"begun-{n}-*"), key=lambda path: path.name.split("-")[3])
        return [int(path.name.split("-")[2]) for path in notes]

    def began(self, n: int) -> float:
        """When the last body of `n` began."""
        return max(float(path.name.split("-")[3]) for path in self.place.glob(f"begun-{n}-*"))

    def child(self, n: int) -> int:
        """The process that the body of `n` left behind."""
        until((self.place / f"child-{n}").read_text, "a child is left behind")
        return int((self.place / f"child-{n}").read_text())

    def ended(self, count: int) -> list[Execution]:
        """The plan's executions that have ended, oldest first, once there are so many."""

        def final() -> list[Execution]:
            return [e for e in reversed(hl.executions(plan="work")) if e.is_final]

        until(lambda: len(final()) >= count, f"{count} executions end")
        return final()

    def gone(self, pid: int) -> bool:
        """Whether that process has ended."""
        return gone(pid)

    def wait_gone(self, *pids: int) -> None:
        """Wait until those processes have ended."""
        until(lambda: all(map(gone, pids)), f"processes {pids} end")

    def wait(self, n: int, times: int = 1) -> int:
        """Wait until a body of `n` has begun so many times; the process of the last."""
        until(lambda: len(self.begun(n)) >= times, f"body {n} begins {times} times")
        return self.begun(n)[-1]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the package as this process does."""
    monkeypatch.setenv("PYTHONPATH", str(Path(hl.__file__).parents[1]), prepend=os.pathsep)


@pytest.fixture
def bodies(tmp_path: Path) -> Bodies:
    """A directory between the bodies and the test."""
    return Bodies(tmp_path / "notes")


@pytest.fixture
def session(tmp_path: Path) -> hl.Session:
    """A session on a home of the test's own; no reactor runs."""
    return hl.connect(tmp_path / "home")


@pytest.fixture
def listening(session: hl.Session, bodies: Bodies) -> hl.LaunchPlan:
    """A plan that runs for every version of ``source``, any number at once."""

    # Inside a function: the code of a test's own module cannot be recorded, pytest rewrote it.
    @hl.task
    def work(n: int, notes: str) -> Annotated[int, result]:
        import os
        import signal
        import subprocess
        import time
        from pathlib import Path

        place = Path(notes)
        (place / f"begun-{n}-{os.getpid()}-{time.time()}").touch()
        if (place / f"child-{n}").exists():
            child = subprocess.Popen(["sleep", "60"], start_new_session=True)
            (place / f"child-{n}").write_text(str(child.pid))
        if (place / f"die-{n}").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        while (place / f"hold-{n}").exists():
            time.sleep(0.01)
        return n + 1

    inputs = {"n": source, "notes": str(bodies.place)}
    trigger = hl.OnArtifact(source, inputs=inputs)
    return hl.LaunchPlan.get_or_create(
        "work", work, trigger=trigger, max_concurrent=None, auto_activate=True
    )


@pytest.fixture
def reactor(session: hl.Session) -> Iterator[hl.Session]:
    """The session, its reactor running."""
    session.reactor.start()
    yield session
    session.reactor.stop()


class Standalone:
    """``heirloom reactor`` as a process."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-m", "heirloom", "reactor", "--home", str(home)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert "workers run events" in self.process.stdout.readline()

    def kill(self) -> None:
        """SIGKILL: it has no last word."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def standalone(session: hl.Session) -> Iterator[Callable[[], Standalone]]:
    """Starts reactors of this home as processes."""
    started: list[Standalone] = []

    def start() -> Standalone:
        started.append(Standalone(session.home))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()
        assert each.process.stdout is not None
        each.process.stdout.close()
