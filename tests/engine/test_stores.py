"""A home's stores: which one a payload is in, and where that lies now."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import fsspec
import pytest

import heirloom as hl
from heirloom.errors import NotFound, PayloadMissing, StoreError
from heirloom.opening import reset
from heirloom.store.bucket import Bucket
from heirloom.store.links import open_source

TEXT = "x" * 10_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a home can be."""
    return tmp_path / "a home"


def _payload(ref: str) -> dict[str, Any]:
    return hl.get(ref).payload.to_doc()


def test_another_store_finds_the_old_payloads(home: Path, tmp_path: Path) -> None:
    """Each payload is read from the store that it was put into, wherever new ones go."""
    fsspec.filesystem("memory").store.clear()
    places = [None, str(tmp_path / "disk"), "memory://bucket/team"]
    for number, place in enumerate(places):
        hl.connect(home, store=place)
        hl.publish(f"{number}{TEXT}", "text")
    for place in places:
        hl.connect(home, store=place, read_only=True)
        assert [hl.pull(f"text@{n + 1}")[0] for n in range(3)] == ["0", "1", "2"]
    assert (home / "store" / "sha256").is_dir()
    assert (tmp_path / "disk" / "sha256").is_dir()
    assert fsspec.filesystem("memory").find("/bucket/team/sha256")


def test_a_record_names_the_store_and_no_place(home: Path, tmp_path: Path) -> None:
    """A payload's record has its digest and its store's id; the home's own goes unsaid."""
    hl.connect(home)
    hl.publish(TEXT, "text")
    assert "store" not in _payload("text@1")
    session = hl.connect(home, store=str(tmp_path / "disk"))
    hl.publish(TEXT, "text")
    (kept,) = session.db.table("stores").all()
    assert _payload("text@2")["store"] == kept["id"]
    assert kept["url"] == str(tmp_path / "disk")
    assert str(tmp_path) not in str(_payload("text@2"))


def test_a_version_says_where_it_lies(home: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """A URL that opens: in the home, on a disk, in a bucket that is not asked; a link's own."""
    fsspec.filesystem("memory").store.clear()
    for number, place in enumerate([None, str(tmp_path / "a disk"), "memory://bucket/team"]):
        hl.connect(home, store=place)
        made = hl.publish(f"{number}{TEXT}", "text")
        with open_source(made.uri) as file:
            assert hashlib.sha256(file.read()).hexdigest() == (made.digest or "")[7:]
    data = tmp_path / "data.csv"
    data.write_text("a\n")
    linked = hl.publish(hl.File(data, link=True), "linked")
    assert linked.uri == linked.payload.link
    small = hl.publish(7, "small")
    assert small.uri == small.ref
    monkeypatch.setattr(Bucket, "_system", None)  # from here on nothing asks it
    assert hl.get("text@3").uri == made.uri
    assert next(iter(hl.search("name=text"))).uri == made.uri


def test_one_place_is_one_store(home: Path, tmp_path: Path) -> None:
    """However a place is written and whoever comes first, it is recorded once."""
    disk = tmp_path / "a disk"
    for place in (str(disk), f"{disk}/", disk.as_uri(), f"{tmp_path}/x/../a disk"):
        hl.connect(home, store=place)
        hl.publish(place + TEXT, "text")
    assert len(hl.current().db.table("stores")) == 1
    assert len({_payload(f"text@{n}")["store"] for n in (1, 2, 3, 4)}) == 1


def test_a_store_that_is_not_used_is_not_recorded(home: Path, tmp_path: Path) -> None:
    """Connecting, looking and small values leave no trace of a store."""
    session = hl.connect(home, store=str(tmp_path / "disk"))
    hl.publish(7, "seven")
    assert hl.pull("seven") == 7
    assert len(session.db.table("stores")) == 0
    assert not (tmp_path / "disk").exists()


@pytest.mark.parametrize("own", [True, False])
def test_a_store_that_moves_is_one_record(home: Path, tmp_path: Path, own: bool) -> None:
    """After a move, sessions that were open find the old payloads and put new ones there."""
    before = home / "store" if own else tmp_path / "disk"
    session = hl.connect(home, store=None if own else str(before))
    hl.publish(TEXT, "text")
    id = _payload("text").get("store", "home")
    os.rename(before, tmp_path / "new")
    with pytest.raises(PayloadMissing, match=r"its store at .* is not there.*heirloom stores"):
        hl.pull("text")
    records = session.catalog.position()
    session.stores.move(id, str(tmp_path / "new"))
    assert session.catalog.position() == records + 1
    assert hl.pull("text") == TEXT
    hl.publish(TEXT + "2", "text")
    assert not before.exists()
    hl.connect(home)
    assert hl.pull("text@2") == TEXT + "2"


def test_a_home_that_moves_takes_its_stores_along(home: Path, tmp_path: Path) -> None:
    """Stores inside a home are where the home is."""
    for number, place in enumerate([None, str(home / "second" / "store")]):
        hl.connect(home, store=place)
        hl.publish(f"{number}{TEXT}", "text")
    reset()
    os.rename(home, tmp_path / "elsewhere")
    hl.connect(tmp_path / "elsewhere")
    assert [hl.pull(f"text@{n}")[0] for n in (1, 2)] == ["0", "1"]


def test_an_unreachable_store_is_found_on_pull(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home whose store cannot be reached opens, looks and records; a pull says what is wrong."""
    memory = type(fsspec.filesystem("memory"))
    hl.connect(home, store="memory://bucket/gone")
    hl.publish(TEXT, "text")
    reset()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host")

    for verb in ("cat_file", "info", "pipe_file"):
        monkeypatch.setattr(memory, verb, refuse)
    hl.connect(home, store="memory://bucket/gone")
    assert hl.get("text").size == 10_000
    hl.publish(7, "seven")
    with pytest.raises(StoreError, match=r"memory://bucket/gone.*no route to host") as refused:
        hl.pull("text")
    assert "\n" not in str(refused.value)


def test_a_store_nobody_knows(home: Path) -> None:
    """A payload whose store has no record is missing, in one line."""
    session = hl.connect(home)
    with pytest.raises(PayloadMissing, match=r"store 'nobodys', of which .* has no record"):
        session.stores.of("nobodys")
    with pytest.raises(NotFound, match="no store 'hime'; it has home") as refused:
        session.stores.move("hime", "memory://x")
    assert refused.value.closest == ("home",)


def test_credentials_are_never_recorded(home: Path) -> None:
    """A store's address with credentials is refused before a home is made."""
    for place in ("s3://me:secret@bucket/x", "abfs://me:secret@account/x"):
        with pytest.raises(StoreError, match="credentials") as refused:
            hl.connect(home, store=place)
        assert "secret" not in str(refused.value)
        assert not home.exists()
    session = hl.connect(home)
    with pytest.raises(StoreError, match="credentials"):
        session.stores.move("home", "s3://me:secret@bucket/x")
    assert b"secret" not in (home / "journal.jsonl").read_bytes()
