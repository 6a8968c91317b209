"""Homes that can only be looked into: without rights to write, and copied into a bucket."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest

import heirloom as hl
from heirloom import opening
from heirloom.errors import CatalogUnavailable, StoreError
from heirloom.store.bucket import Bucket


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """A home with a frame, a card and a directory in it, closed."""
    home = hl.connect(tmp_path / "home").home
    hl.publish(pd.DataFrame({"n": [1, 2]}), "frame[region=emea]", "# Card")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text("a")
    hl.publish(hl.Directory(tree), "tree")
    opening.reset()
    yield home
    for path in (home, *home.rglob("*")):
        path.chmod(0o700)


def _stop_writing(home: Path) -> None:
    """As root rights hide nothing, so that what is there afterwards is compared as well."""
    for path in sorted(home.rglob("*"), reverse=True):
        path.chmod(0o500 if path.is_dir() else 0o400)
    home.chmod(0o500)


def _state(home: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in home.rglob("*")}


def _look() -> None:
    assert hl.pull_frame("frame")["n"].tolist() == [1, 2]
    assert str(hl.get("frame[region=emea]").card) == "# Card"
    assert (Path(hl.pull("tree").path) / "a.txt").read_text() == "a"
    assert [version.name for version in hl.search("card")] == ["frame"]
    assert hl.lineage("frame").nodes


def test_a_home_without_rights_to_write_is_read(kept: Path) -> None:
    """Every look works, the index is made in the user's cache, and nothing is written there."""
    for left in kept.glob("index.sqlite*"):
        left.unlink()
    _stop_writing(kept)
    before = _state(kept)
    hl.connect(kept, read_only=True)
    _look()
    opening.reset()
    assert _state(kept) == before
    caches = list(Path(os.environ["XDG_CACHE_HOME"]).rglob("index.sqlite"))
    assert len(caches) == 1


def test_a_look_writes_nothing_and_says_so(kept: Path) -> None:
    """Publishing into a home that is only looked into is one clear line."""
    hl.connect(kept, read_only=True)
    with pytest.raises(CatalogUnavailable, match="only looks"):
        hl.publish(1, "one")


# ------------------------------------------------------------------ in a bucket


@pytest.fixture
def bucket() -> Iterator[str]:
    """An empty place in memory."""
    yield "memory://homes/team"
    fsspec.filesystem("memory").rm("/homes", recursive=True)


def _upload(home: Path, url: str) -> None:
    system = fsspec.filesystem("memory")
    for path in home.rglob("*"):
        if path.is_file() and (path.name == "journal.jsonl" or "store" in path.parts):
            system.pipe_file(f"{url}/{path.relative_to(home).as_posix()}", path.read_bytes())


def test_a_home_in_a_bucket_is_read(kept: Path, bucket: str) -> None:
    """Records, payloads, search and lineage answer as the home that was copied there."""
    _upload(kept, bucket)
    kept.rename(kept.parent / "gone")
    looking = hl.connect(f"{bucket}/", read_only=True)
    _look()
    assert looking.home != kept
    (kept.parent / "gone").rename(kept)


def test_it_can_be_the_home_of_the_environment(
    kept: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``HEIRLOOM_HOME`` may be its URL."""
    _upload(kept, bucket)
    monkeypatch.setenv("HEIRLOOM_HOME", bucket)
    hl.connect(read_only=True)
    _look()


def test_only_what_was_added_is_moved(
    kept: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next connect asks for the journal's tail, and sees what is new."""
    _upload(kept, bucket)
    hl.connect(bucket, read_only=True)
    opening.reset()
    hl.connect(kept)
    for number in range(30):
        hl.publish(number, "more", "x" * 1000)
    opening.reset()
    before = fsspec.filesystem("memory").size(f"{bucket}/journal.jsonl")
    _upload(kept, bucket)
    moved: list[tuple[int, int]] = []
    real = Bucket.part

    def part(self: Any, url: str, start: int, end: int) -> bytes:
        moved.append((start, end))
        return real(self, url, start, end)

    monkeypatch.setattr(Bucket, "part", part)
    hl.connect(bucket, read_only=True)
    assert hl.get("more").version == 30
    assert sum(end - start for start, end in moved if start < before) <= 2 * 4096
    moved.clear()
    hl.connect(bucket, read_only=True)
    assert sum(end - start for start, end in moved) <= 2 * 4096


def test_another_journal_in_its_place_is_copied_whole(
    kept: Path, bucket: str, tmp_path: Path
) -> None:
    """A home that was redacted, or is another, is not glued to the copy of the one before."""
    _upload(kept, bucket)
    hl.connect(bucket, read_only=True)
    opening.reset()
    other = hl.connect(tmp_path / "other").home
    for number in range(50):
        hl.publish(number, "other", "x" * 500)
    opening.reset()
    _upload(other, bucket)
    hl.connect(bucket, read_only=True)
    assert [version.name for version in hl.search("", limit=1)] == ["other"]
    assert hl.search("").total == 50


@pytest.mark.parametrize(
    ("url", "read_only", "error", "says"),
    [
        ("memory://homes/team", False, CatalogUnavailable, "only read.*read_only=True"),
        ("memory://homes/nowhere", True, CatalogUnavailable, "There is no catalog to read"),
        ("ftp://host/home", True, StoreError, "'ftp' is no place"),
        ("s3://key:secret@bucket/home", True, StoreError, "carries credentials"),
    ],
)
def test_what_is_no_home_to_read(
    url: str, read_only: bool, error: type[Exception], says: str, tmp_path: Path
) -> None:
    """One line says what is wrong, and the session before stays."""
    before = hl.connect(tmp_path / "home")
    with pytest.raises(error, match=says) as refused:
        hl.connect(url, read_only=read_only)
    assert "\n" not in str(refused.value)
    assert hl.current() is before
