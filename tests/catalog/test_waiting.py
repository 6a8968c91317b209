"""Making the index anew says how far it is, to whoever waits for longer than a second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from heirloom import waiting
from heirloom.catalog import Catalog, follower
from heirloom.waiting import Progress

_LOG = logging.getLogger("heirloom.progress")


@pytest.fixture
def shown() -> Iterator[None]:
    """Progress is shown, and afterwards no more."""
    before = _LOG.level, _LOG.propagate, list(_LOG.handlers)
    waiting.show()
    waiting.show()
    yield
    _LOG.level, _LOG.propagate, _LOG.handlers = before


def _rebuilt(home: Path, opened: Callable[..., Catalog]) -> None:
    for path in home.glob("index.sqlite*"):
        path.unlink()
    opened()


@pytest.mark.usefixtures("shown")
def test_a_long_rebuild_shows_one_line(
    make: Any, home: Path, opened: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """The line is written over as the journal is read, and ends with what it took."""
    make.catalog.db.table("mine").insert_multiple([{"n": n} for n in range(20)])
    monkeypatch.setattr(waiting, "_PATIENCE", 0.0)
    monkeypatch.setattr(waiting, "_EVERY", 0.0)
    monkeypatch.setattr(follower, "_STRIDE", 5)
    _rebuilt(home, opened)
    said = capsys.readouterr()
    lines = [line.strip() for line in said.err.replace("\n", "").split("\r") if line]
    shares = [int(line.split(": ")[1].removesuffix(" %")) for line in lines[:-1]]
    assert len(shares) >= 4
    assert shares == sorted(set(shares))
    assert lines[-1] == "Making the catalog's index anew: 0 s"
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.usefixtures("shown")
def test_a_short_one_shows_nothing(make: Any, home: Path, opened: Any, capsys: Any) -> None:
    """What takes less than a second is not worth a word."""
    make.emit("sales")
    _rebuilt(home, opened)
    assert capsys.readouterr().err == ""


def test_the_library_prints_nothing(
    make: Any, home: Path, opened: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Where neither the command line nor the extension asks for it, it is logged at most."""
    make.emit("sales")
    log = logging.getLogger("heirloom.progress")  # an earlier test may have had it shown
    monkeypatch.setattr(log, "handlers", [])
    monkeypatch.setattr(log, "propagate", True)
    monkeypatch.setattr(waiting, "_PATIENCE", 0.0)
    _rebuilt(home, opened)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_who_waits_for_another_process_is_told(
    make: Any, home: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process makes the index, waiting has no end of its own, and says why."""
    make.emit("sales")
    told, lock = threading.Event(), make.catalog._archive.home.rebuilding
    monkeypatch.setattr(waiting, "_PATIENCE", 0.0)
    monkeypatch.setattr(Progress, "tell", lambda self, done=0: told.set())
    index = home / "index.sqlite"
    with lock(index, lambda: None):
        index.unlink()
        thread = threading.Thread(target=opened)
        thread.start()
        assert told.wait(20)
        assert thread.is_alive()
    thread.join()
    assert index.exists()
