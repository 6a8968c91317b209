"""The lock class: on POSIX and on Windows, across forks and threads."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heirloom.catalog import Batch, Catalog
from heirloom.catalog.lock import FileLock
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogError, CatalogLocked
from heirloom.flock import ByteLocks

_ROOT = Path(__file__).parents[2]


@contextmanager
def _forked(work: Callable[[], object]) -> Iterator[None]:
    """A child that does `work`, then lives until the end of the block, and must have done well."""
    done, leave = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os.write(done[1], b".")
            os.close(leave[1])
            os.read(leave[0], 1)
            os._exit(code)
    os.close(leave[0])
    os.read(done[0], 1)
    try:
        yield
    finally:
        os.close(leave[1])
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _is_free(path: Path) -> bool:
    other = FileLock(path, timeout=0.0)
    try:
        other.acquire()
    except CatalogLocked:
        return False
    finally:
        other.close()
    return True


def test_a_forked_child_neither_has_nor_frees_it(tmp_path: Path) -> None:
    """What the parent holds, the child waits for; the child's end leaves it held."""
    lock = FileLock(tmp_path / "x.lock", timeout=0.05)

    def work() -> None:
        lock.release()
        with pytest.raises(CatalogLocked):
            lock.acquire()

    with lock:
        with _forked(work):
            assert not _is_free(lock.path)
        assert not _is_free(lock.path)
    assert _is_free(lock.path)


def test_a_forked_child_does_not_keep_it(tmp_path: Path) -> None:
    """When its holder goes without a word, the lock is free, though a child of it lives on."""
    lock = FileLock(tmp_path / "x.lock")
    lock.acquire()
    with _forked(lambda: None):
        lock.close()  # as the kernel does for a process that is killed
        assert _is_free(tmp_path / "x.lock")


def test_a_commit_is_its_parents(make: Any, home: Path) -> None:
    """A process forked inside a commit cannot go on with it; the parent can, and both can write."""
    catalog: Catalog = make.catalog

    def prepare(_: Any) -> Batch:
        return Batch(executions=[make.execution()])

    def work() -> None:
        with pytest.raises(CatalogError, match="forked inside one"):
            catalog._archive.append([("t", "mine", None, None)])
        catalog._archive._lock.timeout = 0.05  # type: ignore[union-attr]
        with pytest.raises(CatalogLocked):
            catalog.commit(prepare)

    def fork_inside(view: Any) -> Batch:
        with _forked(work):
            return prepare(view)

    catalog.commit(fork_inside)
    with _forked(lambda: make.write(executions=[make.execution()])):
        pass
    assert verify(home).documents["executions"] == 2


def test_threads_and_a_child_write_at_once(make: Any, home: Path) -> None:
    """Threads of a process and of its forked child number without gap or double."""
    catalog: Catalog = make.catalog

    def many() -> None:
        threads = [threading.Thread(target=_emit, args=(make, 10)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    parent = threading.Thread(target=many)
    parent.start()
    with _forked(many):
        parent.join()
    assert catalog.view().latest_number("p", "sales") == 80
    assert verify(home).ok


def _emit(make: Any, times: int) -> None:
    for _ in range(times):
        make.emit("sales")


# ---------------------------------------------------------------------- Windows


class _Bytes:
    """``msvcrt.locking``, as far as it is used: one holder of a byte, nobody is waited for."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        self.held: dict[tuple[int, int], int] = {}

    def locking(self, handle: int, mode: int, size: int) -> None:
        assert size == 1
        where = os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR)
        holder = self.held.get(where)
        if mode == self.LK_NBLCK and holder is None:
            self.held[where] = handle
        elif mode == self.LK_UNLCK and holder == handle:
            del self.held[where]
        else:
            raise PermissionError(13, "Permission denied")


def test_byte_locks(tmp_path: Path) -> None:
    """Where there is no flock, one byte is locked, behind all that a file holds."""
    system = _Bytes()
    locks = ByteLocks(system)
    path = tmp_path / "x.lock"
    path.write_bytes(b"text")
    one, other = (os.open(path, os.O_RDWR) for _ in range(2))
    os.read(one, 3)
    assert locks.take(one)
    assert not locks.take(other)
    assert not locks.take(other, shared=True)
    locks.releasing(other)()
    assert [at > path.stat().st_size for _, at in system.held] == [True]
    locks.releasing(one)()
    locks.releasing(one)()
    assert locks.take(other)
    for handle in (one, other):
        os.close(handle)


_WITHOUT_POSIX = """
    import os, pkgutil, sys, types
    import asyncio, multiprocessing, subprocess, tempfile  # which have ways of their own
    import IPython  # so has it: older ones ask for a terminal
    import fcntl as real

    def locking(handle, mode, size):
        try:
            real.flock(handle, real.LOCK_EX | real.LOCK_NB if mode else real.LOCK_UN)
        except BlockingIOError:
            raise PermissionError(13, "Permission denied") from None

    sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, LK_UNLCK=0, locking=locking)
    for name in ("fcntl", "pwd", "grp", "resource", "termios"):
        sys.modules[name] = None
    del os.register_at_fork, os.fork

    import heirloom
    from heirloom.catalog import Catalog
    from heirloom.catalog.lock import FileLock
    from heirloom.errors import CatalogLocked
    from heirloom.flock import FLOCK, ByteLocks

    for module in pkgutil.walk_packages(heirloom.__path__, "heirloom."):
        if not module.name.endswith("__main__"):
            __import__(module.name)

    assert isinstance(FLOCK, ByteLocks)
    catalog = Catalog(sys.argv[1])
    assert catalog.db.insert({"a": 1}) == 1
    catalog._archive._lock.timeout = 0.01
    with FileLock(catalog.home / "locks/journal.lock"):
        try:
            catalog.db.insert({"a": 2})
        except CatalogLocked:
            assert catalog.db.all() == [{"a": 1}]
        else:
            raise AssertionError
    assert catalog.db.insert({"a": 2}) == 2
    print("well")
"""


@pytest.mark.process
def test_everything_is_imported_where_there_is_no_fcntl(tmp_path: Path) -> None:
    """Without fcntl and the modules beside it, every module is imported and a catalog locks."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_WITHOUT_POSIX), str(tmp_path / "home")],
        env=os.environ | {"PYTHONPATH": str(_ROOT / "toolkit")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "well\n", done.stderr[-2000:]


def test_macs_sync_their_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fsync stops at the drive's cache, the catalog asks for more, at every commit."""
    asked: list[int] = []
    monkeypatch.setattr("fcntl.F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr("fcntl.fcntl", lambda _, what: asked.append(what))
    with monkeypatch.context() as mac:
        mac.setattr("heirloom.durable.sys", SimpleNamespace(platform="darwin"))
        catalog = Catalog(tmp_path / "home")
        asked.clear()
        catalog.db.insert({"a": 1})
        catalog.close()
    assert set(asked) == {51}
