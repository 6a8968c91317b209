"""Puts that are killed: at every step, at any moment, between the parts of an upload."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

import heirloom as hl
from heirloom.store import LocalStore
from heirloom.store.bucket import Bucket

pytestmark = [pytest.mark.process]

_STEPS = """
    import os, signal, sys
    import heirloom as hl
    from heirloom import Directory

    home, tree, every = sys.argv[1], sys.argv[2], int(sys.argv[3])
    large = os.urandom(300_000)

    def killing(name, call, last):
        def step(*given, **options):
            last[0] -= 1
            if last[0] == 0:
                if name == "write":
                    call(given[0], bytes(given[1])[: len(given[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **options)
        return step

    def publish(at):
        hl.connect(home)
        last = [at]
        for name in ("open", "write", "fsync", "fchmod", "replace", "mkdir", "close", "utime"):
            setattr(os, name, killing(name, getattr(os, name), last))
        hl.publish(large + str(at).encode(), "bytes")
        with open(f"{tree}/changing", "wb") as file:
            file.write(large + str(at).encode())
        hl.publish(Directory(tree), "tree")
        return last[0] > 0

    at = killed = 0
    while True:
        at += every
        child = os.fork()
        if child == 0:
            os._exit(0 if publish(at) else 1)
        if os.waitpid(child, 0)[1] == 0:
            break
        killed += 1
    print(killed)
"""


def _env(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | more


def _started(script: str, *given: object, **more: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", textwrap.dedent(script), *map(str, given)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=_env(**more))


def _hold(home: Path) -> int:
    """Check that every version has its payload, whole; how many there are."""
    session = hl.connect(home)
    versions = [*hl.search("name=bytes", limit=1000), *hl.search("name=tree", limit=1000)]
    for version in versions:
        store = session.stores.holding(version.payload)
        assert version.digest
        store.verify(version.digest)
        if version.format == "directory":
            for entry in store.entries(version.digest):
                store.verify(entry.digest)
    return len(versions)


def _clean(store: LocalStore) -> None:
    """Check that a sweep leaves whole blobs and nothing else."""
    store.sweep(older_than=0)
    assert list((store.root / "tmp").iterdir()) == []
    for blob in store.root.glob("sha256/*/*/*"):
        store.verify(f"sha256:{blob.name}")


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_killed_at_every_step(tmp_path: Path, deep: bool, count: Callable[..., None]) -> None:
    """Killed at any call that writes, publishing records nothing that is not whole in the store."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in "abc":
        (tree / name).write_text(name * 1000)
    home = tmp_path / "home"
    process = _started(_STEPS, home, tree, 1 if deep else 7)
    said, _ = process.communicate()
    assert process.returncode == 0
    assert int(said) > 5
    count(killed=int(said), versions=_hold(home))
    _clean(LocalStore(home / "store"))


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_killed_at_any_moment(tmp_path: Path, deep: bool, count: Callable[..., None]) -> None:
    """After puts killed at any moment every blob is whole, and a sweep clears the rest."""
    script = """
        import random, sys
        from heirloom.store import open_store
        store = open_store(sys.argv[1])
        print("ready", flush=True)
        while True:
            store.put_bytes(random.randbytes(random.choice([50, 70_000, 3_000_000])))
    """
    rounds = 500 if deep else 8
    for number in range(rounds):
        process = _started(script, tmp_path)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + 0.013 * (number % 16))
        process.kill()
        process.wait()
        process.stdout.close()
        if number % 50 == 49:
            _clean(LocalStore(tmp_path))
    blobs = len(list(tmp_path.glob("sha256/*/*/*")))
    assert blobs
    count(killed=rounds, blobs=blobs)
    _clean(LocalStore(tmp_path))


@pytest.mark.parametrize("moment", ["heirloom-store.json?", "partNumber=3&", "?uploadId="])
def test_killed_between_parts(s3: Any, tmp_path: Path, moment: str) -> None:
    """An upload killed at any request leaves no record, no part of an object, and is repeated."""
    script = """
        import random, sys
        import heirloom as hl
        from heirloom.store import bucket
        bucket._UPLOADS["s3"] = {"chunksize": 5 << 20, "max_concurrency": 1}
        hl.connect(sys.argv[1], store="s3://payloads/pre")
        hl.publish(random.Random(0).randbytes(12 << 20), "bytes")
    """
    home, cache = tmp_path / "home", str(tmp_path / "cache")

    def kill(environ: Any) -> None:
        if moment in f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}":
            process.kill()

    process = _started(script, home, XDG_CACHE_HOME=cache)
    s3.fault = kill
    process.communicate()
    assert process.returncode == -9
    s3.fault = None
    assert _hold(home) == 0
    _whole()
    again = _started(script, home, XDG_CACHE_HOME=cache)
    again.communicate()
    assert again.returncode == 0
    assert _hold(home) == 1
    _whole()
    assert not fsspec.filesystem("s3").list_multipart_uploads("payloads")  # swept


def _whole() -> None:
    bucket = Bucket("s3")
    for name in bucket.names("s3://payloads/pre"):
        if name.startswith("sha256"):
            assert bucket.size(f"s3://payloads/pre/{name}") == 12 << 20
