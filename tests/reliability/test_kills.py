"""A process that is killed at any call, or inside its write, leaves all or nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from system import Counter, Killer, Observer, observed
from workload import STEPS, told

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify

pytestmark = [pytest.mark.process, pytest.mark.deep, pytest.mark.timeout(900)]

_Look = Any
_Action = Callable[[Catalog | None, Path], object]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process wrote is in the system's memory, synced or not."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[_Look]]:
    """The home before each step and after the last, and what it says there."""
    live, homes = tmp_path_factory.mktemp("script") / "home", list[Path]()
    with closing(Catalog(live)) as catalog:
        looks = [told(catalog)]
        for name in (*STEPS, ""):
            homes.append(shutil.copytree(live, live.with_name(f"before {name}")))
            if name:
                STEPS[name](catalog)
                looks.append(told(catalog))
    return homes, looks


def _step(name: str) -> _Action:
    return lambda catalog, _: catalog is not None and STEPS[name](catalog)


def _killed(home: Path, action: _Action, observer: Observer, *, connected: bool) -> bool:
    """Do `action` in a process that dies of `observer`; whether it was acknowledged before."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            catalog = Catalog(home) if connected else None
            with observed(observer):
                action(catalog, home)
                os.close(writing) if os.write(writing, b"!") else None
                with closing(catalog or Catalog(home)) as look:
                    told(look)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
        finally:
            os._exit(1)
    os.close(writing)
    acknowledged = os.read(reading, 1) == b"!"
    os.close(reading)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    return acknowledged


def _calls(home: Path, action: _Action, *, connected: bool) -> list[tuple[str, int]]:
    """The calls of the action, in order, with the size of each write."""
    counter = Counter()
    catalog = Catalog(home) if connected else None
    with observed(counter):
        action(catalog, home)
        os.write(1, b"")  # where the child says that it was told
        with closing(catalog or Catalog(home)) as look:
            told(look)
    return counter.calls


def _check(home: Path, before: _Look, after: _Look, *, acknowledged: bool, other: Any) -> None:
    """All or nothing; a handle that was open all along sees it too, and writes on."""
    with closing(Catalog(home)) as fresh:
        found = told(fresh)
    assert found == after or (found == before and not acknowledged)
    if other is not None:
        assert told(other) == found
    with closing(other or Catalog(home)) as writer:
        writer.db.table("next").insert({"a": 1})
        assert told(writer) == found | {"next": [(1, {"a": 1})]}
    assert verify(home).ok


def test_killed_at_every_call(room: Path, script: Any, count: Callable[..., None]) -> None:
    """At every call that any operation makes, a death leaves all of it or nothing."""
    homes, looks = script
    points = 0
    for number, name in enumerate(STEPS):
        action = _step(name)
        calls = _calls(shutil.copytree(homes[number], room / "count"), action, connected=True)
        for at in range(len(calls)):
            home = shutil.copytree(homes[number], room / f"{number}-{at}")
            other = Catalog(home)
            acknowledged = _killed(home, action, Killer(at), connected=True)
            _check(home, *looks[number : number + 2], acknowledged=acknowledged, other=other)
            shutil.rmtree(home)
            points += 1
        shutil.rmtree(room / "count")
    assert points >= 200
    count(points=points, operations=len(STEPS))


def _prepared(home: Path, how: str) -> None:
    """What the killed process finds when it opens the home."""
    journal = home / "journal.jsonl"
    match how:
        case "no home":
            shutil.rmtree(home)
        case "no index":
            (home / "index.sqlite").unlink()
        case "a write that was cut off":
            with journal.open("ab") as file:
                file.write(b'{"c":"0')
        case "no mark":
            (home / "locks/journal.synced").unlink()
        case "only a line feed is missing":
            journal.write_bytes(journal.read_bytes()[:-1])
            (home / "locks/journal.synced").unlink()


_FOUND = ["no home", "no index", "a write that was cut off", "no mark"]


@pytest.mark.parametrize("how", [*_FOUND, "only a line feed is missing"])
def test_killed_while_opening(
    room: Path, script: Any, how: str, count: Callable[..., None]
) -> None:
    """Nor does a death matter while a home is made, mended, marked or its index made anew."""
    homes, looks = script
    expected = looks[0] if how == "no home" else looks[-1]

    def action(_: Catalog | None, home: Path) -> None:
        with closing(Catalog(home)) as catalog:
            catalog.db.table("brief").insert({"a": 1})
            catalog.db.drop_table("brief")

    def copied(to: str) -> Path:
        home = shutil.copytree(homes[-1], room / to)
        _prepared(home, how)
        return home

    points = _calls(copied("count"), action, connected=False)
    for at in range(len(points)):
        home = copied(f"{at}")
        _killed(home, action, Killer(at), connected=False)
        with closing(Catalog(home)) as catalog:
            found = told(catalog)
            assert found.pop("brief", []) in ([], [(1, {"a": 1})])
            assert found == expected
            catalog.db.table("next").insert({"a": 1})
        assert verify(home).ok
        shutil.rmtree(home)
    count(points=len(points))


@pytest.mark.parametrize("name", ["emit", "emit and fire", "insert many", "drop"])
def test_killed_inside_the_write(
    room: Path, script: Any, name: str, deep: bool, count: Callable[..., None]
) -> None:
    """A death at any byte of a transaction's one write leaves nothing of it; the next stands."""
    homes, looks = script
    number = list(STEPS).index(name)
    before, after = looks[number : number + 2]
    counted = shutil.copytree(homes[number], room / "count")
    calls = _calls(counted, _step(name), connected=True)
    at, size = next((at, size) for at, (call, size) in enumerate(calls) if call == "pwrite")
    killed = range(1, size, 1 if deep else 41)
    for part in killed:
        home = shutil.copytree(homes[number], room / f"{part}")
        assert not _killed(home, _step(name), Killer(at, part), connected=True)
        _check(home, before, after, acknowledged=False, other=None)
        shutil.rmtree(home)
    whole, base = (counted / "journal.jsonl").read_bytes(), homes[number]
    start = (base / "journal.jsonl").stat().st_size
    cuts = range(1, size + 1, 1 if deep or size < 1000 else 5)
    for part in cuts:
        home = shutil.copytree(base, room / f"{part}")
        (home / "journal.jsonl").write_bytes(whole[: start + part])
        with closing(Catalog(home)) as catalog:
            assert told(catalog) == (after if part >= size - 1 else before), part
            catalog.db.table("next").insert({"a": 1})
        shutil.rmtree(home)
    count(killed=len(killed), cuts=len(cuts), bytes=size)
