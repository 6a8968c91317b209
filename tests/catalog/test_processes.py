"""Several processes on one home, and the death of any of them at any moment."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.catalog import archive as archives
from heirloom.catalog.index import Index
from heirloom.catalog.lock import FileLock
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogLocked

pytestmark = pytest.mark.process


def _child(work: Callable[[], Any]) -> int:
    """The id of a new process that does `work` and ends."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr)
    finally:
        os._exit(code)


def _end(pid: int) -> int:
    """How the process ended: 0, 1, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("writers", [2, 4])
@pytest.mark.parametrize("sync", ["group", "none"])
def test_writers_at_once(home: Path, opened: Any, maker: Any, writers: int, sync: str) -> None:
    """Every commit of every process is there once; each name's numbers have no gap."""
    each = 40

    def work() -> None:
        catalog = Catalog(home, sync=sync)
        make = maker(catalog)
        seen = 0
        for n in range(each):
            number = make.emit("sales", [os.getpid(), n]).version
            assert number > seen
            seen = number
            if n % 5 == 0:
                assert catalog.view().latest_number("p", "sales") >= number
        catalog.close()

    pids = [_child(work) for _ in range(writers)]
    assert [_end(pid) for pid in pids] == [0] * writers
    docs = opened().db.table("versions").all()
    assert [doc["version"] for doc in docs] == list(range(1, writers * each + 1))
    values = [tuple(doc["payload"]["value"]) for doc in docs]
    for pid in pids:
        assert [n for who, n in values if who == pid] == list(range(each))
    assert verify(home).ok


def test_table_ids_do_not_collide(home: Path, opened: Any) -> None:
    """Inserts of two processes into one table get ids of their own."""

    def work() -> None:
        table = Catalog(home, sync="none").db.table("mine")
        for n in range(50):
            table.insert({"n": n})

    pids = [_child(work) for _ in range(2)]
    assert [_end(pid) for pid in pids] == [0, 0]
    assert [doc.doc_id for doc in opened().db.table("mine")] == list(range(1, 101))


def test_commit_of_another_process_is_seen(home: Path, opened: Any, maker: Any) -> None:
    """A waiting reader sees another process's commit within a few polls."""
    catalog = opened()
    before = catalog.position()

    def work() -> None:
        time.sleep(0.1)
        maker(Catalog(home, sync="none")).emit("sales")

    pid = _child(work)
    began = time.monotonic()
    assert catalog.wait(before, 10) > before
    assert time.monotonic() - began < 5
    assert catalog.view().latest_number("p", "sales") == 1
    assert _end(pid) == 0


def test_wait_ends(catalog: Catalog) -> None:
    """Waiting for what does not come ends with the position as it was."""
    before = catalog.position()
    assert catalog.wait(before, 0.03) == before


def _at(name: str, call: int, after: bool = False, part: int | None = None) -> Callable[[], None]:
    """Makes the process kill itself at the n-th call of a function of `os` or the index."""

    def arm() -> None:
        owner: Any = Index if hasattr(Index, name) else os
        real, calls = getattr(owner, name), [0]

        def killing(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] != call:
                return real(*args, **kwargs)
            if part is not None:
                real(args[0], bytes(args[1])[:part], args[2])
            elif after:
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, killing)

    return arm


_POINTS = [
    ("pwrite", 1, False, None),
    ("pwrite", 1, False, 1),
    ("pwrite", 1, False, 200),
    ("pwrite", 1, False, 900),
    ("pwrite", 1, True, None),
    ("pwrite", 2, False, None),
    ("pwrite", 2, True, None),
    ("fsync", 1, False, None),
    ("fsync", 1, True, None),
    ("advance", 1, False, None),
    ("advance", 1, True, None),
    ("_advance", 1, True, None),
]


@pytest.mark.parametrize("point", _POINTS, ids=str)
def test_kill_at(
    home: Path, opened: Any, maker: Any, everything: Callable[..., Any], point: Any
) -> None:
    """A process killed at any step leaves its transaction whole or not there at all."""
    make = maker(opened(sync="group"))
    make.emit("sales", partitions={"region": "emea"})
    before = everything(make.catalog)
    name, call, after, part = point

    def work() -> None:
        mine = maker(Catalog(home))
        _at(name, call, after, part)()
        mine.emit("sales", "x" * 300)
        mine.catalog.names()
        mine.emit("sales")

    assert _end(_child(work)) == -signal.SIGKILL
    fresh = opened()
    found = everything(fresh)
    versions = len(found["versions"])
    assert versions - len(before["versions"]) in {0, 1}
    assert len(found["executions"]) == versions == len(found["versions seen"])
    assert everything(make.catalog) == found
    assert make.emit("sales").version == versions + 1
    assert verify(home).ok


@pytest.mark.parametrize("point", [("pwrite", 1), ("fsync", 1), ("rename", 1), ("fsync", 2)])
def test_kill_while_the_journal_is_made(home: Path, opened: Any, maker: Any, point: Any) -> None:
    """A process killed while it makes the home leaves one that opens."""

    def work() -> None:
        _at(*point)()
        Catalog(home)

    _end(_child(work))
    assert maker(opened()).emit("sales").version == 1


