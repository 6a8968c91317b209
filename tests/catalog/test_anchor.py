"""Anchors: a line kept elsewhere tells whether the journal's beginning was changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog.line import frame, parse
from heirloom.catalog.verify import verify
from heirloom.errors import InputError


def test_an_anchor_is_the_hash_of_the_file(make: Any, home: Path) -> None:
    """Any tool can take it: the length, and the SHA-256 of so many bytes."""
    make.emit("sales")
    raw = (home / "journal.jsonl").read_bytes()
    assert verify(home).anchor == f"{len(raw)}:{hashlib.sha256(raw).hexdigest()}"


def test_an_anchor_holds_while_the_journal_grows(make: Any, home: Path) -> None:
    """What was committed after it, and a write under way, change nothing about it."""
    make.emit("sales")
    anchor = verify(home).anchor
    make.emit("sales")
    with (home / "journal.jsonl").open("ab") as file:
        file.write(b'{"c":"')
    report = verify(home, anchor=anchor)
    assert report.ok
    assert report.anchor.partition(":")[0] == str((home / "journal.jsonl").stat().st_size - 6)


def _forge(home: Path) -> None:
    """Another value in the last version, every checksum of it right."""
    raw = (home / "journal.jsonl").read_bytes()
    at = raw.rfind(b"\n", 0, -1) + 1
    line = parse(raw[at:], None, at)
    body = bytes(line.body).replace(b'"ada"', b'"eve"')
    made = frame(line.start, 0, line.op, line.table, line.id, body, before=line.before)
    (home / "journal.jsonl").write_bytes(raw[:at] + made.raw)


def test_a_forged_journal_does_not_hold(make: Any, home: Path) -> None:
    """What no checksum shows, an anchor does."""
    make.emit("sales")
    make.catalog.close()
    anchor = verify(home).anchor
    _forge(home)
    assert verify(home).ok
    report = verify(home, anchor=anchor)
    assert report.problems == [
        f"The journal's first {int(anchor.partition(':')[0]):,} bytes are not those that the "
        "anchor was taken of."
    ]


def test_a_shortened_journal_does_not_hold(make: Any, home: Path) -> None:
    """Whole transactions cut from the end are missed."""
    make.emit("sales")
    before = (home / "journal.jsonl").read_bytes()
    make.emit("sales")
    make.catalog.close()
    anchor = verify(home).anchor
    (home / "journal.jsonl").write_bytes(before)
    (home / "locks/journal.synced").unlink()
    assert verify(home).ok
    assert "the journal has" in verify(home, anchor=anchor).problems[0]


@pytest.mark.parametrize("anchor", ["", "7", "7:ab", "x:" + "a" * 64, "-1:" + "a" * 64])
def test_what_is_no_anchor_is_refused(make: Any, home: Path, anchor: str) -> None:
    """A line that is none says what one looks like."""
    make.emit("sales")
    with pytest.raises(InputError, match="BYTES:SHA256"):
        verify(home, anchor=anchor)


def test_a_damaged_journal_has_no_anchor(make: Any, home: Path) -> None:
    """What cannot be believed is not anchored."""
    make.emit("sales")
    make.catalog.close()
    raw = (home / "journal.jsonl").read_bytes()
    (home / "journal.jsonl").write_bytes(raw.replace(b'"ada"', b'"eve"', 1))
    assert verify(home).anchor == ""
