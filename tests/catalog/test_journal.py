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

from heirloom.catalog.line import START, frame
from heirloom.catalog.synced import SyncedMark
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogDamaged, CatalogUnavailable, FormatTooNew


def _journal(home: Path) -> Path:
    return home / "journal.jsonl"


def _small(make: Any) -> None:
    """A journal of three transactions, the first and the last of two lines."""
    version = make.emit("sales", 7)
    make.catalog.db.table("mine").insert({"a": 1})
    make.write(executions=[make.execution(state="queued")], rows=[make.row("p1", version.ref)])


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


def test_cut_off_bytes_are_kept_aside(make: Any, home: Path, opened: Any) -> None:
    """What an interrupted write left is taken away by the next writer, a copy kept."""
    make.emit("sales")
    size = _journal(home).stat().st_size
    make.catalog.close()
    with _journal(home).open("ab") as file:
        file.write(b'{"c":"12')
    opened().db.table("mine").insert({"a": 1})
    assert (home / f"journal.jsonl.torn-{size}").read_bytes() == b'{"c":"12'


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_acknowledged_bytes_that_are_gone_are_damage(
    make: Any, home: Path, opened: Any, lines: int
) -> None:
    """A journal that ends before what was synced is damaged, were it at a line's end."""
    _small(make)
    make.catalog._archive.journal.promise()()
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
    make.catalog._archive.journal.promise()()
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
    maker(catalog).emit("sales")
    synced: list[int] = []
    real = os.fsync

    def counting(handle: int) -> None:
        synced.append(handle)
        real(handle)

    monkeypatch.setattr(os, "fsync", counting)
    maker(catalog).emit("sales")
    assert len(synced) == 1
    mark = SyncedMark(catalog.home / "locks/journal.synced").read(catalog._archive.journal.id)
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
