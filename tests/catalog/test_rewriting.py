"""A journal that takes the place of another: whole or not at all, and everybody goes on."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import signal
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tinydb.table import Document

from heirloom.catalog import Catalog
from heirloom.catalog.anchor import anchor_of
from heirloom.catalog.index import Index
from heirloom.catalog.salvage import salvage
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogDamaged, CatalogLocked, CatalogUnavailable, InputError
from heirloom.records.redactions import Text

pytestmark = pytest.mark.process

STEPS = (
    "open",
    "write",
    "pwrite",
    "fsync",
    "rename",
    "replace",
    "unlink",
    "link",
    "fchmod",
    "close",
)
SECRET = "hunter2-hunter2"


def _child(work: Callable[[], Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _end(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _kill_at(step: int, *, after: bool) -> None:
    """The process kills itself at that call of all calls that change files, or behind it."""
    calls = [0]

    def killing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            last = calls[0] == step
            if last and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return real(*args, **kwargs)
            finally:
                if last:
                    os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in STEPS:
        setattr(os, name, killing(getattr(os, name)))


@pytest.fixture
def fill(maker: Any) -> Callable[[Catalog], Any]:
    """Writes versions, updates, marks and a user's rows, some of them removed."""

    def write(catalog: Catalog) -> Any:
        make = maker(catalog)
        first = make.emit("sales", SECRET, partitions={"region": "emea"})
        make.emit("sales", 2, reads=(first.ref,))
        run = make.execution(state="running")
        make.write(executions=[run])
        make.write(executions=[make.execution(run.id)])
        make.mark(first, "alias", alias="champion", reason="")
        table = catalog.db.table("mine")
        table.insert_multiple([{"n": n} for n in range(4)])
        table.remove(doc_ids=[4])
        table.update({"n": 9}, doc_ids=[2])
        catalog.db.table("gone").insert({})
        catalog.db.drop_table("gone")
        catalog.db.table("emptied").insert({})
        catalog.db.table("emptied").truncate()
        return make

    return write


def _waste(catalog: Catalog) -> None:
    """Leave a line that a purge takes away, and no other document."""
    for n in (8, 9):
        catalog.db.table("mine").upsert(Document({"n": n}, doc_id=2))


def _every_step(work: Callable[[], Any], check: Callable[[], Any]) -> int:
    """Kill `work` before and behind each of its steps, `check` each time; how many steps."""
    step = 0
    for after in (False, True):
        step = 0
        while True:
            step += 1

            def run(step: int = step, after: bool = after) -> None:
                _kill_at(step, after=after)
                work()

            end = _end(_child(run))
            check()
            if end == 0:
                break
            assert end == -signal.SIGKILL
    return step


def test_kill_at_every_step_of_a_purge(
    home: Path, opened: Any, fill: Any, everything: Callable[..., Any]
) -> None:
    """A purge that is killed leaves a journal that says the same, and everybody writes on."""
    make = fill(opened())
    expected = everything(make.catalog)

    def check() -> None:
        assert everything(opened()) == expected
        assert everything(make.catalog) == expected
        assert verify(home).ok
        _waste(make.catalog)

    assert _every_step(lambda: Catalog(home).purge("ada"), check) > 15
    assert make.emit("sales").version == 3


def test_kill_at_every_step_of_a_redaction(home: Path, opened: Any, fill: Any) -> None:
    """A redaction that is killed has happened or not; a later one takes all copies away."""
    make = fill(opened())

    def check() -> None:
        fresh = opened()
        value = fresh.view().version("p", "sales", 1).payload.value
        assert value in {SECRET, "[redacted]"}
        assert make.catalog.view().version("p", "sales", 1).payload.value == value
        assert verify(home).ok
        if value != SECRET:
            make.mark(make.catalog.view().version("p", "sales", 2), "note", text=SECRET)

    def work() -> None:
        Catalog(home).redact(Text(SECRET), "ada", "leaked")

    assert _every_step(work, check) > 15
    make.catalog.redact(Text(SECRET), "ada", "leaked")
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("after", [False, True])
def test_what_a_killed_redaction_left_the_next_one_finishes(
    home: Path, opened: Any, fill: Any, tmp_path: Path, after: bool
) -> None:
    """Run once more it leaves the text in no file, nor in the old one that another has open."""
    fill(opened()).catalog.close()
    (home / "journal.jsonl.torn-9").write_bytes(SECRET.encode())
    finished = 0
    for step in itertools.count(1):
        fresh = tmp_path / f"home-{step}"
        shutil.copytree(home, fresh, ignore=shutil.ignore_patterns("bells"))
        with (fresh / "journal.jsonl").open("rb") as old:
            end = _end(_child(partial(_redact, fresh, step, after=after)))
            with closing(Catalog(fresh)) as catalog, suppress(InputError):  # all was done
                finished += not catalog.redact(Text(SECRET), "ada", "leaked").places
            assert SECRET.encode() not in old.read()
        files = [path for path in fresh.rglob("*") if path.is_file()]
        assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
        assert not (fresh / "journal.jsonl.replaced").exists()
        assert verify(fresh).ok
        if end == 0:
            break
    assert finished > 2


