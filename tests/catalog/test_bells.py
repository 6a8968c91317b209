"""Bells: who waits is woken by a commit at once, and by the next look where the bell fails."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog, bells
from heirloom.catalog import catalog as catalog_module
from heirloom.catalog.bells import Bells
from heirloom.errors import CatalogUnavailable


def _woken(waiting: Catalog, commit: Callable[[], Any]) -> float:
    """Seconds from a commit to the wake-up of a handle that waits for it."""
    position, woken = waiting.position(), list[float]()

    def wait() -> None:
        assert waiting.wait(position, 20) > position
        woken.append(time.monotonic())

    thread = threading.Thread(target=wait)
    thread.start()
    while not list(waiting.home.glob("locks/bells/*")):
        thread.join(0.001)
    committed = time.monotonic()
    commit()
    thread.join()
    return woken[0] - committed


def test_a_commit_wakes_who_waits(
    make: Any, opened: Callable[..., Catalog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With looks ten seconds apart, only the bell can have ended the wait."""
    monkeypatch.setattr(catalog_module, "_POLL", 10)
    waiting = opened()
    assert _woken(waiting, lambda: make.emit("sales")) < 5
    assert _woken(waiting, lambda: make.catalog.db.table("mine").insert({"n": 1})) < 5


@pytest.mark.parametrize("how", ["taken away", "a file", "a link", "full"])
def test_a_bell_that_fails_loses_nothing(
    make: Any, home: Path, opened: Callable[..., Catalog], how: str, tmp_path: Path
) -> None:
    """Whatever becomes of the pipe, the next look finds the commit, and nothing else is hurt."""
    waiting, there = opened(), home / "locks" / "bells"
    waiting.wait(waiting.position(), 0.001)
    (pipe,) = there.iterdir()
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    match how:
        case "full":
            handle = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
            with suppress(BlockingIOError):
                while True:
                    os.write(handle, b"." * 4096)
            os.close(handle)
        case _:
            pipe.unlink()
    if how == "a file":
        os.link(other, pipe)
    elif how == "a link":
        pipe.symlink_to(other)
    position = waiting.position()
    make.emit("sales")
    assert waiting.wait(position, 20) > position
    assert other.read_bytes() == b"precious"


def test_no_pipes_here(
    make: Any, opened: Callable[..., Catalog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system makes no pipes, waiting is looking."""

    def refuse(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "mkfifo", refuse)
    waiting = opened()
    position = waiting.position()
    threading.Timer(0.05, lambda: make.emit("sales")).start()
    assert waiting.wait(position, 20) > position


def test_bells_of_the_killed_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that nobody has read for long is taken away; a fresh one may be about to be read."""
    os.mkfifo(tmp_path / "left")
    ringing = Bells(tmp_path)
    ringing.ring()
    assert (tmp_path / "left").exists()
    monkeypatch.setattr(bells, "_FOR_NOTHING", -1)
    ringing.ring()
    assert not (tmp_path / "left").exists()


def test_a_bell_that_cannot_be_opened_is_taken_away(
    catalog: Catalog, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no descriptor is left, a handle that waits leaves no pipe at every look."""
    real = os.open

    def refuse(path: Any, flags: int, *more: Any) -> int:
        if flags & os.O_RDWR and Path(path).parent.name == "bells":
            raise OSError(24, "Too many open files")
        return real(path, flags, *more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        catalog._archive.bells.listen(0.001)
        assert list((home / "locks" / "bells").iterdir()) == []
    catalog._archive.bells.listen(0.001)
    assert len(list((home / "locks" / "bells").iterdir())) == 1


def test_a_closed_handle_leaves_no_bell(catalog: Catalog, home: Path) -> None:
    """The pipe goes with its handle."""
    catalog.wait(catalog.position(), 0.001)
    assert len(os.listdir(home / "locks" / "bells")) == 1
    catalog.close()
    assert os.listdir(home / "locks" / "bells") == []


def test_a_forked_child_leaves_its_parents_bell(catalog: Catalog, home: Path) -> None:
    """A child that closes its handle takes nothing of its parent's away."""
    catalog.wait(catalog.position(), 0.001)
    child = os.fork()
    if child == 0:
        catalog.wait(catalog.position(), 0.001)
        both = len(os.listdir(home / "locks" / "bells"))
        catalog.close()
        os._exit(0 if both == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(os.listdir(home / "locks" / "bells")) == 1


def test_closing_wakes_who_waits(
    opened: Callable[..., Catalog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handle that is closed while another thread waits on it ends that wait, with an error."""
    monkeypatch.setattr(catalog_module, "_POLL", 10)
    waiting, ended = opened(), list[str]()

    def wait() -> None:
        try:
            waiting.wait(waiting.position(), 20)
        except CatalogUnavailable as error:
            ended.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    while not list(waiting.home.glob("locks/bells/*")):
        thread.join(0.001)
    began = time.monotonic()
    waiting.close()
    thread.join()
    assert time.monotonic() - began < 5
    assert "closed" in ended[0]


def test_closing_while_the_pipe_is_made(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handle that is closed before its pipe can be rung does not wait for it."""
    bells, made = catalog._archive.bells, os.mkfifo
    closing = threading.Thread(target=bells.close)

    def make_and_close(path: Path, mode: int) -> None:
        made(path, mode)
        closing.start()
        closing.join(0.2)  # it waits for who listens

    monkeypatch.setattr(os, "mkfifo", make_and_close)
    began = time.monotonic()
    bells.listen(10)
    closing.join()
    assert time.monotonic() - began < 5


def test_two_threads_wait_on_one_handle(make: Any, opened: Callable[..., Catalog]) -> None:
    """One of them has the pipe, the other looks; both see the commit."""
    waiting, seen = opened(), list[int]()
    position = waiting.position()
    threads = [
        threading.Thread(target=lambda: seen.append(waiting.wait(position, 20))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    make.emit("sales")
    for thread in threads:
        thread.join()
    assert len(seen) == 2
    assert min(seen) > position
