"""The log of what workers print: within bounds, while any number of them write it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from heirloom.engine.workers_log import SIZE, WorkersLog
from heirloom.session import Session


def test_a_full_log_is_kept_once_and_begun_anew(tmp_path: Path) -> None:
    """Whoever holds it open writes on at its beginning; one full log is kept, the owner's alone."""
    log = WorkersLog(tmp_path, size=6)
    with log.open() as worker, log.open() as other:
        for line in (b"first\n", b"second\n"):
            worker.write(line)
            worker.flush()
            assert log.bound()
            assert (log.kept.read_bytes(), log.path.read_bytes()) == (line, b"")
        other.write(b"last\n")
    assert log.path.read_bytes() == b"last\n"
    assert not log.bound()
    assert stat.S_IMODE(log.kept.stat().st_mode) == 0o600


def test_another_process_begins_it_anew(tmp_path: Path) -> None:
    """While one process empties it, another leaves it alone: nothing that was kept is lost."""
    log = WorkersLog(tmp_path, size=1)
    with log.open() as worker:
        worker.write(b"full")
    holding = """
import os, sys
from heirloom.flock import FLOCK
handle = os.open(sys.argv[1], os.O_RDWR)
print(FLOCK.take(handle), flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(log.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not log.bound()
        other.communicate("")
    assert log.bound()


def test_there_is_none_at_first(tmp_path: Path) -> None:
    """A home in which no reactor ran has no log, and none is made."""
    home = tmp_path / "none"
    assert not WorkersLog(home).bound()
    assert not home.exists()


def test_a_reactor_keeps_it_within_bounds(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reactor begins the log anew when it is full, while workers have it open."""
    emptied, bound = Event(), WorkersLog.bound

    def seen(log: WorkersLog) -> bool:
        full = bound(log)
        if full:
            emptied.set()
        return full

    monkeypatch.setattr(WorkersLog, "bound", seen)
    log = WorkersLog(session.home)
    with log.open() as worker:
        worker.truncate(SIZE)
        session.reactor.workers = 0
        session.reactor.start()
        assert emptied.wait(60)
        session.reactor.stop()
        assert (log.kept.stat().st_size, log.path.stat().st_size) == (SIZE, 0)