def _redact(home: Path, step: int, *, after: bool) -> None:
    _kill_at(step, after=after)
    Catalog(home).redact(Text(SECRET), "ada", "leaked")


def test_kill_at_every_step_of_a_salvage(home: Path, opened: Any, fill: Any) -> None:
    """A salvage that is killed leaves the damaged journal as it was, or the new one."""
    catalog = opened()
    fill(catalog)
    catalog.close()
    journal = home / "journal.jsonl"
    text = journal.read_bytes()
    at = text.index(SECRET.encode())
    damaged = text[:at] + b"#" + text[at + 1 :]
    journal.write_bytes(damaged)

    def check() -> None:
        if journal.read_bytes() == damaged:
            return
        assert verify(home).ok
        assert opened().view().latest_number("p", "sales") == 2
        journal.write_bytes(damaged)

    assert _every_step(lambda: salvage(home, "ada"), check) > 10


@pytest.mark.parametrize("sync", ["group", "none"])
def test_writers_and_readers_at_once(home: Path, opened: Any, maker: Any, sync: str) -> None:
    """While journals are replaced, every commit of every process is kept, once, and none fails."""
    make = maker(opened(sync=sync))
    make.emit("sales", [0, 0])
    done = home / "done"

    def write() -> None:
        mine = maker(Catalog(home, sync=sync))
        for n in range(40):
            number = mine.emit("sales", [os.getpid(), n]).version
            assert mine.catalog.view().latest_number("p", "sales") >= number

    def read() -> None:
        mine, last = Catalog(home, read_only=True), 0
        while not done.exists():
            position = mine.position()
            assert position >= last
            last = position
            number = mine.view().latest_number("p", "sales")
            found = mine.view().version("p", "sales", number)
            assert found is not None
            assert found.version == number

    def replace() -> None:
        mine = Catalog(home, sync=sync)
        for _ in range(6):
            _waste(mine)
            mine.purge("ada")

    readers = [_child(read) for _ in range(2)]
    writers = [_child(write), _child(write), _child(replace)]
    assert [_end(pid) for pid in writers] == [0, 0, 0]
    done.touch()
    assert [_end(pid) for pid in readers] == [0, 0]
    docs = make.catalog.db.table("versions").all()
    assert [doc["version"] for doc in docs] == list(range(1, 82))
    assert len({tuple(doc["payload"]["value"]) for doc in docs}) == 81
    assert verify(home).ok
    history = opened()._archive.journal.header.doc["history"]
    assert [entry["what"] for entry in history] == ["purge"] * 6


def test_threads_of_one_handle(opened: Any, maker: Any) -> None:
    """One handle's threads write, read and replace the journal together."""
    catalog = opened(sync="group")
    make = maker(catalog)
    failures: list[BaseException] = []

    def work(job: Callable[[int], Any]) -> None:
        try:
            for n in range(25):
                job(n)
        except BaseException as error:
            failures.append(error)

    def read(_: int) -> None:
        number = catalog.view().latest_number("p", "sales")
        assert number == 0 or catalog.view().version("p", "sales", number) is not None

    jobs: list[Callable[[int], Any]] = [
        lambda n: make.emit("sales", n),
        lambda n: make.emit("other", n),
        read,
        lambda n: catalog.purge("ada") if n % 5 == 0 else None,
    ]
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert catalog.view().latest_number("p", "sales") == 25
    assert catalog.view().latest_number("p", "other") == 25


def test_forked_child(home: Path, opened: Any, fill: Any) -> None:
    """A child that was forked before goes on with the new journal, and so does one forked after."""
    make = fill(opened())
    ready, go = os.pipe(), os.pipe()

    def work() -> None:
        os.write(ready[1], b".")
        os.read(go[0], 1)
        assert make.emit("sales").version == 3

    before = _child(work)
    os.read(ready[0], 1)
    Catalog(home).purge("ada")
    after = _child(lambda: make.catalog.view().version("p", "sales", 2).ref)
    assert _end(after) == 0
    os.write(go[1], b".")
    assert _end(before) == 0
    assert make.emit("sales").version == 4
    for end in (*ready, *go):
        os.close(end)


