"""Where stores may be, what files may be called, what is linked."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import fsspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError
from heirloom.store import Link, LocalStore, follow, inspect, open_store, safe_name


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "https://example.org/x",
        "simplecache::http://example.org",
        "simplecache::s3://bucket",
        "dir::file:///etc",
        "zip:///a.zip",
        "github://org:repo@main/",
        "reference://x",
        "file://server/share",
        "s3://key:secret@bucket/x",
    ],
)
def test_places_that_are_never_opened(url: str) -> None:
    """Chained, wrapping, web and credential-carrying URLs are refused before anything is opened."""
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_a_near_scheme_is_named() -> None:
    """A mistyped scheme gets the nearest one."""
    with pytest.raises(StoreError, match=r"'memry' is no place.*Did you mean 'memory'"):
        open_store("memry://x")


def test_local_addresses(tmp_path: Path) -> None:
    """A path and its file URL are the same store."""
    place = tmp_path / "a store"
    by_path, by_url = open_store(str(place)), open_store(place.as_uri())
    digest = by_path.put_bytes(b"x").digest
    assert by_path.location == by_url.location == str(place)
    assert by_url.get_bytes(digest) == b"x"
    assert by_url.url(digest).startswith("file:///")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("data.csv", "data.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.xlsx", "report.xlsx"),
        ("..", "payload"),
        ("", "payload"),
        (".bashrc", "bashrc"),
        ("a\nb\x00c", "a_b_c"),
        ("con.txt", "_con.txt"),
        ("dir/", "dir"),
        ("x\u202egnp.exe", "x_gnp.exe"),
        ("e\u0301.txt", "é.txt"),
        ("n" * 300 + ".tar.gz", "n" * 193 + ".tar.gz"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    """A name keeps what people recognise it by and loses what a system could trip over."""
    assert safe_name(name) == safe


@given(st.text())
def test_any_text_becomes_one_name(text: str) -> None:
    """Whatever the text, the name is one path part, short, not hidden, and stays itself."""
    name = safe_name(text)
    assert Path("/desk", name).parent == Path("/desk")
    assert os.path.normpath(f"/desk/{name}") == f"/desk/{name}"
    assert 0 < len(name.encode()) <= 200
    assert not name.startswith(".")
    assert safe_name(name) == name


def test_directories_with_links_are_refused(tmp_path: Path) -> None:
    """A symbolic link or a pipe in a directory is named, and nothing is stored."""
    store = LocalStore(tmp_path / "store")
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "link").symlink_to("/etc/passwd")
    with pytest.raises(StoreError, match="'sub/link' is a symbolic link"):
        store.put_directory(tree)
    (tree / "sub" / "link").unlink()
    os.mkfifo(tree / "pipe")
    with pytest.raises(StoreError, match="'pipe' is neither a file nor a directory"):
        store.put_directory(tree)
    with pytest.raises(StoreError, match="No directory at"):
        store.put_directory(tmp_path / "none")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "path", ["../up", "/etc/x", "a/../../b", "a//b", "", ".", "a\\..\\b", "a\tb"]
)
def test_manifests_that_lead_elsewhere(tmp_path: Path, path: str) -> None:
    """A forged manifest writes nothing outside the directory it is laid out in."""
    store = LocalStore(tmp_path / "store")
    member = store.put_bytes(b"x").digest
    line = {"path": path, "size": 1, "x": False, "digest": member}
    forged = b'{"heirloom":"directory","version":1}\n' + orjson.dumps(line) + b"\n"
    digest = store.put_bytes(forged).digest
    with pytest.raises(StoreError, match="not well formed"):
        store.checkout_directory(digest, tmp_path / "desk" / "out")
    assert not (tmp_path / "desk").exists()


def test_a_linked_file(tmp_path: Path) -> None:
    """A linked file is given where it lies for as long as it is what was recorded."""
    file = tmp_path / "big.bin"
    file.write_bytes(b"12345")
    link = inspect(str(file))
    assert (link.url, link.size) == (file.as_uri(), 5)
    assert follow(link) == file
    assert inspect(link.url) == link
    os.utime(file, ns=(1, 1))
    recorded = re.escape(link.etag)
    now = r"5 bytes, changed 1970-01-01T00:00:00\.000000001Z now"
    with pytest.raises(PayloadDamaged, match=rf"recorded: 5 bytes, {recorded} then, {now}"):
        follow(link)
    file.unlink()
    with pytest.raises(PayloadMissing, match="nothing at"):
        follow(link)


def test_a_linked_directory(tmp_path: Path) -> None:
    """A linked directory is changed when anything below it is."""
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "a").write_text("aa")
    link = inspect(str(tree))
    assert link.size == 2
    assert follow(link) == tree
    (tree / "sub" / "b").write_text("")
    with pytest.raises(PayloadDamaged):
        follow(link)


def test_a_link_into_a_bucket(tmp_path: Path) -> None:
    """A linked object is copied into the cache when it is read, and checked before."""
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/links/a.csv", b"a,b")
    link = inspect("memory://links/a.csv")
    assert link.size == 3
    cache = LocalStore(tmp_path)
    assert follow(link, cache).read_bytes() == b"a,b"
    memory.pipe_file("/links/a.csv", b"a,b,c")
    with pytest.raises(PayloadDamaged):
        follow(link, cache)
    with pytest.raises(PayloadMissing):
        follow(Link("memory://links/none", 1, ""), cache)


def test_a_link_into_s3(s3: Any, tmp_path: Path) -> None:
    """An object of the same size with another etag is another; both are named."""
    system = fsspec.filesystem("s3", use_listings_cache=False)
    system.pipe_file("payloads/a.csv", b"a,b")
    link = inspect("s3://payloads/a.csv")
    cache = LocalStore(tmp_path)
    assert follow(link, cache).read_bytes() == b"a,b"
    system.pipe_file("payloads/a.csv", b"c,d")
    with pytest.raises(PayloadDamaged) as changed:
        follow(link, cache)
    then, now = hashlib.md5(b"a,b").hexdigest(), hashlib.md5(b"c,d").hexdigest()
    assert f"3 bytes, etag {then} then, 3 bytes, etag {now} now" in str(changed.value)


def test_a_link_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was copied while the object was replaced is not given."""
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/links/a.csv", b"a,b")
    link = inspect("memory://links/a.csv")
    cat_file = type(memory).cat_file

    def replaced(fs: Any, path: str, **options: Any) -> Any:
        memory.pipe_file("/links/a.csv", b"c,d")
        return cat_file(fs, path, **options)

    monkeypatch.setattr(type(memory), "cat_file", replaced)
    with pytest.raises(PayloadDamaged):
        follow(link, LocalStore(tmp_path))