@pytest.mark.parametrize("point", [("chmod", 1), ("unlink", 1), ("unlink", 3), ("replace", 1)])
def test_kill_while_the_index_is_made(
    make: Any, home: Path, opened: Any, everything: Callable[..., Any], point: Any
) -> None:
    """A process killed while it makes the index anew leaves nothing that lies."""
    make.emit("sales")
    expected = everything(make.catalog)
    make.catalog.close()
    (home / "index.sqlite").write_bytes(b"garbage")

    def work() -> None:
        _at(*point)()
        Catalog(home)

    _end(_child(work))
    assert everything(opened()) == expected


@pytest.mark.parametrize("seconds", [1.5])
def test_writers_killed_at_random(home: Path, opened: Any, maker: Any, seconds: float) -> None:
    """What a killed writer had been told is kept is there, once; readers never fail."""
    told, parent = [home.parent / f"told-{n}" for n in range(3)], os.getpid()

    def work(at: Path) -> None:
        make = maker(Catalog(home))
        with at.open("a") as file:
            while os.getppid() == parent:
                version = make.emit("sales", os.getpid())
                file.write(f"{version.version}\n")
                file.flush()
                if version.version % 7 == 0:
                    make.catalog.names()

    reader = opened()
    until = time.monotonic() + seconds
    pids = {at: _child(partial(work, at)) for at in told}
    turn = 0
    while time.monotonic() < until:
        time.sleep(0.03)
        at = told[turn % 3]
        turn += 1
        os.kill(pids[at], signal.SIGKILL)
        _end(pids[at])
        pids[at] = _child(partial(work, at))
        assert reader.view().latest_number("p", "sales") >= 0
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
        _end(pid)
    acknowledged = [int(text) for at in told if at.exists() for text in at.read_text().split()]
    found = [doc["version"] for doc in opened().db.table("versions").all()]
    assert found == list(range(1, len(found) + 1))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= set(found)
    assert acknowledged
    assert verify(home).ok


def test_fork_shares_nothing(make: Any, home: Path) -> None:
    """A child that was forked from an open handle writes under a lock of its own."""
    catalog = make.catalog
    make.emit("sales")
    catalog.names()

    inherited = catalog._archive.index.connection()

    def work() -> None:
        assert make.emit("sales").version == 2
        assert catalog._archive.index.connection() is not inherited
        assert catalog.view().latest_number("p", "sales") == 2

    def fork() -> int:
        pid = _child(work)
        time.sleep(0.1)
        assert verify(home).documents["versions"] == 1
        return pid

    assert _end(catalog._archive.alone(fork)) == 0
    assert make.emit("sales").version == 3


def test_fork_while_another_thread_writes(make: Any) -> None:
    """A child forked while a thread of its parent holds the lock is not locked out by itself."""
    catalog, inside, leave = make.catalog, threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        leave.wait(10)

    thread = threading.Thread(target=catalog._archive.alone, args=(hold,))
    thread.start()
    inside.wait(10)
    pid = _child(lambda: make.emit("sales"))
    leave.set()
    thread.join()
    assert _end(pid) == 0
    assert catalog.view().latest_number("p", "sales") == 1


def test_lock_held_too_long(make: Any, home: Path) -> None:
    """A lock that another process keeps ends in an error that says so; reads go on."""
    make.emit("sales")
    make.catalog._archive._lock.timeout = 0.05
    other = FileLock(home / "locks/journal.lock")
    with other, pytest.raises(CatalogLocked, match="fuser") as caught:
        make.emit("sales")
    with other:
        assert make.catalog.view().latest_number("p", "sales") == 1
    assert caught.value.waited >= 0.05
    assert make.emit("sales").version == 2


def test_deleted_lock_file_still_excludes(make: Any, home: Path, opened: Any, maker: Any) -> None:
    """A handle whose lock file was deleted takes the one that others made since."""
    (home / "locks/journal.lock").unlink()
    other = maker(opened())
    other.catalog._archive._lock.timeout = 0.05

    def locked_out() -> None:
        with pytest.raises(CatalogLocked):
            other.emit("sales")

    make.catalog._archive.alone(locked_out)
    assert other.emit("sales").version == 1


def test_catch_up_never_holds_up_a_commit(
    make: Any, home: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit goes through while another connection holds the index's write lock."""
    make.emit("sales")
    make.catalog.names()
    monkeypatch.setattr(archives, "_LONG_TAIL", 1)
    db = opened()._archive.index.connection()
    db.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    for number in range(2, 5):
        assert make.emit("sales").version == number
    assert time.monotonic() - began < 5
    db.execute("ROLLBACK")
    assert make.catalog.view().latest_number("p", "sales") == 4


def test_many_threads_come_and_go(make: Any, catalog: Catalog) -> None:
    """Threads that ended leave no connection behind."""
    make.emit("sales")
    for _ in range(30):
        thread = threading.Thread(target=catalog.names)
        thread.start()
        thread.join()
    assert len(catalog._archive.index._all) <= 3
