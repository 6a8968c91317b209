"""Disks that are full, failing, only to be read, or gone: one clear line, and nothing half done."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from system import Refuser, observed
from workload import STEPS, told

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogUnavailable

pytestmark = pytest.mark.process


@pytest.fixture
def home(room: Path) -> Path:
    """A home in which the script was played up to its sixth step."""
    home = room / "home"
    with closing(Catalog(home)) as catalog:
        for step in list(STEPS.values())[:6]:
            step(catalog)
        told(catalog)
    return home


@contextmanager
def _budget(home: Path, more: int) -> Iterator[None]:
    """No file may grow beyond the journal's size and `more` bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_size(home) + more, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def _size(home: Path) -> int:
    return (home / "journal.jsonl").stat().st_size


def _one_line(error: BaseException) -> None:
    assert isinstance(error, CatalogUnavailable)
    assert "\n" not in str(error)
    assert error.errno is not None
    assert error.path


@pytest.mark.parametrize("name", ["insert", "insert many", "emit many"])
def test_every_budget(home: Path, name: str, count: Callable[..., None]) -> None:
    """A disk that takes all but the last byte of a transaction takes none; with room, all."""
    with closing(Catalog(home)) as catalog:
        before, size, budget = told(catalog), _size(home), 0
        while True:
            try:
                with _budget(home, budget):
                    STEPS[name](catalog)
                break
            except CatalogUnavailable as error:
                _one_line(error)
            assert _size(home) == size
            assert budget % 9 or told(catalog) == before
            budget += 1
        assert told(catalog) != before
        assert _size(home) == size + budget
    assert verify(home).ok
    count(budgets=budget)


_FILLED = """
import sys
from contextlib import nullcontext
from pathlib import Path
from system import Refuser, observed
from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogUnavailable
from workload import STEPS, told

home, ballast = Path(sys.argv[1]) / "home", Path(sys.argv[1]) / "ballast"
catalog = Catalog(home)
for step in list(STEPS.values())[:6]:
    step(catalog)
before = told(catalog)
refused = 0
full = sys.argv[2] == "full"
with ballast.open("wb", buffering=0) as file:
    try:
        while full:
            file.write(bytes(4096))
    except OSError:
        pass
for number in range(60):  # the journal's last block still has room
    with nullcontext() if full else observed(Refuser("pwrite", 28, part=400)):
        try:
            catalog.db.table("big").insert({"n": number, "text": "x" * 900})
        except CatalogUnavailable as error:
            assert error.errno == 28, error
            refused += 1
kept = verify(home).documents["big"]
try:
    Catalog(home).close()
    fresh = Catalog(home, read_only=True)
    assert fresh.view().latest_number("p", "sales") == 2
    fresh.close()
finally:
    ballast.unlink()
catalog.db.table("big").insert({"n": -1})
found = told(catalog)
assert found.pop("big")[-1] == (kept + 1, {"n": -1})
assert found == before
catalog.close()
assert verify(home).ok
print(refused, kept)
"""


