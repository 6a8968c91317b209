"""Power cuts: every state that the disk may be in opens, and has all that was acknowledged."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from disk_trace import Op, Recorder
from powercut import State, states
from system import Stopped, observed
from workload import STEPS, told

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogUnavailable

_BOOT_READERS = ("heirloom.catalog.ending", "heirloom.catalog.syncer", "heirloom.catalog.synced")
_ACCIDENTS = {
    "emit and fire": "dies in its write",
    "insert many": "is not synced",
    "update": "is not synced",
    "emit many": "loses its index",
    "remove": "fails to sync",
    "empty": "dies in its write",
}


class _Script:
    """Takes every step of the workload, with accidents, under a recorder."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.recorder = Recorder(root)
        self.after: list[Any] = []
        with observed(self.recorder):
            self.catalog = Catalog(self.home)
            self.after.append(told(self.catalog))
            for number, name in enumerate(STEPS, 1):
                self._note("begin", number)
                if self._take(name, _ACCIDENTS.get(name, "")):
                    self._note("told", number)
                self.after.append(told(self.catalog))
                self.recorder.trace.append(Op("index", data=_index(self.home)))
            self.catalog.close()

    def _note(self, kind: str, number: int) -> None:
        self.recorder.trace.append(Op(kind, at=number))

    def _take(self, name: str, accident: str) -> bool:
        """Take the step; whether the user was told that it is kept."""
        match accident:
            case "dies in its write":
                self.recorder.stops_in = 700
                with pytest.raises(Stopped):
                    STEPS[name](self.catalog)
                self._connect()
            case "is not synced":
                other = Catalog(self.home, sync="none")
                STEPS[name](other)
                other.close()
                return False
            case "loses its index":
                (self.home / "index.sqlite").unlink()
                self._connect()
            case "fails to sync":
                self.recorder.fails = True
                with pytest.raises(CatalogUnavailable, match="unknown"):
                    STEPS[name](self.catalog)
                self._connect()
                return False
        STEPS[name](self.catalog)
        return True

    def _connect(self) -> None:
        self.catalog.close()
        self.catalog = Catalog(self.home)


def _index(home: Path) -> bytes:
    """The index as it would be if all that SQLite wrote were on the disk."""
    with closing(sqlite3.connect(home / "index.sqlite")) as db:
        return bytes(db.serialize())


def _check(state: State, after: list[Any], root: Path) -> None:
    """All that was acknowledged is there, nothing is there by half, and the next writer works."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    state.lay(root)
    catalog = Catalog(root / "home")
    try:
        assert told(catalog) in after[state.told : state.begun + 1]
        catalog.db.table("afterwards").insert({"cut": state.cut})
        assert catalog.db.table("afterwards").all() == [{"cut": state.cut}]
    finally:
        catalog.close()
    assert verify(root / "home").ok


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_every_state_after_a_power_cut(
    tmp_path: Path,
    room: Path,
    monkeypatch: pytest.MonkeyPatch,
    deep: bool,
    count: Callable[..., None],
) -> None:
    """Whatever part of the unsynced writes is on the disk, what was acknowledged is, and opens."""
    (tmp_path / "run").mkdir()
    script = _Script(tmp_path / "run")
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what is laid out here need not last
    for module in _BOOT_READERS:
        monkeypatch.setattr(f"{module}.boot_id", lambda: "next")
    opened = 0
    for seed in range(4 if deep else 1):
        for state in states(script.recorder.trace, seed, each=40 if deep else 4):
            _check(state, script.after, room / "state")
            opened += 1
    assert opened >= (10_000 if deep else 300)
    count(states=opened, steps=len(STEPS), calls=len(script.recorder.trace))
