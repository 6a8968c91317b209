"""The journal's bytes: what a crash leaves, what damage looks like, and that neither lies."""

from __future__ import annotations

import json
import os
import resource
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from heirloom.catalog import verify
from heirloom.catalog.line import START, frame
from heirloom.catalog.synced import SyncedMark
from heirloom.errors import CatalogDamaged, CatalogError, CatalogUnavailable, FormatTooNew


def _journal(home: Path) -> Path:
    return home / "journal.jsonl"


def _small(make: Any) -> None:
    """A journal of three transactions, the first and the last of two lines."""
    version = make.emit("sales", 7)
    make.catalog.db.table("mine").insert({"a": 1})
    make.write(executions=[make.execution(state="queued")], rows=[make.row("p1", version.ref)])


def _copy(home: Path, to: Path, *, index: bool = False, mark: bool = False) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    (to / "locks").mkdir(parents=True)
    shutil.copy(_journal(home), _journal(to))
    if index:
        shutil.copy(home / "index.sqlite", to / "index.sqlite")
    if mark:
        shutil.copy(home / "locks/journal.synced", to / "locks/journal.synced")
    return to


def test_lines_are_json_checked_and_chained(make: Any, home: Path) -> None:
    """Any tool reads the lines; each names the checksum of the one before."""
    _small(make)
    previous = "00000000"
    for n, raw in enumerate(_journal(home).read_bytes().splitlines()):
        record = json.loads(raw)
        assert record["c"] == f"{zlib.crc32(raw[14:]):08x}"
        assert (record["p"], record["n"], record["s"]) == (previous, n, 1)
        previous = record["c"]


def test_files_are_private(make: Any, home: Path) -> None:
    """The home and its locks are 0700, its files 0600, whatever the umask."""
    _small(make)
    make.catalog.names()
    modes = {path.name: oct(path.stat().st_mode)[-3:] for path in home.rglob("*")}
    assert modes.pop("locks") == "700"
    assert set(modes.values()) == {"600"}
    assert oct(home.stat().st_mode)[-3:] == "700"


def test_torn_writes(
    make: Any, home: Path, tmp_path: Path, opened: Any, everything: Callable[..., Any]
) -> None:
    """A write cut off at any third byte is not there, or is whole; the next commit stands."""
    make.emit("sales", 1)
    before, start = everything(make.catalog), _journal(home).stat().st_size
    _small(make)
    whole, data = everything(make.catalog), _journal(home).read_bytes()
    first = data.index(b'"x":0', start)
    end = data.index(b"\n", first) + 1
    for size in {*range(start, end + 1, 3), end - 1, end}:
        copy = _copy(home, tmp_path / "torn")
        _journal(copy).write_bytes(data[:size])
        catalog = opened(copy)
        assert everything(catalog) == before or size >= end - 1
        catalog.db.table("mine").insert({"after": size})
        found = everything(catalog)
        assert found["mine"] == [(1, {"after": size})]
        assert len(found["versions"]) == (2 if size >= end - 1 else 1)
        assert verify(copy).ok
        catalog.close()
    assert whole["versions"] != before["versions"]


def test_cut_off_bytes_are_kept_aside(make: Any, home: Path, opened: Any) -> None:
    """What an interrupted write left is taken away by the next writer, a copy kept."""
    make.emit("sales")
    size = _journal(home).stat().st_size
    make.catalog.close()
    with _journal(home).open("ab") as file:
        file.write(b'{"c":"12')
    opened().db.table("mine").insert({"a": 1})
    assert (home / f"journal.jsonl.torn-{size}").read_bytes() == b'{"c":"12'


