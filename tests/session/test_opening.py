"""Payloads as files: hl.open."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom.errors import CodecError, PayloadDamaged, UnsafeRead
from heirloom.session import Session


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Session:
    """The session that the front acts on."""
    return hl.connect(tmp_path / "home")


def _file(tmp_path: Path, data: bytes = b"0123456789") -> hl.File:
    (tmp_path / "big.bin").write_bytes(data)
    return hl.File(tmp_path / "big.bin")


def test_a_file_is_read_here_and_there(tmp_path: Path) -> None:
    """A payload is a binary file that seeks, read-only, closed with its block."""
    hl.publish(_file(tmp_path), "big")
    with hl.open("big") as stream:
        stream.seek(4)
        assert stream.read(3) == b"456"
        with pytest.raises(io.UnsupportedOperation):
            stream.write(b"x")
    assert stream.closed


def test_every_payload_that_is_one_file_is_opened(tmp_path: Path) -> None:
    """A frame gives its Parquet, a link what it names; a pickle gives bytes and runs nothing."""
    hl.publish(pd.DataFrame({"a": [1]}), "frame")
    with hl.open("frame") as stream:
        assert pd.read_parquet(stream).to_dict("list") == {"a": [1]}
    file = _file(tmp_path)
    hl.publish(hl.File(file.path, link=True), "linked")
    with hl.open("linked") as stream:
        assert stream.read() == b"0123456789"
    hl.publish(object(), "odd", format="pickle")
    with pytest.raises(UnsafeRead):
        hl.pull("odd")
    with hl.open("odd") as stream:
        assert stream.read(1) == b"\x80"


def test_an_open_is_an_edge(session: Session, tmp_path: Path) -> None:
    """Who opens a payload has read it: in a body the task, else the session."""
    version = hl.publish(_file(tmp_path), "big", None)

    @hl.task
    def head() -> bytes:
        with hl.open("big") as stream:
            return stream.read(2)

    assert head() == b"01"
    hl.open("big").close()
    session.pulls.flush()
    reads = {e.kind: [r.item for r in e.all_reads()] for e in session.executions()}
    assert reads["task"] == reads["session"] == [version.ref]


@pytest.mark.parametrize("link", [False, True])
def test_damage_is_found_before_the_first_byte(
    session: Session, tmp_path: Path, link: bool
) -> None:
    """Bytes that are not those recorded are never given, of a link neither."""
    file = _file(tmp_path)
    version = hl.publish(hl.File(file.path, link=link), "big")
    blob = Path(file.path) if link else session.payloads.store.path(str(version.digest))
    blob.chmod(0o600)
    blob.write_bytes(b"0123456780")
    with pytest.raises(PayloadDamaged):
        hl.open("big")
    session.pulls.flush()
    assert [e.kind for e in session.executions()] == ["publish"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7, r"An int is kept in the record, not as one file\. Pull it"),
        ([pd.DataFrame({"a": [1]})], "A list is kept as several files"),
        ("tree", "A Directory is kept as several files"),
        ("linked tree", "A Directory is kept as several files"),
    ],
)
def test_what_is_no_file_is_refused(tmp_path: Path, value: Any, said: str) -> None:
    """A value in a record, a collection and a directory say what they are; no read is noted."""
    (tmp_path / "tree").mkdir()
    if isinstance(value, str):
        value = hl.Directory(tmp_path / "tree", link="linked" in value)
    hl.publish(value, "thing")
    with pytest.raises(CodecError, match=said):
        hl.open("thing")
