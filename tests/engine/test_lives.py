"""Who is alive: the lock that a process holds for as long as it lives."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from heirloom.engine.lives import Lives
from heirloom.errors import CatalogError, CatalogUnavailable
from heirloom.records.clock import now


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    """The locks of a home."""
    (tmp_path / "lives").mkdir()
    return Lives(tmp_path / "lives")


def test_a_name_is_alive_until_it_ends(lives: Lives) -> None:
    """Its lock is held from the beginning, and its file is gone at the end."""
    life = lives.begin("worker")
    assert lives.alive(life.name)
    assert lives.names("worker") == [life.name]
    life.end()
    life.end()
    assert not lives.alive(life.name)
    assert lives.names("worker") == []


def test_kinds_are_apart(lives: Lives) -> None:
    """Only the living of the kind asked for are named."""
    worker, reactor = lives.begin("worker"), lives.begin("reactor")
    assert lives.names("worker") == [worker.name]
    assert lives.names("reactor") == [reactor.name]


def test_who_lives_says_who_it_is(lives: Lives, tmp_path: Path) -> None:
    """Process, host, user, since when and for whom; what began first comes first."""
    begun = now()
    reactor = Lives(tmp_path / "lives", user="ann").begin("reactor")
    workers = [lives.begin("worker", of=reactor.name) for _ in range(2)]
    (told,) = lives.living("reactor")
    assert (told.name, told.kind, told.user, told.of) == (reactor.name, "reactor", "ann", "")
    assert (told.pid, told.host) == (os.getpid(), platform.node())
    assert begun <= told.since <= now()
    assert [(each.name, each.of) for each in lives.living("worker")] == [
        (worker.name, reactor.name) for worker in workers
    ]
    workers[0].end()
    assert [each.name for each in lives.living("worker")] == [workers[1].name]


def test_what_says_nothing_is_nobody(lives: Lives) -> None:
    """A lock whose file says nothing, or something else, is passed over."""
    life = lives.begin("worker")
    for text in ("", "{", "{}", "[]", '{"host": "h", "user": "u", "since": "x", "of": ""}'):
        life._path.write_text(text)
        assert lives.alive(life.name)
        assert lives.living("worker") == []
        assert lives.holder(life.name) is None


def test_who_holds_a_name(lives: Lives) -> None:
    """It is known by the name alone, and on which host; nobody holds that of a dead one."""
    life = lives.begin("worker")
    (me,) = lives.living("worker")
    assert lives.holder(life.name) == me
    assert me.is_here
    assert not replace(me, host="elsewhere").is_here
    life._close()
    assert lives.holder(life.name) is None


def test_a_stopped_process_is_known(lives: Lives) -> None:
    """A process that a signal holds is alive and stopped; one that goes on is not."""
    life = lives.begin("worker")
    (me,) = lives.living("worker")
    assert not me.is_stopped
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        os.kill(child.pid, signal.SIGSTOP)
        os.waitpid(child.pid, os.WUNTRACED)
        assert replace(me, pid=child.pid).is_stopped
        assert not replace(me, pid=child.pid, host="elsewhere").is_stopped
        os.kill(child.pid, signal.SIGCONT)
    assert not replace(me, pid=child.pid).is_stopped
    life.end()


def test_what_the_dead_left_is_found_dead(lives: Lives, tmp_path: Path) -> None:
    """A lock file that nobody holds is no life; to look takes nothing away, to begin does."""
    lives.begin("worker").end()
    left = tmp_path / "lives" / "locks" / "worker-1-old.lock"
    left.touch()
    assert not lives.alive("worker-1-old")
    assert lives.names("worker") == []
    assert left.exists()
    life = lives.begin("worker")
    assert not left.exists()
    assert lives.alive(life.name)


def test_a_look_does_not_disturb(lives: Lives) -> None:
    """Many may look at once, and whoever is looked at stays alive."""
    life = lives.begin("worker")
    assert all(lives.alive(life.name) for _ in range(100))
    assert not any(Lives(Path("/nowhere")).names(kind) for kind in ("worker", "reactor"))


def test_a_child_process_does_not_hold_it(lives: Lives) -> None:
    """A program that was started meanwhile does not keep its parent's name alive."""
    life = lives.begin("worker")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        life._close()
        assert not lives.alive(life.name)
        assert child.poll() is None


def test_a_forked_child_does_not_hold_it(lives: Lives) -> None:
    """Nor does a copy of the process itself."""
    life = lives.begin("worker")
    here, there = socket.socketpair()
    child = os.fork()
    if child == 0:
        here.close()
        there.send(b"born")
        there.recv(1)
        os._exit(0)
    there.close()
    try:
        here.recv(4)
        assert lives.alive(life.name)
        life._close()
        assert not lives.alive(life.name)
    finally:
        here.close()
        os.waitpid(child, 0)


def test_a_name_is_no_path(lives: Lives) -> None:
    """What comes from a record is never used as a path."""
    for name in ("", "../../etc/passwd", "a/b"):
        with pytest.raises(CatalogError):
            lives.alive(name)


def test_a_session_that_only_looks_has_no_name(tmp_path: Path) -> None:
    """It cannot begin one, and leaves nothing behind."""
    with pytest.raises(CatalogUnavailable, match="only looks"):
        Lives(tmp_path / "none", read_only=True).begin("worker")
    assert not (tmp_path / "none").exists()
