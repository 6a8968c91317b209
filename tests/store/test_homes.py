"""The copy of a home that lies in S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec

from heirloom.store.homes import copied_home


def test_a_journal_in_s3_is_copied_and_then_followed(s3: Any, tmp_path: Path) -> None:
    """A first copy is whole; what was added later is appended to it, whole again."""
    system = fsspec.filesystem("s3", use_listings_cache=False)
    whole = b"".join(b"%d\n" % number for number in range(5000))
    system.pipe_file("s3://payloads/home/journal.jsonl", whole[:9000])
    place = copied_home("s3://payloads/home", tmp_path)
    assert (place / "journal.jsonl").read_bytes() == whole[:9000]
    system.pipe_file("s3://payloads/home/journal.jsonl", whole)
    assert copied_home("s3://payloads/home/", tmp_path) == place
    assert (place / "journal.jsonl").read_bytes() == whole
    assert [path.name for path in place.iterdir()] == ["journal.jsonl"]