@pytest.mark.parametrize(("index", "mark"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("how", ["flip", "zero", "feed", "sign", "drop", "add"])
def test_damage_at_every_byte_is_found(
    make: Any,
    home: Path,
    tmp_path: Path,
    opened: Any,
    everything: Callable[..., Any],
    how: str,
    index: bool,
    mark: bool,
) -> None:
    """A byte that changed, went or came anywhere is an error that names it, never an answer."""
    _small(make)
    expected = everything(make.catalog)
    make.catalog._archive.journal.sync(1)
    data = _journal(home).read_bytes()
    ends = {len(data) - 2, len(data) - 1}
    copy = _copy(home, tmp_path / "bad", index=index, mark=mark)
    every = 5 if index or how not in {"flip", "sign"} else 1
    for at in {*range(0, len(data), every), *ends}:
        changed = _changed(data, at, how)
        if changed == data:
            continue
        _journal(copy).write_bytes(changed)
        harmless = (how, at, mark) == ("drop", len(data) - 1, False)
        assert verify(copy).ok == harmless, at
        if at % 35 == 0 or at in ends:
            copy = _copy(home, tmp_path / "bad", index=index, mark=mark)
            _journal(copy).write_bytes(changed)
            found = _outcome(copy, opened, everything)
            assert found == expected if harmless else isinstance(found, CatalogDamaged), at


def _changed(data: bytes, at: int, how: str) -> bytes:
    replaced = {
        "flip": bytes([data[at] ^ 0x02]),
        "zero": b"\0",
        "feed": b"\n",
        "sign": b"~",
        "drop": b"",
        "add": data[at : at + 1] * 2,
    }
    return data[:at] + replaced[how] + data[at + 1 :]


def _outcome(home: Path, opened: Any, everything: Callable[..., Any]) -> Any:
    catalog = None
    try:
        catalog = opened(home)
        return everything(catalog)
    except CatalogError as error:
        return error
    finally:
        if catalog is not None:
            catalog.close()


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_acknowledged_bytes_that_are_gone_are_damage(
    make: Any, home: Path, opened: Any, lines: int
) -> None:
    """A journal that ends before what was synced is damaged, were it at a line's end."""
    _small(make)
    make.catalog._archive.journal.sync(1)
    make.catalog.close()
    data = _journal(home).read_bytes().splitlines(keepends=True)
    _journal(home).write_bytes(b"".join(data[:-lines]))
    with pytest.raises(CatalogDamaged, match="on the disk"):
        opened()


@pytest.mark.parametrize("boot", ["this", "another"])
def test_zeros_behind_the_mark(
    make: Any, home: Path, opened: Any, boot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsynced blocks that a power cut left as zeros are taken away after a boot, not before."""
    make.emit("sales")
    make.catalog._archive.journal.sync(1)
    make.catalog.close()
    with _journal(home).open("ab") as file:
        file.write(b"\0" * 700)
    if boot == "another":
        monkeypatch.setattr("heirloom.catalog.ending.boot_id", lambda: "another")
        opened().db.table("mine").insert({"a": 1})
        assert verify(home).ok
    else:
        with pytest.raises(CatalogDamaged):
            opened()


@pytest.mark.parametrize("change", ["swap", "repeat", "remove"])
def test_moved_lines_are_found(make: Any, home: Path, opened: Any, change: str) -> None:
    """Intact lines in another order, twice, or left out, are damage."""
    for _ in range(3):
        make.catalog.db.table("mine").insert({"a": 1})
    make.catalog.close()
    lines = _journal(home).read_bytes().splitlines(keepends=True)
    moved = {
        "swap": [lines[0], lines[2], lines[1], lines[3]],
        "repeat": [*lines[:2], lines[1], *lines[2:]],
        "remove": [lines[0], *lines[2:]],
    }
    _journal(home).write_bytes(b"".join(moved[change]))
    (home / "index.sqlite").unlink()
    (home / "locks/journal.synced").unlink(missing_ok=True)
    with pytest.raises(CatalogDamaged):
        opened()


def test_running_handle_finds_damage(make: Any, home: Path) -> None:
    """Garbage appended under an open handle stops reads and writes, and names the byte."""
    make.emit("sales")
    size = _journal(home).stat().st_size
    with _journal(home).open("ab") as file:
        file.write(b"garbage\n")
    with pytest.raises(CatalogDamaged) as caught:
        make.catalog.names()
    assert caught.value.offset == size
    with pytest.raises(CatalogDamaged):
        make.emit("sales")


def test_newer_format_is_refused(make: Any, home: Path, opened: Any) -> None:
    """A journal of a later format is refused in one line."""
    make.catalog.close()
    doc = orjson.loads(_journal(home).read_bytes())["d"] | {"format": 2}
    _journal(home).write_bytes(frame(START, 0, "h", "", None, orjson.dumps(doc)).raw)
    with pytest.raises(FormatTooNew, match="newer"):
        opened()


@contextmanager
def _room(home: Path, more: int) -> Iterator[None]:
    """The journal may grow by `more` bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = _journal(home).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + more, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_full_disk_at_every_budget(make: Any, home: Path, everything: Callable[..., Any]) -> None:
    """A disk that takes part of a transaction takes none; when there is room, all goes on."""
    make.emit("sales")
    everything(make.catalog)
    size = _journal(home).stat().st_size
    for more in range(0, 900, 7):
        with _room(home, more), pytest.raises(CatalogUnavailable) as caught:
            make.emit("sales", "x" * 500)
        assert caught.value.errno is not None
        assert _journal(home).stat().st_size == size
    assert make.emit("sales").version == 2
    assert verify(home).ok


def test_full_disk_without_taking_back(
    make: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If even the taking back fails, the next writer takes the rest away."""
    make.emit("sales")
    monkeypatch.setattr(os, "ftruncate", _refuse)
    with _room(home, 300), pytest.raises(CatalogUnavailable):
        make.emit("sales", "x" * 500)
    monkeypatch.undo()
    assert make.emit("sales").version == 2
    assert verify(home).ok


def _refuse(*_: Any) -> None:
    raise OSError(5, "Input/output error")


def test_failed_sync_poisons_the_handle(
    home: Path, opened: Any, maker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync the handle writes no more, reads on, and a new one may write."""
    catalog = opened(sync="group")
    make = maker(catalog)
    make.emit("sales")
    monkeypatch.setattr(os, "fsync", _refuse)
    with pytest.raises(CatalogUnavailable, match="unknown"):
        make.emit("sales")
    monkeypatch.undo()
    with pytest.raises(CatalogUnavailable, match="connect again"):
        make.emit("sales")
    assert catalog.view().latest_number("p", "sales") == 2
    assert maker(opened()).emit("sales").version == 3


@pytest.mark.parametrize("sync", ["group", "commit"])
def test_commit_returns_synced(
    opened: Any, maker: Any, sync: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a durable commit returns, its bytes were synced, and the mark says so."""
    catalog = opened(sync=sync)
    synced: list[int] = []
    real = os.fsync

    def counting(handle: int) -> None:
        synced.append(handle)
        real(handle)

    monkeypatch.setattr(os, "fsync", counting)
    maker(catalog).emit("sales")
    assert len(synced) == 1
    mark = SyncedMark(catalog.home / "locks/journal.synced").read()
    assert mark is not None
    assert mark.at == _journal(catalog.home).stat().st_size


def test_read_only_home(make: Any, home: Path, opened: Any, everything: Callable[..., Any]) -> None:
    """A home that cannot be written is read, its index elsewhere, and refuses commits."""
    _small(make)
    expected = everything(make.catalog)
    make.catalog.close()
    (home / "index.sqlite").unlink()
    before = sorted(path.name for path in home.rglob("*"))
    reader = opened(read_only=True)
    assert everything(reader) == expected
    assert sorted(path.name for path in home.rglob("*")) == before
    with pytest.raises(CatalogUnavailable, match="reading only"):
        reader.db.table("mine").insert({"a": 1})
    with pytest.raises(CatalogUnavailable):
        reader.commit(lambda _: pytest.fail("called"))
    writer = opened()
    writer.db.table("mine").insert({"b": 2})
    assert len(reader.db.table("mine")) == 2


def test_no_home_to_read(tmp_path: Path, opened: Any) -> None:
    """Reading a home that is not there is one clear error, and makes nothing."""
    with pytest.raises(CatalogUnavailable, match="no catalog"):
        opened(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()


def test_home_that_is_a_file(tmp_path: Path, opened: Any) -> None:
    """A home that cannot be made is one clear error."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(CatalogUnavailable, match="home"):
        opened(tmp_path / "file")


def test_vanished_journal_is_unavailable(make: Any, home: Path) -> None:
    """A journal that somebody took away is an error, not an empty catalog."""
    make.emit("sales")
    _journal(home).unlink()
    with pytest.raises(CatalogUnavailable):
        make.catalog.names()


def test_replaced_journal_is_read_anew(
    make: Any, home: Path, tmp_path: Path, opened: Any, maker: Any
) -> None:
    """Another journal renamed in under an open handle is read from its beginning."""
    make.emit("sales")
    other = maker(opened(tmp_path / "other"))
    other.emit("costs")
    shutil.copy(_journal(tmp_path / "other"), tmp_path / "fresh")
    (home / "locks/journal.synced").unlink(missing_ok=True)
    os.replace(tmp_path / "fresh", _journal(home))
    assert make.catalog.names() == ["costs"]
    assert make.emit("costs").version == 2


def test_symlinked_journal_is_refused(make: Any, home: Path, tmp_path: Path, opened: Any) -> None:
    """A journal that is a symbolic link is not followed."""
    make.catalog.close()
    os.replace(_journal(home), tmp_path / "elsewhere")
    _journal(home).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CatalogUnavailable):
        opened()


def test_verify_counts(make: Any, home: Path) -> None:
    """Verify says what there is, and whether the index is current."""
    _small(make)
    assert verify(home).index == "behind"
    make.catalog.names()
    report = verify(home)
    assert report.ok
    assert report.index == "current"
    assert report.documents == {"versions": 1, "executions": 2, "mine": 1, "ledger": 1}
    assert (report.lines, report.transactions) == (6, 4)
