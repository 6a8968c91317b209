"""Many threads on one handle, and forks in the middle of it all."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from system import Counter, observed
from workload import emission, execution

from heirloom.catalog import Batch, Catalog, View
from heirloom.catalog.verify import verify
from heirloom.records.ids import new_id

pytestmark = pytest.mark.process


def _commit(catalog: Catalog, name: str) -> int:
    own = new_id()

    def prepare(view: View) -> Batch:
        version, _ = view.number(emission(0, name, own, execution_id=own, root_id=own))
        return Batch(versions=[version], executions=[execution(0, id=own, root_id=own)])

    return catalog.commit(prepare).versions[0].version


def _together(works: list[Callable[[], Any]]) -> None:
    """Do all at once, each in a thread; what one raises is raised here."""
    raised: list[BaseException] = []

    def guarded(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    for error in raised:
        raise error


def test_threads_on_one_handle(room: Path, count: Callable[..., None]) -> None:
    """Commits, table writes and looks of twelve threads on one catalog: each once."""
    told: list[int] = []
    calls = Counter()
    with closing(Catalog(room / "home")) as catalog:
        table = catalog.db.table("mine")

        def write() -> None:
            for n in range(25):
                number = _commit(catalog, "sales")
                told.append(number)
                assert catalog.view().latest_number("p", "sales") >= number
                if n % 5 == 0:
                    table.insert({"n": n})

        def look() -> None:
            newest = 0
            for _ in range(100):
                number = catalog.view().latest_number("p", "sales")
                assert number >= newest
                newest = number
                assert len(table.search(lambda doc: doc["n"] > 100)) == 0

        with observed(calls):
            _together([write] * 8 + [look] * 4)
        assert sorted(told) == list(range(1, 201))
        assert len(table) == 40
    assert verify(room / "home").ok
    syncs = sum(name == "fsync" for name, _ in calls.calls)
    count(threads=12, commits=240, syncs=syncs)


def test_commits_at_once_share_a_sync(room: Path) -> None:
    """What seven threads write while the first one's sync is under way takes one more, for all."""
    with closing(Catalog(room / "home")) as catalog:
        _commit(catalog, "sales")
        disk = _SlowDisk(until=8)
        with observed(disk):
            _together([lambda: _commit(catalog, "sales")] * 8)
        assert disk.syncs == 2
        assert catalog.view().latest_number("p", "sales") == 9


class _SlowDisk:
    """Ends no sync before so many transactions are written."""

    def __init__(self, until: int) -> None:
        self.syncs = 0
        self._until = until
        self._written = 0
        self._all = threading.Event()

    def __call__(
        self, name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        result = real(*args, **kwargs)
        if name == "pwrite" and len(args[1]) > 100:
            self._written += 1
            if self._written == self._until:
                self._all.set()
        if name == "fsync":
            self.syncs += 1
            assert self._all.wait(60)
        return result


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forks_while_threads_commit(room: Path, count: Callable[..., None]) -> None:
    """Children that are forked while other threads commit write as well as their parent does."""
    told: list[int] = []
    with closing(Catalog(room / "home")) as catalog:
        _commit(catalog, "sales")

        def write() -> None:
            told.extend(_commit(catalog, "sales") for _ in range(40))

        def fork() -> None:
            for _ in range(5):
                pid = os.fork()
                if not pid:
                    _as_child(catalog)
                assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

        _together([write] * 4 + [fork] * 2)
        told.append(_commit(catalog, "sales"))
        docs = catalog.db.table("versions").all()
        assert [doc["version"] for doc in docs] == list(range(1, 213))
    assert len(set(told)) == 161
    assert verify(room / "home").ok
    count(forks=10, parents=161, children=50)


def _as_child(catalog: Catalog) -> None:
    code = 1
    try:
        numbers = [_commit(catalog, "sales") for _ in range(5)]
        assert numbers == sorted(numbers)
        assert catalog.view().latest_number("p", "sales") >= numbers[-1]
        code = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr)
    finally:
        os._exit(code)