def test_a_waiting_reactor_is_woken(home: Path, opened: Any, fill: Any) -> None:
    """Who waits for the position to grow is woken by a new journal, whose position is higher."""
    make = fill(opened())
    before = make.catalog.position()
    pid = _child(lambda: Catalog(home).purge("ada"))
    assert make.catalog.wait(before, 10) > before
    assert _end(pid) == 0
    assert make.catalog.wait(make.catalog.position(), 0.02) == make.catalog.position()


def test_the_header_tells(home: Path, opened: Any, fill: Any) -> None:
    """The new journal names what it replaced, keeps used ids, and tells of all that came before."""
    make = fill(opened())
    old = make.catalog._archive.journal
    journal, end, text = old.id, old.place, (home / "journal.jsonl").read_bytes()
    make.catalog.purge("ada")
    header = make.catalog._archive.journal.header
    assert header.start == (0, end.n, end.chain)
    assert header.doc["next"]["gone"] == 2
    first = header.doc["history"][0]
    assert (first["what"], first["by"], first["journal"]) == ("purge", "ada", journal)
    assert first["anchor"] == f"{len(text)}:{hashlib.sha256(text).hexdigest()}"
    assert make.catalog.db.table("gone").insert({}) == 2
    assert make.catalog.db.table("mine").insert({}) == 5
    kept = anchor_of(home / "journal.jsonl", make.catalog._archive.journal.place.at)
    make.catalog.redact(Text(SECRET), "eve", "leaked")
    history = make.catalog._archive.journal.header.doc["history"]
    told = [(entry["what"], entry["by"]) for entry in history]
    assert told == [("purge", "ada"), ("redact", "eve")]
    assert (history[1]["why"], history[1]["anchor"]) == ("leaked", kept)


def test_rights_are_kept(home: Path, opened: Any, fill: Any) -> None:
    """The new journal has the rights of the old one, so that a group keeps sharing it."""
    make = fill(opened())
    (home / "journal.jsonl").chmod(0o660)
    make.catalog.purge("ada")
    assert (home / "journal.jsonl").stat().st_mode & 0o777 == 0o660


def test_a_full_disk(
    home: Path, opened: Any, fill: Any, everything: Callable[..., Any], monkeypatch: Any
) -> None:
    """Where the disk takes no new journal the old one stands, and nothing is left beside it."""
    make = fill(opened())
    expected = everything(make.catalog)
    real = os.fsync

    def refuse(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").endswith(".new"):
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(CatalogUnavailable, match="the old one stands: No space left"):
        make.catalog.purge("ada")
    assert list(home.glob("*.new")) == []
    assert everything(make.catalog) == expected
    assert make.emit("sales").version == 3


def test_damage_is_not_rewritten(home: Path, opened: Any, fill: Any) -> None:
    """A journal that turns out damaged is left as it is: what cannot be read is not dropped."""
    make = fill(opened())
    journal = home / "journal.jsonl"
    text = journal.read_bytes()
    at = text.index(SECRET.encode())
    damaged = text[:at] + b"#" + text[at + 1 :]
    journal.write_bytes(damaged)
    with pytest.raises(CatalogDamaged, match="heirloom salvage"):
        make.catalog.purge("ada")
    assert journal.read_bytes() == damaged


def test_a_reader_between_two_journals(
    home: Path, opened: Any, fill: Any, monkeypatch: Any
) -> None:
    """A question that was begun with the old index and meets the new journal is asked again."""
    make = fill(opened())
    reader = opened()
    reader.view().latest_number("p", "sales")
    real = Index.connection
    calls = [0]

    def connection(index: Index) -> Any:
        found = real(index)
        calls[0] += 1
        if index is reader._archive.index and calls[0] == 1:
            make.catalog.redact(Text(SECRET), "ada", "leaked")
        return found

    monkeypatch.setattr(Index, "connection", connection)
    found = reader.view().version("p", "sales", 1)
    assert found is not None
    assert found.payload.value == "[redacted]"


def test_writers_wait_for_as_long_as_it_takes(home: Path, opened: Any, fill: Any) -> None:
    """Who waits for the lock gives up after a while, but not while a journal is being written."""
    make = fill(opened())
    other = opened()
    archive = make.catalog._archive
    archive._lock.timeout = 0.05
    with other._archive._lock, pytest.raises(CatalogLocked):
        make.emit("sales")
    began, end = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        end.wait(10)

    def slow() -> None:
        with other._archive.home.rewriting():
            other._archive.alone(wait)

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait(10)
    later = threading.Timer(0.3, end.set)
    later.start()
    assert make.emit("sales").version == 3
    thread.join()