def test_no_space_left(tmp_path: Path, count: Callable[..., None]) -> None:
    """A disk that is really full: errors that say so, reads, and with room it all goes on.

    A small file system of the test's own is mounted where that is allowed (to root, and to
    whoever may have a user namespace); in a container that forbids it, the errors are put in.
    """
    room = tmp_path / "small"
    room.mkdir()
    alone = _mounting()
    mounted = f'mount -t tmpfs -o size=2m small "{room}" && exec "$@"'
    within = [*alone, "sh", "-c", mounted, "sh"] if alone else []
    done = subprocess.run(
        [*within, sys.executable, "-c", _FILLED, str(room), "full" if alone else "refused"],
        capture_output=True,
        text=True,
        timeout=100,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    refused, kept = map(int, done.stdout.split())
    assert refused > 10
    count(refused=refused, kept=kept, disk="tmpfs" if alone else "imitated")


def _mounting() -> list[str]:
    """The command in which a mount is nobody else's; empty where there is none."""
    for command in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        tried = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
        if shutil.which("unshare") and not subprocess.run(tried, capture_output=True).returncode:
            return command
    return []


@pytest.mark.parametrize("call", ["pwrite", "fsync", "ftruncate"])
@pytest.mark.parametrize("code", [errno.EIO, errno.EDQUOT, errno.EROFS], ids=errno.errorcode.get)
def test_refused_calls(home: Path, call: str, code: int) -> None:
    """What the system refuses is one line; a fresh handle finds all or nothing, and writes."""
    with closing(Catalog(home)) as catalog:
        before = told(catalog)
        refuser = Refuser(call, code)
        with observed(refuser):
            if call == "ftruncate":
                with _budget(home, 100), pytest.raises(CatalogUnavailable) as caught:
                    STEPS["insert many"](catalog)
            else:
                with pytest.raises(CatalogUnavailable) as caught:
                    STEPS["insert many"](catalog)
        _one_line(caught.value)
        assert refuser.seen
    with closing(Catalog(home)) as fresh:
        found = told(fresh)
        assert (found == before) == (call != "fsync")
        fresh.db.table("next").insert({"a": 1})
    assert verify(home).ok


def test_failed_sync_poisons(home: Path) -> None:
    """After a failed sync: the outcome is unknown, the handle reads but writes no more."""
    with closing(Catalog(home)) as catalog, closing(Catalog(home)) as other:
        failing = observed(Refuser("fsync", errno.EIO, times=1))
        with failing, pytest.raises(CatalogUnavailable, match="unknown") as caught:
            STEPS["insert"](catalog)
        _one_line(caught.value)
        size = _size(home)
        with pytest.raises(CatalogUnavailable, match="connect again"):
            STEPS["insert"](catalog)
        assert _size(home) == size
        assert told(catalog) == told(other)
        mark = other._archive.journal.mark.read(other._archive.journal.id)
        assert mark is not None
        assert mark.doubt
        STEPS["insert"](other)
        mark = other._archive.journal.mark.read(other._archive.journal.id)
        assert mark is not None
        assert not mark.doubt


def test_doubtful_bytes_are_written_again(home: Path) -> None:
    """The next handle writes what a failed sync left in doubt once more, before it syncs."""
    with closing(Catalog(home)) as catalog, observed(Refuser("fsync", errno.EIO, times=1)):
        begin = _size(home)
        with pytest.raises(CatalogUnavailable):
            STEPS["insert"](catalog)
    written: list[tuple[int, int]] = []

    def noting(name: str, real: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if name == "pwrite":
            written.append((args[2], len(args[1])))
        return real(*args, **kwargs)

    end = _size(home)
    with closing(Catalog(home)) as fresh, observed(noting):
        STEPS["insert"](fresh)
    assert (begin, _size(home) - begin) in written
    assert end < _size(home)


def test_full_while_a_home_is_made(room: Path, count: Callable[..., None]) -> None:
    """A home for which there is no room is an error, and is made when there is."""
    points = 0
    for call in ("mkdir", "open", "pwrite", "rename"):
        for at in range(4):
            home = room / f"{call}{at}"
            with observed(Refuser(call, errno.ENOSPC, at=at, times=1)):
                try:
                    with closing(Catalog(home)) as catalog:
                        catalog.db.table("next").insert({"a": 1})
                except CatalogUnavailable as error:
                    _one_line(error)
            with closing(Catalog(home)) as catalog:
                catalog.db.table("next").insert({"a": 2})
                assert catalog.db.table("next").all()[-1] == {"a": 2}
            assert verify(home).ok
            points += 1
    count(points=points)


def test_vanished_home(home: Path) -> None:
    """A home that was taken away is one line for reads and for writes; nothing is made there."""
    with closing(Catalog(home)) as catalog:
        shutil.move(home, home.with_name("elsewhere"))
        for use in (lambda: STEPS["insert"](catalog), lambda: told(catalog), catalog.position):
            with pytest.raises(CatalogUnavailable) as caught:
                use()
            _one_line(caught.value)
        assert not home.exists()
        shutil.move(home.with_name("elsewhere"), home)
        STEPS["insert"](catalog)
    assert verify(home).ok
